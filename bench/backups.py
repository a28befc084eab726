"""A backup while payments are being written, brought back elsewhere, compared (promises.md T22); beside a plain copy of the file.

    python -m bench.backups [--accounts 36000] [--rounds 5] [--rate 200] [--keep DIR]

Makes a region of that many accounts and imports it. While another process commits so many payments a second (an order and its
entries in the ledger in one transaction each), a backup is made; it is rehearsed, restored into an empty folder, and compared:
every payment that was committed before the backup began is there, none is there by halves, every table has the rows of the
copy. In each round the database's file is also just copied and read again, as the bare baseline. Prints times, their ratios to
that, and what the writer waited. Exits 1 when something is missing or differs, or a restore takes over 60 s for 250 MB.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, text

from bench.history import SUPPLIER
from mygas import clock, create_app
from mygas.domain import ledger
from mygas.domain.work import unit_of_work
from mygas.extensions import Model, db, lone_engine
from mygas.keeping import backup, databases, files, restoring
from mygas.models import Account, Order, User
from mygas.models.types import new_ref
from mygas.settings import Settings, from_environment
from tests.e2e.portal import ROOT, command, environment

SECONDS_FOR_250_MB = 60.0
ANEW = {"sign_in", "operator_sign_in", "draft", "confirmation", "outbox", "restoration", "audit"}
"""Tables that a restore changes, on purpose."""


@dataclass
class Round:
    """Seconds: the plain copy, the backup, the rehearsal, the restore; the writer's waits before and meanwhile; what differs."""

    plain: float
    backup: float
    rehearsal: float
    restore: float
    before: list[float]
    meanwhile: list[float]
    faults: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=36_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=200, help="payments a second")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave as it is")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mygas-backups-") as scratch:
        folder = Path(asked.keep or scratch)
        settings = from_environment(environment(folder, 0, MYGAS_TRAINING="off"))
        _region(folder, asked.accounts)
        _sealed_files(settings)
        rounds = [_round(settings, folder, number, asked.rate) for number in range(asked.rounds)]
        size = databases.size(settings.database_url) / 1024 / 1024
    sys.exit(_tell(rounds, size, asked.rate))


def _region(folder: Path, accounts: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "mygas.db").exists():
        return
    registry = str(folder / "registry")
    made = ("demo-data", registry, "--supplier", SUPPLIER, "--accounts", str(accounts))
    for words in (("db", "upgrade"), made, ("import", registry, "--supplier", SUPPLIER)):
        subprocess.run(command(*words), cwd=ROOT, env=environment(folder, 0), check=True, capture_output=True)


def _sealed_files(settings: Settings) -> None:
    """Two hundred of half a megabyte, as photographs are."""
    vault = create_app(settings).extensions["gateways"].vault
    for _ in range(200 - len(vault.refs())):
        vault.put(new_ref(), os.urandom(500_000))


def _round(settings: Settings, folder: Path, number: int, rate: int) -> Round:
    elsewhere = replace(settings, data_dir=files.private_folder(folder / f"elsewhere-{number}"))
    elsewhere = replace(elsewhere, database_url=f"sqlite:///{elsewhere.data_dir / 'mygas.db'}")
    with _writing(settings, rate) as (committed, waits):
        time.sleep(3)
        before = waits()
        plain = _timed(lambda: _plain_copy(settings, folder))
        at_least = committed()
        waits()
        started = time.perf_counter()
        made = backup.make(settings, folder / "backups", portal="bench")
        took, at_most = time.perf_counter() - started, committed() + 1
        meanwhile = waits()

        def over(url: str) -> Any:
            return create_app(replace(elsewhere, database_url=url))

        path, one = restoring.sound(made.path, "sqlite")
        rehearsal = _timed(lambda: restoring.rehearse(elsewhere, path, one, over))
        restore = _timed(lambda: restoring.restore(elsewhere, *restoring.sound(made.path, "sqlite"), over))
    faults = [*one.violations, *_differences(made.path / one.database, elsewhere, at_least, at_most)]
    return Round(plain, took, rehearsal, restore, before, meanwhile, faults)


def _plain_copy(settings: Settings, folder: Path) -> None:
    """What `cp`, `sync` and `sha256sum` would do: no check, and the journal left behind."""
    target = folder / "plain.db"
    target.unlink(missing_ok=True)
    files.copied(databases.sqlite_file(settings.database_url), target)
    files.digest(target)


