"""Tables for a spreadsheet: what a person saves and opens in Excel or LibreOffice. Not for machines: cells are guarded."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from flask import Response, stream_with_context

from mygas import money
from mygas.money import Kopecks

Cell = str | Kopecks
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def answer(name: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """A file to save under that Russian name (RFC 6266), sent row by row. Integers are kopecks, shown as rubles."""
    response = Response(stream_with_context(lines(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=\"table.csv\"; filename*=UTF-8''{quote(name, safe='')}"
    return response


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file in pieces: UTF-8 with a mark by which Excel knows it, semicolons, every cell quoted."""
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
