"""A registry comes in: all of it or nothing, seen at once or not at all (docs/decisions/0004-registries-flip.md).

Read and check everything into temporary tables; refuse it with all that is wrong; take out what is known already; write the
rest as rows of a registry in state `loading`, which nobody sees; flip it to `complete` in one statement; delete what it
superseded. Killed at any point, it leaves the old data or the new, and the next import of the supplier tidies up.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from mygas.exchange import reading, staging, totals, writing
from mygas.exchange.columns import FILES, REQUIRED, File
from mygas.exchange.faults import Findings
from mygas.exchange.staging import Accounts, Stage
from mygas.exchange.store import Store, opened
from mygas.exchange.turning import Seal, Turner
from mygas.exchange.writing import Tally
from mygas.extensions import transactions_may_write
from mygas.models import Registry
from mygas.suppliers import Supplier

Progress = Callable[[int, int], None]
"""Hears (done, of how much), in steps of no particular unit."""


@dataclass(frozen=True)
class Report:
    """What an import did. `already` tells that the very same files had been loaded as registry `registry_id` before."""

    registry_id: int
    already: bool = False
    files: dict[str, Tally] = field(default_factory=dict)


def import_registry(
    folder: Path,
    supplier: Supplier,
    database_url: str,
    *,
    pin_mac: Callable[..., bytes],
    progress: Progress,
    now: Callable[[], datetime],
) -> Report:
    """Load the CSV files of `folder` (docs/formats.md). `pin_mac` is Keyring.pin_mac: PINs are kept only as its results.

    Raises BadRegistry when anything at all is wrong, and nothing has changed; UnderWay when another import of the supplier
    is running.
    """
    findings = Findings()
    digest, sources = reading.survey(folder, (*(file.file_name for file in FILES), reading.TOTALS), findings)
    findings.refuse_if_any()
    with opened(database_url) as store, store.alone(supplier.slug):
        if (known := _complete(store, supplier.slug, digest)) is not None:
            return Report(known, already=True)
        _tidy_up(store, supplier.slug, now)
        steps = _Steps(progress, sum(source.size for source in sources))

        def seal(number: str, pin: str) -> bytes:
            return pin_mac("imported", supplier.slug, number, pin)

        accounts = Accounts(store, supplier.slug, supplier.account.canonical)
        today = now().astimezone(supplier.time_zone).date()
        stages = _tried(sources, accounts, store, findings, today=today, seal=seal, steps=steps)
        findings.refuse_if_any()
        tallies = {name: writing.compare(stage.file, stage.rows, len(accounts), store) for name, stage in stages.items()}
        registry = _begin(store, supplier.slug, digest, now())
        _write(store, registry, supplier.slug, tallies, accounts=len(accounts), steps=steps)
        _flip(store, registry, tallies, now())
        _purge(store, supplier.slug, registry, tallies, now)
        return Report(registry, files={name: tally for name, tally in tallies.items() if stages[name].rows})


class _Steps:
    """Progress: reading is the first half of the way, writing the second."""

    def __init__(self, progress: Progress, size: int) -> None:
        self._progress, self._size = progress, size
        self._past = 0

    def read(self, done: int) -> None:
        self._progress(self._past + done, 2 * self._size)

    def file_read(self, size: int) -> None:
        self._past += size

    def written(self, done: int, of: int) -> None:
        self._progress(self._size + self._size * done // max(of, 1), 2 * self._size)


def _tried(
    sources: list[reading.Source],
    accounts: Accounts,
    store: Store,
    findings: Findings,
    *,
    today: date,
    seal: Seal,
    steps: _Steps,
) -> dict[str, Stage]:
    """Every file on trial, accounts first, for the others refer to them."""
    by_name = {source.name: source for source in sources}
    readable = {file.name: _opened(file, by_name[file.file_name], findings) for file in FILES if file.file_name in by_name}
    findings.refuse_if_any()
    stages = {}
    for file in FILES:
        stage = stages[file.name] = Stage(file, store, findings)
        if (source := readable.get(file.name)) is not None:
            turner = Turner(file, source.places, accounts, today=today, seal=seal)
            for batch in reading.batches(source, findings):
                stage.add(turner.turned(batch, findings))
                steps.read(batch.done)
            steps.file_read(source.size)
        stage.close()
        if file.enrols:
            accounts.store_new(store)
    staging.find_orphans(stages, store, findings)
    if reading.TOTALS in by_name and not findings.total:  # or the totals would only repeat what is known to be wrong
        present = {name: stage for name, stage in stages.items() if stage.file.file_name in by_name}
        totals.check(by_name[reading.TOTALS], present, findings)
    return stages


def _opened(file: File, source: reading.Source, findings: Findings) -> reading.Source | None:
    names = ("account", *(column.name for column in file.columns))
    required = frozenset(("account", *(column.name for column in file.columns if column.default is REQUIRED)))
    return reading.opened(source, names, required, findings)


def _write(store: Store, registry: int, supplier: str, tallies: dict[str, Tally], *, accounts: int, steps: _Steps) -> None:
    writing.write_identities(supplier, accounts, store)
    left = {name: tally.new + tally.changed for name, tally in tallies.items()}
    done = 0

    def written(rows: int) -> None:
        nonlocal done
        done += rows
        steps.written(done, sum(left.values()))

    for file in FILES:
        writing.copy(store, file, registry, rows=left[file.name], accounts=accounts, written=written)


def _complete(store: Store, supplier: str, digest: str) -> int | None:
    wanted = Registry.supplier == supplier, Registry.digest == digest, Registry.state == "complete"
    with store.engine.connect() as connection:
        return connection.scalar(select(Registry.id).where(*wanted))


def _tidy_up(store: Store, supplier: str, now: Callable[[], datetime]) -> None:
    """Delete what a killed import left: its own rows, or the superseded ones it did not come to delete."""
    with store.engine.connect() as connection:
        dead = connection.scalar(select(Registry.id).where(Registry.supplier == supplier, Registry.state == "loading"))
        unpurged = select(Registry.id).where(
            Registry.supplier == supplier, Registry.state == "complete", Registry.purged_at.is_(None)
        )
        unfinished = connection.scalars(unpurged).all()
    if dead is not None:
        writing.sweep(supplier, dead, store)
        _execute(store, delete(Registry).where(Registry.id == dead))
    if unfinished:
        writing.purge(supplier, store, tuple(file.name for file in FILES))
        _execute(store, update(Registry).where(Registry.id.in_(unfinished)).values(purged_at=now()))


def _begin(store: Store, supplier: str, digest: str, at: datetime) -> int:
    row = insert(Registry).values(supplier=supplier, digest=digest, state="loading", rows={}, started_at=at)
    return int(_execute(store, row).inserted_primary_key[0])


def _flip(store: Store, registry: int, tallies: dict[str, Tally], at: datetime) -> None:
    """The moment at which everybody sees the new registry: one statement, one transaction."""
    rows = {name: tally.new + tally.changed + tally.same for name, tally in tallies.items()}
    _execute(store, update(Registry).where(Registry.id == registry).values(state="complete", completed_at=at, rows=rows))


def _purge(store: Store, supplier: str, registry: int, tallies: dict[str, Tally], now: Callable[[], datetime]) -> None:
    writing.purge(supplier, store, tuple(name for name, tally in tallies.items() if tally.changed))
    _execute(store, update(Registry).where(Registry.id == registry).values(purged_at=now()))


def _execute(store: Store, statement: Any) -> Any:
    with transactions_may_write(), store.engine.begin() as connection:
        return connection.execute(statement)
