"""A folder of CSV files as batches of raw rows: which files, what encoding, what delimiter, what stands in which column."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Protocol

from mygas.exchange.faults import Findings, Unfit
from mygas.words import N_

BATCH = 20_000
"""Rows at a time: enough to make Python's own cost per call vanish, little enough to stay in the cache."""
TOTALS = "totals.csv"
_BLOCK = 1 << 20
_UNDECODED = re.compile("[\udc80-\udcff]")

Rows = list[list[str]]


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
        return self.path.name


@dataclass(frozen=True)
class Batch:
    """Rows as they stand in the file. `line` is that of the first one; `done` says how many bytes of the file are read."""

    line: int
    rows: Rows
    done: int


def survey(folder: Path, known: tuple[str, ...], findings: Findings) -> tuple[str, list[Source]]:
    """The digest of the folder's CSV files (names and bytes) and how to read each; what is wrong goes to `findings`."""
    digest = sha256()
    sources = []
    for path in sorted(folder.glob("*.csv")):
        if path.name not in known:
            findings.add(path.name, 0, "", Unfit(N_("незнакомый файл; бывают: %(known)s"), known=", ".join(known)))
            continue
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        try:
            sources.append(_sniff(path, digest))
        except Unfit as unfit:
            findings.add(path.name, 0, "", unfit)
    if not sources and not findings.total:
        unfit = Unfit(N_("в папке нет ни одного файла реестра; бывают: %(known)s"), known=", ".join(known))
        findings.add(str(folder), 0, "", unfit)
    return digest.hexdigest(), sources


def _sniff(path: Path, digest: Digest) -> Source:
    """Read the file once: add it to the digest and learn its encoding.

    What is not UTF-8 and has no byte order mark is taken for cp1251; a damaged UTF-8 file then shows by its odd letters
    (values.text refuses them).
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, size, last = "utf-8-sig", 0, b""
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
        file.seek(0)
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            last = block
            if encoding != "cp1251" and not marked:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    encoding = "cp1251"
    if not size:
        raise Unfit(N_("файл пуст"))
    if not last.endswith((b"\n", b"\r")):
        raise Unfit(N_("файл обрывается: последняя строка не закончена переводом строки"))
    return Source(path, encoding, size)


def opened(source: Source, names: tuple[str, ...], required: frozenset[str], findings: Findings) -> Source | None:
    """The source with its delimiter and the places of its columns; None (and findings) when the header will not do."""
    try:
        with source.path.open(encoding=source.encoding, newline="") as file:
            first = file.readline(100_000)
        delimiter = max(";,", key=first.count)
        header = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter, strict=True), [])]
    except (UnicodeDecodeError, csv.Error):
        findings.add(
            source.name, 1, "", Unfit(N_("заголовок не читается: нужна строка с названиями столбцов в UTF-8 или cp1251"))
        )
        return None
    before = findings.total
    for name in header:
        if name not in names:
            findings.add(source.name, 1, name[:40], Unfit(N_("незнакомый столбец; бывают: %(names)s"), names=", ".join(names)))
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
    """The rows below the header. Raises BadRegistry, with what else was found, when the file cannot be read on."""
    with source.path.open(encoding=source.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=source.delimiter, strict=True)
        try:
            next(reader)
            line = 2
            while rows := list(islice(reader, BATCH)):
                if reader.line_num != line + len(rows) - 1:
                    raise csv.Error("a line break inside a field")
                yield Batch(line, rows, file.buffer.tell())
                line += len(rows)
        except (csv.Error, UnicodeDecodeError):
            findings.add(source.name, *_first_unreadable(source))
            findings.refuse_if_any()


def _first_unreadable(source: Source) -> tuple[int, str, Unfit]:
    """Where and why the file cannot be read on, looked for line by line: slow, but the file is refused anyway."""
    with source.path.open(encoding=source.encoding, errors="surrogateescape", newline="") as file:
        for line, text in enumerate(file, 1):
            if undecoded := _UNDECODED.search(text):
                return line, _column_at(source, text, undecoded.start()), Unfit(N_("текст не читается ни в UTF-8, ни в cp1251"))
            try:
                list(csv.reader([text], delimiter=source.delimiter, strict=True))
            except csv.Error:
                longest = max(text.split(source.delimiter), key=len)
                if len(longest) > csv.field_size_limit():
                    unfit = Unfit(N_("поле длиннее %(limit)s знаков"), limit=csv.field_size_limit())
                    return line, _column_at(source, text, text.index(longest)), unfit
                unfit = Unfit(N_("кавычка стоит посреди поля или не закрыта в своей строке"))
                return line, _column_at(source, text, text.find('"')), unfit
    raise AssertionError("every line is readable by itself, but not the file")


def _column_at(source: Source, text: str, position: int) -> str:
    place = text.count(source.delimiter, 0, max(position, 0))
    return next((name for name, at in source.places.items() if at == place), "")
