"""Sheets of A4 to draw on: texts, lines, frames and payment codes become content streams of a PDF, one string a page.

Points (1/72 inch), from the upper left corner, y downwards. Black on white only.
"""

import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from mygas.documents.faces import Face
from mygas.documents.qr import bars, matrix

Tag = tuple[str, str]
"""A structure type («H1», «P», «Figure») and the words that stand for a figure, or none."""
Point = tuple[float, float]
WIDTH, HEIGHT = 595.28, 841.89  # A4
_PACKING = 6  # of zlib: 9 is slower and no smaller here


def engine() -> Any:
    """mygas.documents.fast_fpdf, at the first paper: fpdf2 takes 27 MiB and 0.2 s, and most processes draw none."""
    from mygas.documents import fast_fpdf  # noqa: PLC0415 - see above

    return fast_fpdf


@dataclass(frozen=True)
class Page:
    """A page that is drawn: its content stream, packed (zlib), and the tags of its marked parts by their numbers."""

    packed: bytes
    tags: tuple[Tag, ...] = ()


class Surface(Protocol):
    """What papers are drawn on."""

    def page(self) -> None:
        """Begin the next page; there is none at first."""

    def text(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        """A line of text from `x` to the right, on the baseline `y`."""

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """How long that line is."""

    def line(self, start: Point, end: Point, width: float, dashed: bool = False) -> None: ...

    def frame(self, x: float, y: float, width: float, height: float, border: float) -> None:
        """A rectangle; `border` is how thick its lines are."""

    def code(self, x: float, y: float, side: float, text: str, codec: str) -> None:
        """A QR code of the text, without its quiet zone."""

    def tagged(self, kind: str, words: str = "") -> AbstractContextManager[None]:
        """What is drawn inside is one element of the document's structure; `words` are read out in its place."""


class Sheet:
    """A Surface that becomes the pages of a PDF file. `with_tags` is for papers that are read on a screen."""

    def __init__(self, with_tags: bool = True) -> None:
        self._faces: tuple[Face, Face] = engine().cast().faces
        self._with_tags = with_tags
        self._pages: list[Page] = []
        self._drawn: list[str] = []
        self._tags: list[Tag] = []
        self._font: tuple[bool, float] | None = None
        self._begun = False

    def page(self) -> None:
        self._end_page()
        self._begun = True
        self._font = None
        self._drawn.append("2 J")  # lines end as fpdf2 ends them

    def pages(self) -> list[Page]:
        """All pages, ended."""
        self._end_page()
        return self._pages

    def file(self, title: str, day: date) -> bytes:
        """The whole PDF file, made on that day as far as it can tell. The same drawing gives the same bytes."""
        return bytes(engine().file_of(self.pages(), title, day))

    def _end_page(self) -> None:
        if self._begun:
            packed = zlib.compress("\n".join(self._drawn).encode("latin-1"), _PACKING)
            self._pages.append(Page(packed, tuple(self._tags)))
            self._drawn, self._tags = [], []
        self._begun = False

    def text(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        face = self._faces[bold]
        if self._font != (bold, size):
            self._font = (bold, size)
            self._drawn.append(f"/{face.name} {size:.2f} Tf")
        codes = unicodedata.normalize("NFC", text).translate(face.codes)
        self._drawn.append(f"BT {x:.2f} {HEIGHT - y:.2f} Td ({codes}) Tj ET")

    def width(self, text: str, size: float, bold: bool = False) -> float:
        return sum(map(self._faces[bold].widths.__getitem__, unicodedata.normalize("NFC", text))) * size / 1000

    def line(self, start: Point, end: Point, width: float, dashed: bool = False) -> None:
        dash = "[3 3] 0 d" if dashed else "[] 0 d"
        (x1, y1), (x2, y2) = start, end
        self._artifact(f"{dash} {width:.2f} w {x1:.2f} {HEIGHT - y1:.2f} m {x2:.2f} {HEIGHT - y2:.2f} l S")

    def frame(self, x: float, y: float, width: float, height: float, border: float) -> None:
        self._artifact(f"[] 0 d {border:.2f} w {x:.2f} {HEIGHT - y:.2f} {width:.2f} {-height:.2f} re S")

    def code(self, x: float, y: float, side: float, text: str, codec: str) -> None:
        rows = matrix(text, codec)
        step = side / len(rows)
        runs = " ".join(f"{column} {-row} {length} -1 re" for column, row, length in bars(rows))
        self._drawn.append(f"q {step:.5f} 0 0 {step:.5f} {x:.2f} {HEIGHT - y:.2f} cm {runs} f Q")

    def _artifact(self, drawing: str) -> None:
        self._drawn.append(f"/Artifact BMC {drawing} EMC" if self._with_tags else drawing)

    @contextmanager
    def tagged(self, kind: str, words: str = "") -> Iterator[None]:
        if not self._with_tags:
            yield
            return
        self._drawn.append(f"/{kind} <</MCID {len(self._tags)}>> BDC")
        self._tags.append((kind, words))
        yield
        self._drawn.append("EMC")
