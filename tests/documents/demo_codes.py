"""Payment codes of receipts of a made-up region: read off the rendered pages, held against the registry's own files.

Nothing of what composes receipts is used to say what is right: the sum is reckoned here, from the rows of the files.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from flask import Flask

from mygas import clock, money
from mygas.domain import receipts
from mygas.exchange.demo import write_demo
from mygas.exchange.importing import import_registry
from mygas.extensions import db, keyring
from mygas.papers import Variant
from mygas.suppliers import Supplier
from tests.documents.reading import codes
from tests.payment_codes import read

MOSTLY = 0.8
PERIODS = {"MMYY": "{1:02d}{2:02d}", "MMYYYY": "{1:02d}{0}", "MM.YYYY": "{1:02d}.{0}"}


@dataclass(frozen=True)
class Books:
    """The files of a registry: kopecks by account, and the months that were charged, as year * 100 + month."""

    balances: dict[str, int]
    charged: dict[str, set[int]]


def live(app: Flask, supplier: Supplier, folder: Path, accounts: int) -> Books:
    """Make a registry up, bring it in, read its files. Call it in the app's context."""
    today = supplier.today()
    write_demo(folder, supplier, accounts, 11, today=today, progress=_silent)
    url = app.extensions["settings"].database_url
    import_registry(folder, supplier, url, pin_mac=keyring.pin_mac, progress=_silent, now=clock.now)
    db.session.rollback()  # what was read before is of before
    books = Books({}, {})
    for row in _rows(folder / "accounts.csv"):
        books.balances[row["account"]] = money.parse(row["balance"])
    for row in _rows(folder / "charges.csv"):
        month, year = row["period"].split(".")
        books.charged.setdefault(row["account"], set()).add(int(year) * 100 + int(month))
    return books


def check(app: Flask, supplier: Supplier, books: Books, count: int, seed: int = 1) -> Iterator[str]:
    """Draw `count` receipts of random accounts, plain and large by turns; what is wrong with its code, or "".

    Of their last months, which have a code; every fifth or so of a past one, which must have none.
    """
    dice = Random(seed)  # noqa: S311 - a sample, not a secret
    ids = {one.paper.number: one.account_id for _, batch in receipts.batches(supplier, max(_months(books))) for one in batch}
    for at, number in enumerate(dice.sample(sorted(ids), count)):
        *past, period = sorted(books.charged[number])
        asks = not past or dice.random() < MOSTLY
        period = period if asks else dice.choice(past)
        [composed] = receipts.compose(supplier, period, [ids[number]])
        variant: Variant = ("a4", "large")[at % 2]
        found = codes(app.extensions["papers"].receipt(composed.paper, variant))
        wanted = [expected(supplier, number, period, books.balances[number])] if asks else []
        told = [read(code) for code in found]
        yield "" if told == wanted else f"{supplier.slug} {number} {period} {variant}: {told}, not {wanted}"


def expected(supplier: Supplier, number: str, period: int, owed: int) -> list[tuple[str, str]]:
    """The fields in their order."""
    year, month = divmod(period, 100)
    names = ["январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"]
    return [
        ("Name", supplier.legal_name),
        ("PersonalAcc", supplier.bank.account),
        ("BankName", supplier.bank.name),
        ("BIC", supplier.bank.bic),
        ("CorrespAcc", supplier.bank.corr_account),
        *([("Sum", str(owed))] if owed > 0 else []),
        ("Purpose", f"Оплата за газ, л/с {number}, {names[month - 1]} {year}"),
        ("PayeeINN", supplier.inn),
        ("KPP", supplier.kpp),
        (supplier.qr.account_key, number),
        ("PaymPeriod", PERIODS[supplier.qr.period_format].format(year, month, year % 100)),
        ("TechCode", "02"),
    ]


def _months(books: Books) -> set[int]:
    return set().union(*books.charged.values())


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def _silent(_done: int, _of: int) -> None:
    """Too few to wait for."""
