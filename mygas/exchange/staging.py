"""Temporary tables, where rows wait until all of the registry has been found right. Nothing is written before that.

`stage_account` numbers the supplier's accounts (`ordinal`: those with an id first); `stage_<file>` holds the rows of a file
as (line in the file, ordinal of the account, fields as its File lists them), one to a key.
"""

from collections.abc import Callable
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table

from mygas.exchange.columns import File
from mygas.exchange.faults import Findings, Unfit
from mygas.exchange.store import Store
from mygas.models import Account, Meter
from mygas.words import N_

Staged = tuple[Any, ...]

REMEMBERED = 50_000
"""Cells remembered at most: memory stays bounded whatever a file holds."""

_ACCOUNTS = Table(
    "stage_account",
    MetaData(),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("number", Account.__table__.c.number.type, nullable=False),
    Column("account_id", BigInteger),
)
_KNOWN = """
INSERT INTO stage_account SELECT row_number() OVER (ORDER BY id), number, id FROM account
WHERE supplier = :supplier AND EXISTS (SELECT 1 FROM account_card WHERE account_id = account.id)
"""
_ORPHANS = """
SELECT s.at_line FROM stage_readings s
WHERE NOT EXISTS (SELECT 1 FROM stage_meters x WHERE x.ordinal = s.ordinal AND x.serial = s.serial)
AND NOT EXISTS (
  SELECT 1 FROM stage_account a JOIN meter m ON m.account_id = a.account_id AND m.serial = s.serial
  JOIN meter_card c ON c.meter_id = m.id WHERE a.ordinal = s.ordinal
) ORDER BY s.at_line
"""
_STRANGERS = """
SELECT s.at_line FROM stage_verdicts s WHERE NOT EXISTS (
  SELECT 1 FROM stage_account a JOIN sent_reading r ON r.account_id = a.account_id WHERE a.ordinal = s.ordinal AND r.id = s.number
) ORDER BY s.at_line
"""


class Accounts(dict[str, int]):
    """Every known account number of the supplier with its ordinal: about 120 MB for a million accounts.

    Known are those with a card and those that this registry brings one of. Asked for an unknown number, it raises Unfit.
    """

    def __init__(self, store: Store, supplier: str, canonical: Callable[[str], str]) -> None:
        super().__init__()
        self._canonical = canonical
        store.create(_ACCOUNTS)
        store.run(_KNOWN, supplier=supplier)
        for number, ordinal in store.run("SELECT number, ordinal FROM stage_account ORDER BY ordinal"):
            self[number] = ordinal
        self._stored = len(self)
        self._otherwise_spelt: dict[str, int] = {}

    def __missing__(self, typed: str) -> int:
        known = self._otherwise_spelt.get(typed) or self.get(self.canonical(typed))
        if known is None:
            raise Unfit(N_("лицевого счёта «%(number)s» нет ни в accounts.csv, ни среди загруженных раньше"), number=typed[:40])
        if len(self._otherwise_spelt) >= REMEMBERED:
            self._otherwise_spelt.clear()
        self._otherwise_spelt[typed] = known
        return known

    def enrol(self, typed: str) -> int:
        """The ordinal of an account of accounts.csv, a new one if need be."""
        number = self.canonical(typed)
        return self.setdefault(number, len(self) + 1)

    def canonical(self, typed: str) -> str:
        """Raises Unfit when it is not a number of this supplier."""
        try:
            return self._canonical(typed)
        except ValueError:
            raise Unfit(N_("«%(number)s» — не номер лицевого счёта этого поставщика"), number=typed[:40]) from None

    def store_new(self, store: Store) -> None:
        """Put the newly enrolled into `stage_account`, as yet without an id."""
        store.fill(_ACCOUNTS, ((ordinal, number, None) for number, ordinal in islice(self.items(), self._stored, None)))
        store.know(_ACCOUNTS)


class Stage:
    """The rows of one file on trial. `rows` counts them, `summed` adds up the field that totals.csv speaks of."""

    def __init__(self, file: File, store: Store, findings: Findings) -> None:
        self.file = file
        self.rows = 0
        self.summed = 0
        self._store, self._findings = store, findings
        self._table = _stage_table(file)
        self._summed_at = 2 + file.fields.index(file.summed) if file.summed else None
        store.create(self._table)

    def add(self, staged: list[Staged]) -> None:
        """Take rows in; those whose key has been there before go to the findings instead."""
        try:
            self._store.fill(self._table, staged)
        except self._store.integrity_error():
            self._add_one_by_one(staged)
        self.rows += len(staged)
        if self._summed_at is not None:
            self.summed += sum(row[self._summed_at] for row in staged)

    def close(self) -> None:
        """All rows are in."""
        self._store.know(self._table)

    def _add_one_by_one(self, staged: list[Staged]) -> None:
        key = ("ordinal", *self.file.key)
        places = [1, *(2 + self.file.fields.index(name) for name in self.file.key)]
        names = ["account", *(column.name for column in self.file.columns if column.field in self.file.key)]
        met = f"SELECT at_line FROM {self._table.name} WHERE " + " AND ".join(f"{field} = :{field}" for field in key)  # noqa: S608
        for row in staged:
            found = self._store.run(met, **dict(zip(key, (row[place] for place in places), strict=True))).fetchone()
            if found is None:
                self._store.fill(self._table, [row])
            if found is None or found[0] == row[0]:
                continue
            unfit = Unfit(N_("повторяет строку %(line)s: одинаковы %(names)s"), line=found[0], names=", ".join(names))
            self._findings.add(self.file.file_name, row[0], names[-1], unfit)


def find_orphans(stages: dict[str, Stage], store: Store, findings: Findings) -> None:
    """Readings must be of meters that have a card, here or from before; verdicts of readings sent for that very account."""
    meterless = Unfit(N_("у этого лицевого счёта нет прибора с таким номером ни в meters.csv, ни среди загруженных раньше"))
    unsent = Unfit(N_("показания с таким номером этот лицевой счёт через портал не передавал"))
    for name, query, column, unfit in (
        ("readings", _ORPHANS, "serial", meterless),
        ("verdicts", _STRANGERS, "number", unsent),
    ):
        for (line,) in store.run(query):
            findings.add(stages[name].file.file_name, line, column, unfit)


def _stage_table(file: File) -> Table:
    serial = {"serial": Meter.__table__.c.serial}
    columns = {name: serial[name] if name in serial else file.table.c[name] for name in file.fields}
    return Table(
        f"stage_{file.name}",
        MetaData(),
        Column("at_line", Integer, nullable=False),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        *(
            Column(name, column.type, primary_key=name in file.key, autoincrement=False, nullable=column.nullable)
            for name, column in columns.items()
        ),
        sqlite_with_rowid=False,
    )
