"""Tables for a spreadsheet: what a person saves and opens in Excel or LibreOffice. Not for machines: cells are guarded."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from mygas import money
from mygas.money import Kopecks

Cell = str | Kopecks
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a mark by which Excel knows it, semicolons, every cell quoted.

    Integers are kopecks, shown as rubles.
    """
    yield b"\xef\xbb\xbf"
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=";", quoting=csv.QUOTE_ALL).writerow(map(_cell, row))
        yield line.getvalue().encode()


def _cell(value: Cell) -> str:
    return money.plain(value) if isinstance(value, int) else guarded(value)


def guarded(text: str) -> str:
    """The text, kept from being taken for a formula (OWASP, CSV injection; promises.md §2.7)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
