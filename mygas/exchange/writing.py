"""From the temporary tables into the real ones, in short transactions that other writers hardly notice.

Statements are written once for all files: `Names` fills in the tables and columns. At any time at most one import of a
supplier is `loading`, and what dead or superseded registries left behind is deleted first, so that here every row of the
real tables is a visible one, and there is one row to a key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mygas.exchange.columns import FILES, File
from mygas.exchange.store import Store

CHUNK = 20_000
"""Rows of one transaction: about 10 ms with the disk's part."""

_SAME = """
DELETE FROM {stage} WHERE ordinal > :low AND ordinal <= :high
AND NOT EXISTS (
  SELECT 1 FROM {stage} s WHERE s.ordinal = {stage}.ordinal AND {s_in_unit}
  AND NOT EXISTS (SELECT 1 FROM {known} WHERE a.ordinal = s.ordinal AND {same_key} AND {same_values})
)
AND NOT EXISTS (
  SELECT 1 FROM {known} WHERE a.ordinal = {stage}.ordinal AND {v_in_unit}
  AND NOT EXISTS (SELECT 1 FROM {stage} s WHERE s.ordinal = a.ordinal AND {same_key})
)
"""
_CHANGED = """
SELECT count(*) FROM {stage} s WHERE s.ordinal > :low AND s.ordinal <= :high
AND EXISTS (SELECT 1 FROM {known} WHERE a.ordinal = s.ordinal AND {same_unit})
"""
_ANY_KNOWN = "SELECT 1 FROM {known} LIMIT 1"
_COPY = """
INSERT INTO {table} ({owner}, registry_id, {fields})
SELECT {owner_id}, {registry}, {s_fields} FROM {stage} s JOIN stage_account a ON a.ordinal = s.ordinal {meter}
WHERE s.ordinal > :low AND s.ordinal <= :high
"""
_NEW_ACCOUNTS = """
INSERT INTO account (supplier, number) SELECT CAST(:supplier AS VARCHAR(40)), number FROM stage_account
WHERE account_id IS NULL AND ordinal > :low AND ordinal <= :high ORDER BY ordinal ON CONFLICT DO NOTHING
"""
_ACCOUNT_IDS = """
UPDATE stage_account SET account_id = (
  SELECT id FROM account WHERE supplier = :supplier AND account.number = stage_account.number
) WHERE account_id IS NULL
"""
_NEW_METERS = """
INSERT INTO meter (account_id, serial)
SELECT a.account_id, s.serial FROM stage_meters s JOIN stage_account a ON a.ordinal = s.ordinal
WHERE s.ordinal > :low AND s.ordinal <= :high ORDER BY s.ordinal, s.serial ON CONFLICT DO NOTHING
"""
_SUPERSEDED = """
DELETE FROM {table} WHERE {owned} AND EXISTS (
  SELECT 1 FROM {table} n WHERE n.{owner} = {table}.{owner} AND {newer} AND n.registry_id > {table}.registry_id
  AND n.registry_id IN (SELECT id FROM registry WHERE supplier = :supplier AND state = 'complete')
)
"""
_OF_REGISTRY = "DELETE FROM {table} WHERE {owned} AND registry_id = :registry"
_EMPTY_METERS = """
DELETE FROM meter WHERE account_id > :low AND account_id <= :high
AND EXISTS (SELECT 1 FROM account WHERE id = meter.account_id AND supplier = :supplier)
AND NOT EXISTS (SELECT 1 FROM meter_card WHERE meter_id = meter.id)
"""
# The cast keeps SQLite off the index by supplier, which would lead it through all of his accounts for each stretch of ids.
_EMPTY_ACCOUNTS = """
DELETE FROM account WHERE id > :low AND id <= :high AND CAST(supplier AS VARCHAR(40)) = :supplier
AND NOT EXISTS (SELECT 1 FROM account_card WHERE account_id = account.id)
"""


@dataclass
class Tally:
    """How many rows of a file were new, changed, or the same as known before."""

    new: int
    changed: int = 0
    same: int = 0


