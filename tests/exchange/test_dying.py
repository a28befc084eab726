"""T13: an import killed at any point leaves the old data or the new, never a mix; the next one tidies up after it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from mygas.extensions import lone_engine
from tests.exchange.registry import bring, everything, write_only

ACCOUNTS = 120
POINTS = 10
NEWEST = """
SELECT v, count(*) FROM (
  SELECT {value} AS v, rank() OVER (PARTITION BY {owner} ORDER BY registry_id DESC) AS age
  FROM {table} JOIN registry ON registry.id = registry_id AND registry.state = 'complete'
) newest WHERE age = 1 GROUP BY v
"""


def version(folder: Path, number: int) -> Path:
    """A registry in which every balance, charge and payment tells its version, and each version brings one account more."""
    ids = [f"59{index:06d}" for index in range(ACCOUNTS + number)]
    accounts = "".join(f"{name};x;y;{number};31.10.2026\n" for name in ids)
    charges = "".join(f"{name};{month:02d}.2026;Газ;fixed;{number}\n" for name in ids for month in range(1, 7))
    payments = "".join(f"{name};P;01.10.2026;{number}\n" for name in ids)
    return write_only(
        folder / str(number),
        accounts="account;holder;address;balance;balance_date\n" + accounts,
        meters="account;serial;model\n" + "".join(f"{name};S;v{number}\n" for name in ids),
        charges="account;period;service;method;sum\n" + charges,
        payments="account;number;date;sum\n" + payments,
    )


def seen(url: str) -> set[tuple[str, int, int]]:
    """(what, its version, how many) of the rows that pages may see."""
    found = set()
    engine = lone_engine(url)
    with engine.connect() as connection:
        for table, owner, value in (
            ("account_card", "account_id", "balance_kop / 100"),
            ("charge", "account_id, period", "sum_kop / 100"),
            ("payment", "account_id, number", "sum_kop / 100"),
            ("meter_card", "meter_id", "CAST(substr(model, 2) AS INTEGER)"),
        ):
            rows = connection.execute(text(NEWEST.format(table=table, owner=owner, value=value)))
            found |= {(table, int(value), count) for value, count in rows}
    engine.dispose()
    return found


def whole(number: int) -> set[tuple[str, int, int]]:
    count = ACCOUNTS + number
    return {(table, number, count) for table in ("account_card", "payment", "meter_card")} | {("charge", number, count * 6)}


def die(folder: Path, url: str, point: int | str) -> int:
    """Import in a process that kills itself before its statement number `point`, or before that step; returns how it ended."""
    command = [sys.executable, "-m", "tests.exchange.dying", str(folder), url, str(point)]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode


def statements(folder: Path, url: str) -> int:
    command = [sys.executable, "-m", "tests.exchange.dying", str(folder), url, "0"]
    return int(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)


@pytest.mark.timeout(300)
def test_killed_at_any_point_it_leaves_old_or_new(tmp_path: Path, database_url: str) -> None:
    bring(version(tmp_path, 1), database_url)
    last = statements(version(tmp_path, 2), database_url)
    assert seen(database_url) == whole(2)
    flipped = []
    for number, point in enumerate((1 + (last - 1) * step // (POINTS - 1) for step in range(POINTS)), 3):
        assert die(version(tmp_path, number), database_url, point) == -signal.SIGKILL
        state = seen(database_url)
        assert state in (whole(number - 1), whole(number)), f"a mix after dying at {point} of {last}: {state}"
        flipped.append(state == whole(number))
        bring(version(tmp_path, number), database_url)
        assert seen(database_url) == whole(number)
    assert set(flipped) == {False, True}, "some died before the flip and some after it"
    bring(version(tmp_path, 99), database_url)
    rows = everything(database_url)
    assert len(rows["account_card"]) == len(rows["account"]) == len(rows["meter"]) == ACCOUNTS + 99, "nothing dead is left"
    assert len(rows["charge"]) == (ACCOUNTS + 99) * 6


def test_what_only_a_dead_import_brought_is_swept(tmp_path: Path, database_url: str) -> None:
    bring(version(tmp_path, 1), database_url)
    before = everything(database_url)
    assert die(version(tmp_path, 2), database_url, "_flip") == -signal.SIGKILL
    left = everything(database_url)
    assert {state for _, state, _ in left["registry"]} == {"complete", "loading"}
    assert len(left["account"]) == len(before["account"]) + 1
    nothing_new = write_only(tmp_path / "next", payments="account;number;date;sum\n59000000;P;01.10.2026;1\n")
    assert bring(nothing_new, database_url).files["payments"].same == 1
    assert {**everything(database_url), "registry": 0} == {**before, "registry": 0}


def test_what_a_dead_import_superseded_is_deleted_by_the_next(tmp_path: Path, database_url: str) -> None:
    bring(version(tmp_path, 1), database_url)
    assert die(version(tmp_path, 2), database_url, "_purge") == -signal.SIGKILL
    assert seen(database_url) == whole(2)
    assert len(everything(database_url)["account_card"]) == 2 * ACCOUNTS + 3
    bring(version(tmp_path, 3), database_url)
    assert seen(database_url) == whole(3)
    assert len(everything(database_url)["account_card"]) == ACCOUNTS + 3
