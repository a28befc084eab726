"""What the sections of an account cost where the history is thirty years long, beside an ordinary one of two years.

    python -m bench.history [--accounts 20000] [--times 60] [--keep DIR]

Makes a region of that many accounts and imports it; one account more has 360 months of two lines, 1,500 payments and 360
readings. A user who is connected to it and to an ordinary one opens every section of both in turn, inside the Flask test
client. Prints the server's time (of its processor, SQLite's work included, and by the clock, which other loads of the machine
stretch), the ratio to the ordinary account's, SQL statements and bytes. The aim is a median under 50 ms of the processor and
under 30 KB of HTML each; exits 1 where one is missed.
"""

import argparse
import gzip
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from bench.people import newcomer
from mygas import clock, create_app
from mygas.domain import signing_in
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import (
    Account,
    AccountCard,
    Act,
    Charge,
    Connection,
    Contract,
    Meter,
    MeterCard,
    Payment,
    Reading,
    Registry,
)
from mygas.settings import from_environment
from tests.e2e.portal import ROOT, command, environment

SUPPLIER = "perm"
NUMBER = "99999999"
FIRST_YEAR, YEARS, PAYMENTS = 1996, 30, 1500
AIM_MS, AIM_BYTES = 50.0, 30_000
PAGES = (
    "", "settlements", "settlements?year=2001", "settlements?before=199703", "settlements/199603", "settlements/202512",
    "settlements.csv", "payments", "payments?year=2001", "readings", "readings?year=2001", "subscriber", "contracts", "acts",
)  # fmt: skip


@dataclass
class Cost:
    """Of one page: medians of the processor's and the clock's milliseconds, SQL statements, bytes plain and packed."""

    cpu_ms: float
    clock_ms: float
    statements: int
    size: int
    packed: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=60, help="that each page is opened")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave as it is")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mygas-history-") as scratch:
        folder = Path(asked.keep or scratch)
        _import_region(folder, asked.accounts)
        app = create_app(from_environment(environment(folder, 0, MYGAS_REQUESTS="1000000 per minute")))
        missed = _measure(app, asked.times)
    sys.exit(1 if missed else 0)


def _import_region(folder: Path, accounts: int) -> None:
    """Into a fresh database, by the portal's own commands; a kept folder is used as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "mygas.db").exists():
        return
    registry = str(folder / "registry")
    for words in (
        ("db", "upgrade"),
        ("demo-data", registry, "--supplier", SUPPLIER, "--accounts", str(accounts)),
        ("import", registry, "--supplier", SUPPLIER),
    ):
        subprocess.run(command(*words), cwd=ROOT, env=environment(folder, 0), check=True, capture_output=True)


def _measure(app: Flask, times: int) -> int:
    """Print a line a page; the number of pages that missed an aim."""
    with app.app_context(), unit_of_work():
        long = db.session.scalar(db.select(Account.id).filter_by(number=NUMBER)) or _long_history()
        other = db.session.scalars(
            db.select(Account.id).filter(Account.number != NUMBER).order_by(Account.number).offset(7)
        ).first()
        key, homes = _sign_in(app, long, other)
    client = app.test_client()
    client.set_cookie("sid", key)
    client.set_cookie("c", app.extensions["statics"]["app.css"].tag)  # a browser that has the stylesheet already
    missed = 0
    print(f"{'page':28} {'cpu, ms':>8} {'clock, ms':>9} {'ratio':>6} {'SQL':>4} {'bytes':>7} {'gzip':>6}")
    for page in PAGES:
        cost, plain = _cost(app, client, homes[0] + page, times), _cost(app, client, homes[1] + page.partition("/")[0], times)
        bad = cost.cpu_ms >= AIM_MS or (cost.size >= AIM_BYTES and not page.endswith(".csv"))
        missed += bad
        print(f"{page or 'home':28} {cost.cpu_ms:8.1f} {cost.clock_ms:9.1f} {cost.cpu_ms / plain.cpu_ms:6.2f} {cost.statements:4}"
              f" {cost.size:7,} {cost.packed:6,}{'  MISSED' if bad else ''}")  # fmt: skip
    return missed


def _cost(app: Flask, client: FlaskClient, address: str, times: int) -> Cost:
    with _counted(app) as statements:
        answer = client.get(address)
        body = answer.get_data()
        assert answer.status_code == 200, (address, answer.status_code)
    cpu, clocked = [], []
    for _ in range(times):
        begun = time.process_time(), time.perf_counter()
        client.get(address).get_data()
        cpu.append(time.process_time() - begun[0])
        clocked.append(time.perf_counter() - begun[1])
    return Cost(median(cpu) * 1000, median(clocked) * 1000, len(statements), len(body), len(gzip.compress(body)))


@contextmanager
def _counted(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    yield seen
    event.remove(engine, "before_cursor_execute", count)


def _sign_in(app: Flask, *account_ids: int | None) -> tuple[str, list[str]]:
    """A user with the extended version of these accounts; his session's key, and the first page of each account."""
    now = clock.now()
    visitor = Visitor("127.0.0.1", "bench", app.extensions["entry_rules"])
    user = newcomer(visitor, f"{now:%Y%m%d%H%M%S%f}@example.ru")
    tied = [
        Connection(user_id=user.id, account_id=account_id, supplier=SUPPLIER, slot=slot, access="extended", created_at=now)
        for slot, account_id in enumerate(account_ids, 1)
    ]
    db.session.add_all(tied)
    db.session.flush()
    return signing_in.begin_session(user, visitor), [f"/accounts/{one.ref}/" for one in tied]