class Names(dict[str, str]):
    """What the statements above call the tables and columns of a file.

    Aliases: s staged row, a stage_account, v row of the real table, m meter, n newer row.
    """

    def __init__(self, file: File) -> None:
        fields = [name for name in file.fields if name in file.table.c]
        values = [name for name in fields if name not in file.key]
        known = f"stage_account a JOIN {file.table.name} v ON v.account_id = a.account_id"
        meter = ""
        if file.of_meter:
            meter = "JOIN meter m ON m.account_id = a.account_id AND m.serial = s.serial"
            known = f"stage_account a JOIN meter m ON m.account_id = a.account_id JOIN {file.table.name} v ON v.meter_id = m.id"

        def seen(name: str) -> str:
            return f"m.{name}" if name == "serial" else f"v.{name}"

        owner = "meter_id" if file.of_meter else "account_id"
        own = "account_id > :low AND account_id <= :high"
        super().__init__(
            table=file.table.name,
            stage=f"stage_{file.name}",
            owner=owner,
            owner_id="m.id" if file.of_meter else "a.account_id",
            owned=f"meter_id IN (SELECT id FROM meter WHERE {own})" if file.of_meter else own,  # noqa: S608 - names of ours
            meter=meter,
            known=known,
            registry="CAST(:registry AS INTEGER)",
            fields=", ".join(fields),
            s_fields=", ".join(f"s.{name}" for name in fields),
            s_in_unit=" AND ".join(["1 = 1", *(f"s.{name} = stage_{file.name}.{name}" for name in file.unit)]),
            v_in_unit=" AND ".join(["1 = 1", *(f"{seen(name)} = stage_{file.name}.{name}" for name in file.unit)]),
            same_key=" AND ".join(["1 = 1", *(f"{seen(name)} = s.{name}" for name in file.key)]),
            same_unit=" AND ".join(["1 = 1", *(f"{seen(name)} = s.{name}" for name in file.unit)]),
            same_values=" AND ".join(f"v.{name} IS NOT DISTINCT FROM s.{name}" for name in values),
            newer=" AND ".join(["1 = 1", *(f"n.{name} = {file.table.name}.{name}" for name in file.unit if name != "serial")]),
        )


def compare(file: File, rows: int, accounts: int, store: Store) -> Tally:
    """Take out of the stage what is the same as known before. Reads the real tables, writes only the temporary one."""
    names = Names(file)
    if not rows or not store.run(_ANY_KNOWN.format_map(names)).fetchone():
        return Tally(new=rows)
    tally = Tally(new=0)
    for low, high in _stretches(accounts, rows):
        tally.same += store.run(_SAME.format_map(names), low=low, high=high).rowcount
        tally.changed += store.run(_CHANGED.format_map(names), low=low, high=high).fetchone()[0]
    tally.new = rows - tally.same - tally.changed
    return tally


def write_identities(supplier: str, accounts: int, store: Store) -> None:
    """Give every account and meter of the stage its id. Pages do not see them before they have a card."""
    for low, high in _stretches(accounts, accounts):
        with store.writing():
            store.run(_NEW_ACCOUNTS, supplier=supplier, low=low, high=high)
    store.run(_ACCOUNT_IDS, supplier=supplier)
    for low, high in _stretches(accounts, accounts):
        with store.writing():
            store.run(_NEW_METERS, low=low, high=high)


def copy(store: Store, file: File, registry: int, *, rows: int, accounts: int, written: Callable[[int], None]) -> None:
    """Write what is left in the stage as rows of the loading registry; `written` hears of each chunk's rows."""
    if not rows:
        return
    statement = _COPY.format_map(Names(file))
    for low, high in _stretches(accounts, rows):
        with store.writing():
            count = store.run(statement, registry=registry, low=low, high=high).rowcount
        written(count)


def purge(supplier: str, store: Store, names: tuple[str, ...]) -> None:
    """Delete the rows of these files that a newer registry supersedes."""
    for file in FILES:
        if file.name in names:
            _everywhere(_SUPERSEDED.format_map(Names(file)), supplier, store)


def sweep(supplier: str, registry: int, store: Store) -> None:
    """Delete all that a dead import wrote, the accounts and meters that only it brought included."""
    for file in FILES:
        _everywhere(_OF_REGISTRY.format_map(Names(file)), supplier, store, registry=registry)
    _everywhere(_EMPTY_METERS, supplier, store)
    _everywhere(_EMPTY_ACCOUNTS, supplier, store)


def _everywhere(statement: str, supplier: str, store: Store, **values: Any) -> None:
    """Run it over all the supplier's accounts, five hundred ids at a time."""
    last = store.run("SELECT max(id) FROM account WHERE supplier = :supplier", supplier=supplier).fetchone()[0] or 0
    first = store.run("SELECT min(id) FROM account WHERE supplier = :supplier", supplier=supplier).fetchone()[0] or 0
    for low in range(first - 1, last, 500):
        with store.writing():
            store.run(statement, supplier=supplier, low=low, high=low + 500, **values)


def _stretches(accounts: int, rows: int) -> Iterator[tuple[int, int]]:
    """Stretches of ordinals that hold about CHUNK rows each, if rows are spread evenly."""
    step = max(1, CHUNK * accounts // max(rows, 1))
    return ((low, low + step) for low in range(0, accounts, step))
