"""A table for a spreadsheet as an answer (mygas.spreadsheets)."""

from collections.abc import Iterable, Sequence

from flask import Response, stream_with_context

from mygas.spreadsheets import Cell, lines
from mygas.web import attachments

__all__ = ["Cell", "answer"]


def answer(name: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """A file to save under that Russian name, sent row by row."""
    return attachments.named(Response(stream_with_context(lines(rows)), mimetype="text/csv"), name, "table.csv")
