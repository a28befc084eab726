"""A folder of CSV files as batches of raw rows: which files, what encoding, what delimiter, what stands in which column."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import TextIOWrapper
from itertools import islice, repeat
from pathlib import Path
from typing import Protocol

from mygas.exchange.faults import Findings, Unfit
from mygas.words import N_

BATCH = 2000
"""Rows at a time: enough to make Python's own cost per call vanish, little enough to stay in the cache."""
TOTALS = "totals.csv"
_BLOCK = 1 << 20
_LONGEST_HEADER = 10_000
_UNDECODED = re.compile("[\udc80-\udcff]")


class Digest(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class Source:
    """One file: how to read it, and where each column stands in it. `size` is in bytes."""

    path: Path
    encoding: str
    size: int
    delimiter: str = ";"
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As files are called everywhere here, in small letters: other systems write CHARGES.CSV."""
        return self.path.name.lower()


@dataclass(frozen=True)
class Batch:
    """Lines as they stand in the file. `line` is the number of the first one; `done` says how many bytes are read so far.

    Where no cell is quoted, which is the rule, cells are cut out for whole columns at once, at half the price of the csv
    module; otherwise `quoted` holds the rows as that module reads them.
    """

    line: int
    lines: list[str]
    delimiter: str
    quoted: list[list[str]] | None
    done: int

    def columns(self, width: int) -> Sequence[Sequence[str]]:
        """The cells column by column. Raises ValueError when some row has not `width` fields."""
        if self.quoted is not None:
            if set(map(len, self.quoted)) != {width}:
                raise ValueError("rows of another width than the header")
            return list(zip(*self.quoted, strict=True))
        if set(map(str.count, self.lines, repeat(self.delimiter))) != {width - 1}:
            raise ValueError("rows of another width than the header")
        cells = "".join(self.lines).replace("\n", self.delimiter).split(self.delimiter)
        return [cells[place:-1:width] for place in range(width)]

    def rows(self) -> list[list[str]]:
        """The cells row by row."""
        return self.quoted or [line.removesuffix("\n").split(self.delimiter) for line in self.lines]


def survey(folder: Path, known: tuple[str, ...], findings: Findings) -> tuple[str, list[Source]]:
    """The digest of the folder's CSV files (names and bytes) and how to read each; what is wrong goes to `findings`."""
    digest = sha256()
    sources = []
    met: set[str] = set()
    for name, path in sorted((path.name.lower(), path) for path in folder.glob("*") if path.suffix.lower() == ".csv"):
        try:
            if name not in known:
                raise Unfit(N_("незнакомый файл; бывают: %(known)s"), known=", ".join(known))
            if name in met:
                raise Unfit(N_("таких файлов два, они отличаются только большими буквами в имени"))
            met.add(name)
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            sources.append(_sniff(path, digest))
        except Unfit as unfit:
            findings.add(path.name, 0, "", unfit)
    if not sources and not findings.total:
        nothing = Unfit(N_("в папке нет ни одного файла реестра; бывают: %(known)s"), known=", ".join(known))
        findings.add(str(folder), 0, "", nothing)
    return digest.hexdigest(), sources


def _sniff(path: Path, digest: Digest) -> Source:
    """Read the file once: add it to the digest and learn its encoding. Raises Unfit on an empty, endless or unfinished file."""
    guess = _Guess()
    size, last = 0, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            guess.see(block)
            if len(block) == _BLOCK and b"\n" not in block and b"\r" not in block:  # it would be read into memory whole
                raise Unfit(N_("строка длиннее миллиона знаков"))
            size += len(block)
            last = block
    if not size:
        raise Unfit(N_("файл пуст"))
    if not last.endswith((b"\n", b"\r")):
        raise Unfit(N_("файл обрывается: последняя строка не закончена переводом строки"))
    return Source(path, guess.encoding, size)


class _Guess:
    """UTF-8 unless the very first letters beyond ASCII are not UTF-8: then cp1251.

    What stops being UTF-8 later on is damaged, and is found so when it is read.
    """

    def __init__(self) -> None:
        self.encoding = "utf-8-sig"
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._settled = False

    def see(self, block: bytes) -> None:
        if self._settled:
            return
        try:
            self._settled = not self._decoder.decode(block).isascii()
        except UnicodeDecodeError as error:
            self._settled = True
            if error.object[: error.start].isascii():
                self.encoding = "cp1251"


def opened(source: Source, names: tuple[str, ...], required: frozenset[str], findings: Findings) -> Source | None:
    """The source with its delimiter and the places of its columns; None (and findings) when the header will not do."""
    try:
        with source.path.open("rb") as file:
            first = file.readline(_LONGEST_HEADER).decode(source.encoding).splitlines()[0]
        delimiter = max(";,", key=first.count)
        header = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter, strict=True), [])]
    except (UnicodeDecodeError, csv.Error):
        findings.add(
            source.name, 1, "", Unfit(N_("заголовок не читается: нужна строка с названиями столбцов в UTF-8 или cp1251"))
        )
        return None
    before = findings.total
    for place, name in enumerate(header, 1):
        if name not in names:
            findings.add(
                source.name,
                1,
                name[:40] or f"№ {place}",
                Unfit(N_("незнакомый столбец; бывают: %(names)s"), names=", ".join(names)),
            )
        elif header.count(name) > 1:
            findings.add(source.name, 1, name, Unfit(N_("столбец назван дважды")))
    for name in names:
        if name in required and name not in header:
            findings.add(source.name, 1, name, Unfit(N_("нет обязательного столбца")))
    if findings.total > before:
        return None
    places = {name: place for place, name in enumerate(header)}
    return Source(source.path, source.encoding, source.size, delimiter, places)