def _long_history() -> int:
    """Put the account of thirty years into a registry of its own; its id."""
    now = clock.now()
    registry = Registry(supplier=SUPPLIER, digest="0" * 64, state="complete", rows={}, started_at=now, completed_at=now)
    account = Account(supplier=SUPPLIER, number=NUMBER)
    db.session.add_all([registry, account])
    db.session.flush()
    meter = Meter(account_id=account.id, serial="00001996")
    db.session.add(meter)
    db.session.flush()
    own: dict[str, Any] = {"account_id": account.id, "registry_id": registry.id}
    metered: dict[str, Any] = {"meter_id": meter.id, "registry_id": registry.id}
    _papers(own, metered)
    months = [(FIRST_YEAR + at // 12, at % 12 + 1) for at in range(YEARS * 12)]
    for at, (year, month) in enumerate(months):
        _charge(own, year, month, at)
        db.session.add(Reading(**metered, taken_on=date(year, month, 20), value_milli=at * 47_300, source="subscriber"))
    span = (date(*months[-1], 28) - date(FIRST_YEAR, 1, 1)).days
    for at in range(PAYMENTS):
        paid_on = date(FIRST_YEAR, 1, 1) + timedelta(at * span // PAYMENTS)
        db.session.add(
            Payment(**own, number=f"{paid_on:%Y%m}-{at:06d}", paid_on=paid_on, sum_kop=17_000 + at, source="Почта России")
        )
    return int(account.id)


def _charge(own: dict[str, Any], year: int, month: int, at: int) -> None:
    row: Callable[..., Charge] = lambda **other: Charge(**own, period=year * 100 + month, volume_milli=47_300, **other)  # noqa: E731
    db.session.add(row(line=1, service="Газоснабжение природным газом", method="meter", price_kop=769_000 + at, sum_kop=36_374))
    db.session.add(
        row(line=2, service="Приготовление пищи", method="norm", price_kop=830_000, sum_kop=39_259, recalculated_kop=-at)
    )


def _papers(own: dict[str, Any], metered: dict[str, Any]) -> None:
    last = FIRST_YEAR + YEARS - 1
    db.session.add_all(
        [
            AccountCard(**own, holder="Иванова Мария Петровна", address="г. Пермь, ул. Ленина, д. 12, кв. 5", area_cm2=543_000,
                        residents=3, equipment="плита ПГ-4", balance_kop=124_530, balance_on=date(last, 12, 31)),
            MeterCard(**metered, model="BK-G4T", digits=5, place="кухня", state="работает", verified_until=date(last + 5, 1, 1)),
            *(Contract(**own, number=f"ТО-{year}", kind="Техническое обслуживание ВДГО", begins_on=date(year, 1, 1),
                       ends_on=date(year + 2, 12, 31), status="действует") for year in range(FIRST_YEAR, last, 3)),
            *(Act(**own, number=f"АП-{year}", kind="Проверка", made_on=date(year, 6, 1), text="Пломбы целы, утечек нет.")
              for year in range(FIRST_YEAR, last)),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
