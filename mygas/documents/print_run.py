"""One PDF file of very many receipts: little memory, and nothing drawn twice after a kill.

Papers become packed pages in numbered files of a work folder, each of which appears whole or not at all. `finish` joins them
into one file that holds the fonts once. It is for paper, so it has no tags.
"""

import os
import shutil
import struct
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from mygas.documents import receipt
from mygas.documents.figures import month
from mygas.documents.sheet import engine
from mygas.money import NBSP
from mygas.papers import ReceiptPaper, Variant

CHUNK = 200  # papers in a file: a kill costs at most a few seconds of drawing
_LENGTH = struct.Struct(">I")  # before each page in a file, how many bytes it has


class OtherRun(ValueError):
    """The folder holds a run of another variant, or one begun by another version of the portal."""


class PrintRun:
    """Add the papers in their order, then finish. On a folder of a killed run go on with paper number `done` (from 0)."""

    def __init__(self, folder: Path, variant: Variant) -> None:
        self._folder, self._variant = folder, variant
        self._pages: list[bytes] = []
        self._papers = 0
        self._when = ""
        folder.mkdir(parents=True, exist_ok=True)
        mark, own = folder / "run", f"{variant} {engine().cast().digest}\n"
        if not mark.exists():
            appear(mark, own.encode())
        if mark.read_text() != own:
            raise OtherRun(f"{folder} holds another run: finish it with the version that began it, or remove it")

    @property
    def done(self) -> int:
        """How many papers will not be asked for again."""
        return sum(_head(chunk)[0] for chunk in self._chunks())

    def add(self, paper: ReceiptPaper) -> None:
        if not self._papers:
            self._when = f"{paper.as_of.isoformat()} {paper.period}"
        self._pages += [page.packed for page in receipt.pages(paper, self._variant)]
        self._papers += 1
        if self._papers == CHUNK:
            self._save()

    def finish(self, path: Path) -> int:
        """Write the file, which appears whole or not at all, and clear the folder; the number of pages. ValueError: no papers."""
        if self._papers:
            self._save()
        chunks = self._chunks()
        if not chunks:
            raise ValueError("a run without papers makes no file")
        _, day, period = _head(chunks[0])
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            title = f"Квитанции за газ, {month(period)}".replace(NBSP, " ")
            count = int(engine().write(file, chain.from_iterable(map(_stored, chunks)), title, day))
            _settle(file)
        part.replace(path)
        over = self._folder.with_name(self._folder.name + ".over")
        shutil.rmtree(over, ignore_errors=True)  # what a kill amid an earlier clearing left
        self._folder.rename(over)  # at one stroke: a kill amid the clearing must not leave half a run
        shutil.rmtree(over)
        return count

    def _chunks(self) -> list[Path]:
        return sorted(self._folder.glob("*.pages"))

    def _save(self) -> None:
        head = f"{self._papers} {self._when}\n".encode()
        body = b"".join(_LENGTH.pack(len(page)) + page for page in self._pages)
        appear(self._folder / f"{len(self._chunks()):06d}.pages", head + body)
        self._pages, self._papers = [], 0


def appear(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whatever stops it; what was there before stays until then."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        _settle(file)
    part.replace(path)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _head(chunk: Path) -> tuple[int, date, int]:
    """Of a chunk: how many papers, the day and the period of the first."""
    with chunk.open("rb") as file:
        papers, day, period = file.readline().decode().split()
    return int(papers), date.fromisoformat(day), int(period)


def _stored(chunk: Path) -> Iterator[Callable[[], bytes]]:
    """What reads each page of a chunk."""
    with chunk.open("rb") as file:
        file.readline()
        while head := file.read(_LENGTH.size):
            (length,) = _LENGTH.unpack(head)
            yield partial(_read, chunk, file.tell(), length)
            file.seek(length, os.SEEK_CUR)


def _read(chunk: Path, place: int, length: int) -> bytes:
    with chunk.open("rb") as file:
        file.seek(place)
        return file.read(length)