def batches(source: Source, findings: Findings) -> Iterator[Batch]:
    """The lines below the header. Raises BadRegistry, with what else was found, when the file cannot be read on."""
    line = 2
    try:
        with source.path.open("rb") as raw:
            file = TextIOWrapper(raw, source.encoding)
            file.readline()
            while lines := list(islice(file, BATCH)):
                yield Batch(line, lines, source.delimiter, _quoted(lines, source.delimiter), raw.tell())
                line += len(lines)
    except (UnicodeDecodeError, csv.Error):
        findings.add(source.name, *_first_unreadable(source))
        findings.refuse_if_any()


def _quoted(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """Rows with quoted cells; None where there are none. Raises csv.Error; a cell must end in the line it began in."""
    if max(map(len, lines)) > csv.field_size_limit():
        raise csv.Error("a field too long")
    if not any('"' in line for line in lines):
        return None
    rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    if len(rows) != len(lines):
        raise csv.Error("a line break inside a field")
    return rows


def _first_unreadable(source: Source) -> tuple[int, str, Unfit]:
    """Where and why the file cannot be read on, looked for line by line: slow, but the file is refused anyway."""
    with source.path.open(encoding=source.encoding, errors="surrogateescape") as file:
        for line, text in enumerate(file, 1):
            if undecoded := _UNDECODED.search(text):
                return line, _column_at(source, text, undecoded.start()), Unfit(N_("текст не читается ни в UTF-8, ни в cp1251"))
            if len(text) > csv.field_size_limit():
                longest = max(text.split(source.delimiter), key=len)
                unfit = Unfit(N_("слишком длинно: в строке %(length)s знаков"), length=len(text))
                return line, _column_at(source, text, text.index(longest)), unfit
            try:
                list(csv.reader([text], delimiter=source.delimiter, strict=True))
            except csv.Error:
                unfit = Unfit(N_("кавычка стоит посреди поля или не закрыта в своей строке"))
                return line, _column_at(source, text, text.find('"')), unfit
    raise AssertionError("every line is readable by itself, but not the file")


def _column_at(source: Source, text: str, position: int) -> str:
    place = text.count(source.delimiter, 0, max(position, 0))
    return next((name for name, at in source.places.items() if at == place), "")
