"""Cells into values, column by column.

Each column remembers the cells it has met, so a date or a price that repeats is parsed once, and a batch costs a few calls
instead of a few per cell. Only when a batch fails is it gone through row by row, to say what is wrong with which.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import repeat
from typing import Any

from mygas.exchange.columns import REQUIRED, Column, File, Parse
from mygas.exchange.faults import Findings, Unfit, wrong_width
from mygas.exchange.reading import Batch
from mygas.exchange.staging import REMEMBERED, Accounts, Staged
from mygas.words import N_

Seal = Callable[[str, str], bytes]
"""(account number, folded PIN) to the keyed hash that is kept of it."""


class _Memory(dict[str, Any]):
    """Cells met so far with what they mean."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: str) -> Any:
        value = self[cell] = self._parse(cell.strip())
        return value


class Turner:
    """Turns the batches of one file, whose header puts the columns at `places`, into rows for its stage."""

    def __init__(self, file: File, places: Mapping[str, int], accounts: Accounts, *, today: date, seal: Seal) -> None:
        self._file, self._places, self._accounts, self._seal = file, places, accounts, seal
        self._ordinal: Parse = accounts.enrol if file.enrols else accounts.__getitem__
        self._memories = {column.name: _Memory(_strict(column, today)) for column in file.columns}

    def turned(self, batch: Batch, findings: Findings) -> list[Staged]:
        """The rows of the batch that are right; what is wrong with the others goes to the findings."""
        try:
            staged = list(self._by_columns(batch))
        except ValueError:
            staged = [row for row in self._by_rows(batch, findings) if row]
        for memory in self._memories.values():
            if len(memory) > REMEMBERED:
                memory.clear()
        return staged

    def _by_columns(self, batch: Batch) -> Iterable[Staged]:
        """The happy path. Raises ValueError without saying where."""
        cells = batch.columns(len(self._places))
        typed = cells[self._places["account"]]
        ordinals = list(map(self._ordinal, typed))
        fields = [self._field(column, cells, len(typed)) for column in self._file.columns]
        if self._file.sealed:
            fields = [list(map(self._sealed, typed, fields[0]))]
        return zip(range(batch.line, batch.line + len(typed)), ordinals, *fields, strict=True)

    def _field(self, column: Column, cells: Sequence[Sequence[str]], count: int) -> Iterable[Any]:
        place = self._places.get(column.name)
        if place is None:
            return repeat(column.default, count)
        if column.plain and (values := column.plain(cells[place])) is not None:
            return values
        return list(map(self._memories[column.name].__getitem__, cells[place]))

    def _by_rows(self, batch: Batch, findings: Findings) -> Iterable[Staged | None]:
        """The slow path: a finding for each wrong cell, None for its row."""
        names = list(self._places)
        for line, row in enumerate(batch.rows(), batch.line):
            if len(row) == len(names):
                yield self._row(line, dict(zip(names, row, strict=True)), findings)
            else:
                findings.add(self._file.file_name, line, *wrong_width(row, names))

    def _row(self, line: int, cells: Mapping[str, str], findings: Findings) -> Staged | None:
        before = findings.total
        values: dict[str, Any] = {}
        for name, cell in cells.items():
            try:
                values[name] = self._ordinal(cell) if name == "account" else self._memories[name][cell]
            except Unfit as unfit:
                findings.add(self._file.file_name, line, name, unfit)
        if findings.total > before:
            return None
        fields = [values.get(column.name, column.default) for column in self._file.columns]
        if self._file.sealed:
            fields = [self._sealed(cells["account"], fields[0])]
        return line, values["account"], *fields

    def _sealed(self, typed: str, secret: str) -> bytes:
        return self._seal(typed if typed in self._accounts else self._accounts.canonical(typed), secret)


def _strict(column: Column, today: date) -> Parse:
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
