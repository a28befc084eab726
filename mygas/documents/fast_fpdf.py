"""fpdf2 with its slow part done once a process: reading, cutting and packing fonts, which it does anew for every document.

The fonts are cast: fpdf2 itself makes their PDF objects once, with every letter they have, under the numbers 1…n; a document
then begins its own numbers after them and carries the very same bytes. Pages come packed from `mygas.documents.sheet`.
Everything else (pages, tags, catalogue, cross-references) is fpdf2's own work in each document.

This module leans on how fpdf2 2.8.9 makes its files; tests/documents/test_fast_fpdf.py compares what it draws with the plain way.

Tags: fpdf2 knows a flat list of elements under one Document, so headings, paragraphs, rows of tables and the payment code are
marked in their reading order, with the language and the title; Table, TR and TD, which hold one another, it cannot make.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from typing import Any, BinaryIO

from fpdf import FPDF, ViewerPreferences
from fpdf.output import OutputProducer, PDFPage
from fpdf.syntax import PDFContentStream, PDFObject
from fpdf.util import escape_parens

from mygas.documents.faces import Codes, Face, Widths
from mygas.documents.fonts import FOLDER
from mygas.documents.sheet import Page

STYLES = {"": "paper-regular.ttf", "B": "paper-bold.ttf"}


class _Ready(PDFObject):
    """An object of a PDF file that was made beforehand."""

    def __init__(self, number: int, body: bytes) -> None:
        super().__init__()
        self.id = number
        self._body = body

    def serialize(self, obj_dict: Any = None, _security_handler: Any = None) -> Any:
        return self._body


@dataclass(frozen=True)
class Cast:
    """The fonts of all papers: `objects` for the file, `fonts` by their number in it, `faces` (regular, bold) to write with.

    `digest` names what page contents depend on: contents drawn with another cast are unreadable with this one.
    """

    objects: tuple[PDFObject, ...]
    fonts: dict[int, Any]
    faces: tuple[Face, Face]
    digest: str


@cache
def cast() -> Cast:
    """Made at its first use, in about 50 ms."""
    pdf = FPDF()
    for style, name in STYLES.items():
        pdf.add_font("paper", style, FOLDER / name)
    fonts = sorted(pdf.fonts.values(), key=lambda font: font.i)
    regular, bold = (_face(font) for font in fonts)
    producer = OutputProducer(pdf)
    by_number = producer._add_fonts({}, {}, {})
    ready = {made.id: _Ready(made.id, _body(made)) for made in producer.pdf_objs if isinstance(made, PDFObject)}
    digest = hashlib.sha256(b"".join(made.serialize() for made in ready.values())).hexdigest()[:16]  # type: ignore[misc]
    return Cast(tuple(ready.values()), {number: ready[font.id] for number, font in by_number.items()}, (regular, bold), digest)


def _face(font: Any) -> Face:
    """Takes every letter of the font into use, in their order, so that each has its code."""
    codes = {letter: chr(code >> 8) + chr(code & 255) for letter in sorted(font.cmap) if (code := font.subset.pick(letter))}
    widths = {chr(letter): round(font.cw[letter]) for letter in codes}
    return Face(f"F{font.i}", Codes({letter: escape_parens(code) for letter, code in codes.items()}), Widths(widths))


def _body(made: PDFObject) -> bytes:
    if type(made) is PDFContentStream and not made.filter:  # the tables of letters, which fpdf2 leaves unpacked
        packed = PDFContentStream(made.content_stream(), compress=True)
        packed.id = made.id
        made = packed
    return made.serialize().encode("latin-1")


class _Content(PDFObject):
    """The content stream of a page, packed beforehand; it is read when it is written out."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        super().__init__()
        self._read = read

    def serialize(self, obj_dict: Any = None, _security_handler: Any = None) -> Any:
        packed = self._read()
        return b"%d 0 obj\n<</Filter /FlateDecode\n/Length %d>>\nstream\n%b\nendstream\nendobj" % (self.id, len(packed), packed)


class _Producer(OutputProducer):
    """fpdf2's maker of files, given cast fonts, packed pages, and one dictionary of resources for all pages."""

    def __init__(self, fpdf: FPDF) -> None:
        super().__init__(fpdf)
        self.obj_id = len(cast().objects)

    def _add_pages(self, _slice: slice = slice(None)) -> list[PDFPage]:
        pages = list(self._iter_pages_in_order())
        for page in pages:
            self._add_pdf_obj(page)
            self._add_pdf_obj(page.contents)  # type: ignore[arg-type]
        return pages

    def _insert_resources(self, page_objs: list[PDFPage]) -> None:
        self.pdf_objs.extend(cast().objects)
        resources = self._add_resources_dict(cast().fonts, {}, {}, {}, {})
        for page in page_objs:
            page.resources = resources


class _Spool(bytearray):
    """Looks to fpdf2 like the growing contents of a file, which are on the disk already."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def __len__(self) -> int:
        return self._file.tell()

    def __bool__(self) -> bool:
        return False

    def __iadd__(self, data: bytes) -> "_Spool":  # type: ignore[misc, override]
        self._file.write(data)
        return self


class _WithoutDigest(FPDF):
    """A document whose file goes to the disk as it is made: an identifier would be a digest of it all."""

    def file_id(self) -> None:  # type: ignore[override]
        return None


def file_of(pages: Iterable[Page], title: str, day: date) -> bytes:
    """The whole file in memory. The same arguments give the same bytes."""
    pdf = _document(FPDF, title, day)
    for page in pages:
        _add(pdf, _Content(partial(getattr, page, "packed")))
        for number, (kind, words) in enumerate(page.tags):
            pdf._add_marked_content(struct_type=f"/{kind}", mcid=number, alt_text=words or None)
    return bytes(pdf.output(output_producer_class=_Producer))


def write(file: BinaryIO, pages: Iterable[Callable[[], bytes]], title: str, day: date) -> int:
    """Write a file of pages without tags, given as what reads their packed contents when their turn comes; the number of them."""
    pdf = _document(_WithoutDigest, title, day)
    for page in pages:
        _add(pdf, _Content(page))
    producer = _Producer(pdf)
    producer.buffer = _Spool(file)
    producer.bufferize()
    return pdf.pages_count


def _document(kind: type[FPDF], title: str, day: date) -> FPDF:
    pdf = kind(unit="pt", format="A4")
    pdf.set_creation_date(datetime.combine(day, time(), UTC))
    pdf.set_lang("ru-RU")
    pdf.set_title(title)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    return pdf


def _add(pdf: FPDF, content: _Content) -> None:
    pdf.add_page()
    pdf.pages[pdf.page].contents = content  # type: ignore[assignment]