def _differences(copy: Path, elsewhere: Settings, at_least: int, at_most: int) -> Iterator[str]:
    """Of the restored database from the copy, and of both from what was committed."""
    ours, theirs = lone_engine(f"sqlite:///{copy}"), lone_engine(elsewhere.database_url)
    with theirs.connect() as connection:
        orders = connection.scalar(text("SELECT count(*) FROM pay_order")) or 0
    if not at_least <= orders <= at_most:
        yield f"{orders} payments are there, and {at_least} to {at_most} were committed"
    for table in Model.metadata.sorted_tables:
        if table.name not in ANEW and _digest(ours, table.name) != _digest(theirs, table.name):
            yield f"the rows of {table.name} differ"
    with create_app(elsewhere).app_context():
        yield from ledger.invariants()
        db.engine.dispose()
    databases.look_through(databases.sqlite_file(elsewhere.database_url))
    ours.dispose()
    theirs.dispose()


def _digest(engine: Engine, table: str) -> str:
    told = sha256()
    with engine.connect() as connection:
        for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - a name of our own schema
            told.update(repr(tuple(row)).encode())
    return told.hexdigest()


@contextmanager
def _writing(settings: Settings, rate: int) -> Iterator[tuple[Callable[[], int], Callable[[], list[float]]]]:
    """Another process that commits payments: how many so far in all rounds, and its waits since they were last asked for."""
    context = multiprocessing.get_context("spawn")
    over, committed, waits = context.Event(), context.Value("q", 0), context.Queue()
    writer = context.Process(target=_write, args=(settings, rate, over, committed, waits))
    writer.start()

    def drained() -> list[float]:
        found = []
        while not waits.empty():
            found.append(waits.get())
        return found

    try:
        while not committed.value:
            assert writer.is_alive(), "the writer died"
            time.sleep(0.05)
        yield lambda: int(committed.value), drained
    finally:
        over.set()
        while writer.is_alive():
            drained()
            writer.join(0.1)


def _write(settings: Settings, rate: int, over: Event, committed: Any, waits: Any) -> None:
    """A payment each time that one is due, late or not."""
    with create_app(settings).app_context():
        with unit_of_work():
            user = db.session.scalars(db.select(User)).first() or User(
                login="payer@example.ru", channel="email", password_hash=new_ref(), created_at=clock.now()
            )
            db.session.add(user)
            account_id = db.session.scalars(db.select(Account.id).limit(1)).one()
        committed.value = db.session.scalar(db.select(db.func.count()).select_from(Order)) or 0
        db.session.rollback()
        begun, number = time.monotonic(), 0
        while not over.is_set():
            due = begun + number / rate
            time.sleep(max(due - time.monotonic(), 0))
            started = time.perf_counter()
            with unit_of_work():
                _pay(user.id, account_id)
            waits.put(time.perf_counter() - started)
            committed.value += 1
            number += 1


def _pay(user_id: int, account_id: int) -> None:
    now = clock.now()
    order = Order(
        supplier=SUPPLIER, account_id=account_id, user_id=user_id, amount_kop=12_345, commission_kop=55, state="succeeded",
        request_key=new_ref(), request_hash="x", acquirer="fake", acquirer_key=new_ref(), created_at=now, updated_at=now,
    )  # fmt: skip
    db.session.add(order)
    db.session.flush()
    ledger.credit(order)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tell(rounds: list[Round], size: float, rate: int) -> int:
    plain = median(one.plain for one in rounds)
    print(f"database {size:.0f} MB, 200 sealed files of 0.5 MB, {rate} payments a second, {len(rounds)} rounds, medians:")
    for name in ("plain", "backup", "rehearsal", "restore"):
        took = median(getattr(one, name) for one in rounds)
        print(f"  {name:10} {took:7.2f} s   {took / plain:5.1f} of a plain copy of the database's file")
    for name in ("before", "meanwhile"):
        waits = sorted(wait * 1000 for one in rounds for wait in getattr(one, name))
        p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
        print(f"  a payment {name:9} p50 {p50:.1f}, p99 {p99:.1f}, max {waits[-1]:.0f} ms")
    faults = [fault for one in rounds for fault in one.faults]
    slowest = max(one.restore for one in rounds) * 250 / max(size, 250)
    print(f"  slowest restore {slowest:.1f} s for 250 MB; differences: {faults or 'none'}")
    return 1 if faults or slowest > SECONDS_FOR_250_MB else 0


if __name__ == "__main__":
    main()
