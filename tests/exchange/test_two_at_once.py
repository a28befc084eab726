"""One import of a supplier at a time, decided by a lock that dies with its holder."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from mygas.exchange.importing import Report
from mygas.exchange.store import UnderWay, opened
from tests.exchange.registry import SUPPLIER, bring, everything, write


def test_a_second_import_is_turned_away(tmp_path: Path, database_url: str) -> None:
    folder = write(tmp_path / "in")
    with opened(database_url) as other, other.alone("perm"):
        with pytest.raises(UnderWay):
            bring(folder, database_url)
        assert not bring(folder, database_url, replace(SUPPLIER, slug="volga")).already, "other suppliers do not wait"
    assert not bring(folder, database_url).already, "the lock is free again"


def test_of_two_at_the_same_moment_one_loads(tmp_path: Path, database_url: str) -> None:
    folder = write(tmp_path / "in")
    for attempt in range(6):
        supplier = replace(SUPPLIER, slug=f"s{attempt}")
        barrier = Barrier(2)

        def compete(supplier=supplier, barrier=barrier) -> Report | None:
            barrier.wait()
            try:
                return bring(folder, database_url, supplier)
            except UnderWay:
                return None

        with ThreadPoolExecutor(2) as pool:
            outcomes = [future.result() for future in [pool.submit(compete), pool.submit(compete)]]
        assert sum(report is not None and not report.already for report in outcomes) == 1, outcomes
    rows = everything(database_url)
    assert len(rows["registry"]) == 6 and len(rows["account"]) == len(rows["account_card"]) == 12
