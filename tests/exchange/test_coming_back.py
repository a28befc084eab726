"""What was sent through the portal comes back in the supplier's own files: verdicts, booked payments, balances by service."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mygas import money
from mygas.domain import visible
from mygas.domain.newest import newest
from mygas.exchange.demo import write_demo
from mygas.exchange.faults import BadRegistry
from mygas.exchange.writing import Tally
from mygas.extensions import db
from mygas.models import Payment, ReadingVerdict, ServiceBalance
from tests.exchange.registry import FILES, SUPPLIER, bring, everything, write, write_only
from tests.exchange.sending import sent
from tests.exchange.test_demo import rows


@pytest.fixture
def account(app: Flask, tmp_path: Path, database_url: str) -> Iterator[int]:
    """The registry of FILES is in; the id of its first account."""
    with app.app_context():
        bring(write(tmp_path / "in"), database_url)
        found = visible.find_account("perm", "59000001")
        assert found is not None
        yield found.id


def told(model: type, account_id: int, *names: str) -> list[tuple[object, ...]]:
    """The visible rows of an account."""
    db.session.rollback()  # a page of its own
    known = newest(model, model.account_id == account_id, key=UNITS[model])
    return sorted(tuple(row) for row in db.session.execute(select(*(known.c[name] for name in names)).where(known.c.age == 1)))


UNITS = {ServiceBalance: ("account_id",), ReadingVerdict: ("number",), Payment: ("number",)}


def test_verdicts_are_of_readings_sent_for_that_account(account: int, tmp_path: Path, database_url: str) -> None:
    first, second = sent(account, 1_300_000), sent(account, 1_400_000, period=202612)
    verdicts = f"account;number;verdict;reason\n59000001;{first};учтено;\n59000001;{second};rejected;пломба сорвана\n"
    report = bring(write_only(tmp_path / "back", verdicts=verdicts), database_url)
    assert report.files == {"verdicts": Tally(new=2)}
    known = told(ReadingVerdict, account, "number", "verdict", "reason")
    assert known == [(first, "accepted", ""), (second, "rejected", "пломба сорвана")]
    later = bring(write_only(tmp_path / "later", verdicts=verdicts.replace("rejected", "accepted")), database_url)
    assert later.files == {"verdicts": Tally(new=0, changed=1, same=1)}
    assert [row[1] for row in told(ReadingVerdict, account, "number", "verdict")] == ["accepted", "accepted"]
    assert len(everything(database_url)["reading_verdict"]) == 2, "superseded rows are deleted"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("59000001;{unknown};учтено;", "строка 2, столбец number: показания с таким номером этот лицевой счёт через портал не"),
        ("59000002;{sent};учтено;", "строка 2, столбец number: показания с таким номером этот лицевой счёт через портал не"),
        ("59000001;{sent};может быть;", "строка 2, столбец verdict: «может быть» — нужно одно из"),
        ("59000001;0;учтено;", "строка 2, столбец number: «0» — не целое число"),
        ("59000001;{sent};;", "строка 2, столбец verdict: не заполнено"),
    ],
)
def test_a_verdict_on_nothing_is_refused(account: int, tmp_path: Path, database_url: str, row: str, reason: str) -> None:
    number = sent(account, 1_300_000)
    row = row.format(sent=number, unknown=number + 1)
    folder = write_only(
        tmp_path / "back", verdicts=f"account;number;verdict;reason\n{row}\n", payments=FILES["payments"].replace("387", "388")
    )
    before = everything(database_url)
    with pytest.raises(BadRegistry) as bad:
        bring(folder, database_url)
    assert [str(fault) for fault in bad.value.faults if reason in str(fault)], bad.value.faults
    assert everything(database_url) == before


def test_a_booked_payment_tells_the_portals_number(account: int, tmp_path: Path, database_url: str) -> None:
    head, first, second = FILES["payments"].splitlines()
    payments = f"{head};portal_number\n{first};0042\n{second};\n59000001;П-2;01.11.2026;10,00;Портал;7\n"
    report = bring(write_only(tmp_path / "back", payments=payments), database_url)
    assert report.files == {"payments": Tally(new=1, changed=1, same=1)}
    assert told(Payment, account, "number", "portal_number") == [("П-1", "42"), ("П-2", "7")]
    with pytest.raises(BadRegistry, match="portal_number"):
        bring(write_only(tmp_path / "bad", payments=payments.replace("0042", "№ 42")), database_url)


def test_balances_of_an_account_come_all_at_once(account: int, tmp_path: Path, database_url: str) -> None:
    balances = "account;service;balance\n59000001;Газ;1000,00\n59000001;Пеня;234,56\n59000002;Газ;-10\n"
    totals = "file;rows;sum\nbalances;3;1224,56\n"
    bring(write_only(tmp_path / "one", balances=balances, totals=totals), database_url)
    assert told(ServiceBalance, account, "service", "balance_kop") == [("Газ", 100_000), ("Пеня", 23_456)]
    report = bring(write_only(tmp_path / "two", balances="account;service;balance\n59000001;Газ;1234,56\n"), database_url)
    assert report.files == {"balances": Tally(new=0, changed=1)}
    assert told(ServiceBalance, account, "service", "balance_kop") == [("Газ", 123_456)], "who names one names all"
    assert len(everything(database_url)["service_balance"]) == 2


def test_balances_by_service_make_up_the_balance(tmp_path: Path) -> None:
    write_demo(tmp_path, SUPPLIER, 200, 7, today=date(2026, 11, 21), progress=lambda _done, _of: None)
    owed = {row["account"]: money.parse(row["balance"]) for row in rows(tmp_path, "accounts")}
    services: dict[str, dict[str, int]] = {}
    for row in rows(tmp_path, "balances"):
        services.setdefault(row["account"], {})[row["service"]] = money.parse(row["balance"])
    assert {number: sum(parts.values()) for number, parts in services.items()} == owed
    assert {tuple(parts) for parts in services.values()} == {SUPPLIER.billing.services}
    maintenance = [parts[SUPPLIER.billing.services[-1]] for parts in services.values()]
    assert any(maintenance) and not all(maintenance) and min(maintenance) == 0


def test_one_service_needs_no_balances_apart(tmp_path: Path) -> None:
    alone = replace(SUPPLIER, billing=replace(SUPPLIER.billing, services=SUPPLIER.billing.services[:1]))
    write_demo(tmp_path, alone, 5, 7, today=date(2026, 11, 21), progress=lambda _done, _of: None)
    assert not (tmp_path / "balances.csv").exists() and "balances" not in (tmp_path / "totals.csv").read_text()
