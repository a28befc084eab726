"""Rows on trial: every file is read into a temporary table of its own and checked there, before anything is written.

A batch is turned column by column: each column has a memory of the values met, so a date or a price that repeats is parsed
once. Only when a batch fails is it gone through row by row, to say what is wrong with which.
"""

from collections.abc import Callable, Iterable
from itertools import islice, repeat
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table

from mygas.exchange.columns import REQUIRED, File, Parse
from mygas.exchange.faults import Findings, Unfit
from mygas.exchange.reading import Batch, Rows
from mygas.exchange.store import Store
from mygas.models import Account, Meter
from mygas.words import N_

FORGET_AFTER = 50_000
"""Cells remembered by a column before it starts afresh: memory stays bounded whatever the file holds."""

Seal = Callable[[str, str], bytes]
"""(account number, folded PIN) to the keyed hash that is kept of it."""

_ACCOUNTS = Table(
    "stage_account",
    MetaData(),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("number", Account.__table__.c.number.type, nullable=False),
    Column("account_id", BigInteger),
    prefixes=["TEMPORARY"],
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
        if len(self._otherwise_spelt) >= FORGET_AFTER:
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


class _Memory(dict[str, Any]):
    """Cells met so far with what they mean."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: str) -> Any:
        value = self[cell] = self._parse(cell.strip())
        return value


class Trial:
    """The rows of one file in `stage_<name>`: (line in the file, ordinal of the account, fields as the File lists them)."""

    def __init__(self, file: File, today: Any, accounts: Accounts, seal: Seal, store: Store, findings: Findings) -> None:
        self.file = file
        self.rows = 0
        self.summed = 0
        self._accounts, self._seal, self._store, self._findings = accounts, seal, store, findings
        self._ordinal: Parse = accounts.enrol if file.name == "accounts" else accounts.__getitem__
        self._memories = [_Memory(_checked(column, today)) for column in file.columns]
        self.table = _stage_table(file)
        store.create(self.table)

    def add(self, batch: Batch, places: dict[str, int]) -> None:
        """Check a batch and stage what is right in it; the rest goes to the findings."""
        width = len(places)
        try:
            columns = list(zip(*batch.rows, strict=True))
            if len(columns) != width:
                raise Unfit(N_("не столько полей"))
            staged = list(self._turned(batch, columns, places))
        except ValueError:
            staged = self._explained(batch, places)
        try:
            self._store.fill(self.table, staged)
        except self._store.integrity_error():
            self._without_repeats(staged)
        self.rows += len(batch.rows)
        if self.file.summed:
            at = 2 + self.file.fields.index(self.file.summed)
            self.summed += sum(row[at] for row in staged)
        for memory in self._memories:
            if len(memory) > FORGET_AFTER:
                memory.clear()

    def _turned(self, batch: Batch, columns: list[Any], places: dict[str, int]) -> Iterable[tuple[Any, ...]]:
        """The happy path: whole columns at once. Raises Unfit without saying where."""
        typed = columns[places["account"]]
        fields: list[Iterable[Any]] = []
        for column, memory in zip(self.file.columns, self._memories, strict=True):
            place = places.get(column.name)
            fields.append(repeat(column.default) if place is None else list(map(memory.__getitem__, columns[place])))
        if self.file.name == "pins":
            fields = [list(map(self._seal, map(self._accounts.canonical, typed), fields[0]))]
        lines = range(batch.line, batch.line + len(batch.rows))
        return zip(lines, list(map(self._ordinal, typed)), *fields)  # noqa: B905 - `repeat` has no end

    def _explained(self, batch: Batch, places: dict[str, int]) -> list[tuple[Any, ...]]:
        """The slow path: the right rows of the batch, and a finding for each wrong cell."""
        right = []
        for line, row in enumerate(batch.rows, batch.line):
            if len(row) != len(places):
                unfit = Unfit(N_("полей %(found)s, а столбцов %(wanted)s"), found=len(row), wanted=len(places))
                name = list(places)[min(len(row), len(places) - 1)]
                self._findings.add(self.file.file_name, line, name, unfit)
            elif (turned := self._turned_row(line, row, places)) is not None:
                right.append(turned)
        return right

    def _turned_row(self, line: int, row: list[str], places: dict[str, int]) -> tuple[Any, ...] | None:
        before = self._findings.total
        parsers = {"account": self._ordinal} | {
            column.name: memory.__getitem__ for column, memory in zip(self.file.columns, self._memories, strict=True)
        }
        values = {}
        for name, place in places.items():
            try:
                values[name] = parsers[name](row[place])
            except Unfit as unfit:
                self._findings.add(self.file.file_name, line, name, unfit)
        if self._findings.total > before:
            return None
        if self.file.name == "pins":
            values["pin"] = self._seal(self._accounts.canonical(row[places["account"]]), values["pin"])
        return line, values["account"], *(values.get(column.name, column.default) for column in self.file.columns)

    def _without_repeats(self, staged: list[tuple[Any, ...]]) -> None:
        """Stage row by row, with a finding for each whose key has been there before."""
        places = [0, *(1 + self.file.fields.index(name) for name in self.file.key)]
        names = ["account", *(self.file.columns[place - 1].name for place in places[1:])]
        condition = " AND ".join(f"{field} = :{field}" for field in ("ordinal", *self.file.key))
        for row in staged:
            key = {field: row[1 + place] for field, place in zip(("ordinal", *self.file.key), places, strict=True)}
            found = self._store.run(f"SELECT at_line FROM {self.table.name} WHERE {condition}", **key).fetchone()  # noqa: S608
            if found is None:
                self._store.fill(self.table, [row])
                continue
            unfit = Unfit(N_("повторяет строку %(line)s: одинаковы %(names)s"), line=found[0], names=", ".join(names))
            self._findings.add(self.file.file_name, row[0], names[-1], unfit)


def find_orphans(trials: dict[str, Trial], store: Store, findings: Findings) -> None:
    """Readings must be of meters that have a card, here or from before."""
    unfit = Unfit(N_("у этого лицевого счёта нет прибора с таким номером ни в meters.csv, ни среди загруженных раньше"))
    for (line,) in store.run(_ORPHANS):
        findings.add(trials["readings"].file.file_name, line, "serial", unfit)


def _checked(column: Any, today: Any) -> Parse:
    """The column's parser with its rules on empty cells and on what lies in the future."""
    latest = column.latest(today) if column.latest else None

    def parse(text: str) -> Any:
        if not text:
            if column.default is REQUIRED:
                raise Unfit(N_("не заполнено"))
            return column.default
        value = column.parse(text)
        if latest is not None and value > latest:
            raise Unfit(N_("«%(text)s» ещё не наступило"), text=text[:40])
        return value

    return parse


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
        prefixes=["TEMPORARY"],
        sqlite_with_rowid=False,
    )
