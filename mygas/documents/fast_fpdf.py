"""fpdf2 with its slow part done once a process: reading, cutting and packing fonts, which it does anew for every document.

The fonts are cast: fpdf2 itself makes their PDF objects once, with every letter they have, under the numbers 1…n; a document
then begins its own numbers after them and carries the very same bytes. Pages come packed from `mygas.documents.sheet`.
Everything else (pages, tags, catalogue, cross-references) is fpdf2's own work in each document.

This module leans on how fpdf2 2.8.9 makes its files; tests/documents/test_fast_fpdf.py compares what it draws with the plain way.

Tags: fpdf2 knows a flat list of elements under one Document, so headings, paragraphs, rows of tables and the payment code are
marked in their reading order, with the language and the title; Table, TR and TD, which hold one another, it cannot make.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from fpdf import FPDF, ViewerPreferences
from fpdf.output import OutputProducer, PDFPage
from fpdf.syntax import PDFContentStream, PDFObject
from fpdf.util import escape_parens

from mygas.documents.fonts import FOLDER

STYLES = {"": "paper-regular.ttf", "B": "paper-bold.ttf"}
Tag = tuple[str, str]
"""A structure type («H1», «P», «Figure») and the words that stand for a figure, or none."""


class Codes(dict[int, str]):
    """Letters as two-byte codes inside a PDF string, for str.translate; a letter that the font lacks gets a stand-in."""

    def __missing__(self, letter: int) -> str:
        return "".join(self[ord(other)] for other in _stand_in(chr(letter), lambda base: ord(base) in self))


class Widths(dict[str, int]):
    """Widths of letters in thousandths of the font's size."""

    def __missing__(self, letter: str) -> int:
        return sum(self[other] for other in _stand_in(letter, self.__contains__))


def _stand_in(letter: str, known: Callable[[str], bool]) -> str:
    """What is printed for a letter that a font lacks: its base letter, a space, a dash, «?», or nothing for a bare accent."""
    category = unicodedata.category(letter)
    base = unicodedata.normalize("NFKD", letter)[0]
    if base != letter and known(base):
        return base
    if letter in "\t\n\r" or category.startswith("Z"):
        return " "
    if category in {"Mn", "Me", "Cc", "Cf"}:
        return ""
    return "-" if category == "Pd" else "?"


@dataclass(frozen=True)
class Face:
    """A font to write with. `name` is what content streams call it."""

    name: str
    codes: Codes
    widths: Widths


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


class PackedPage(PDFObject):
    """The content stream of a page, packed beforehand (zlib)."""

    def content_stream(self) -> bytes:
        raise NotImplementedError

    def serialize(self, obj_dict: Any = None, _security_handler: Any = None) -> Any:
        packed = self.content_stream()
        return b"%d 0 obj\n<</Filter /FlateDecode\n/Length %d>>\nstream\n%b\nendstream\nendobj" % (self.id, len(packed), packed)


@dataclass
class Page(PackedPage):
    """A page at hand: `packed` content, and `tags` by the numbers of its marked parts."""

    packed: bytes
    tags: tuple[Tag, ...] = ()

    def __post_init__(self) -> None:
        super().__init__()

    def content_stream(self) -> bytes:
        return self.packed


class Producer(OutputProducer):
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


def document(title: str, day: date, kind: type[FPDF] = FPDF) -> FPDF:
    """An empty document in Russian, of A4 pages, made on that day as far as the file can tell."""
    pdf = kind(unit="pt", format="A4")
    pdf.set_creation_date(datetime.combine(day, time(), UTC))
    pdf.set_lang("ru-RU")
    pdf.set_title(title)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    return pdf


def add(pdf: FPDF, page: PackedPage, tags: tuple[Tag, ...] = ()) -> None:
    """Put a page at the end of the document."""
    pdf.add_page()
    pdf.pages[pdf.page].contents = page  # type: ignore[assignment]
    for number, (kind, words) in enumerate(tags):
        pdf._add_marked_content(struct_type=f"/{kind}", mcid=number, alt_text=words or None)


def file_of(pages: Iterable[Page], title: str, day: date) -> bytes:
    """The whole file. The same arguments give the same bytes."""
    pdf = document(title, day)
    for page in pages:
        add(pdf, page, page.tags)
    return bytes(pdf.output(output_producer_class=Producer))
