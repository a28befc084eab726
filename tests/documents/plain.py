"""The plain way to draw our papers with fpdf2: its public doors only, fonts read and cut for each document.

What mygas.documents.sheet draws is compared with it, in looks and in speed.
"""

from contextlib import AbstractContextManager, nullcontext

import segno
from fpdf import FPDF

from mygas.documents.fonts import FOLDER
from mygas.documents.qr import Matrix, bars
from mygas.documents.sheet import Point


def segno_alone(text: str, codec: str, mask: int | None = None) -> Matrix:
    """The code as segno makes it by itself, with the mask that it finds best unless one is named."""
    code = segno.make_qr(text.encode(codec), error="m", mode="byte", boost_error=False, mask=mask)
    return [bytes(row).translate(bytes.maketrans(b"\0\1", b"01")).decode() for row in code.matrix]


class PlainSurface:
    def __init__(self) -> None:
        self.pdf = FPDF(unit="pt", format="A4")
        self.pdf.add_font("paper", "", FOLDER / "paper-regular.ttf")
        self.pdf.add_font("paper", "B", FOLDER / "paper-bold.ttf")
        self.pdf.set_fill_color(0)

    def page(self) -> None:
        self.pdf.add_page()

    def text(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        self.pdf.set_font("paper", "B" if bold else "", size)
        self.pdf.text(x, y, text)

    def width(self, text: str, size: float, bold: bool = False) -> float:
        self.pdf.set_font("paper", "B" if bold else "", size)
        return self.pdf.get_string_width(text)

    def line(self, start: Point, end: Point, width: float, dashed: bool = False) -> None:
        self.pdf.set_line_width(width)
        self.pdf.set_dash_pattern(*((3, 3) if dashed else ()))
        self.pdf.line(*start, *end)

    def frame(self, x: float, y: float, width: float, height: float, border: float) -> None:
        self.pdf.set_line_width(border)
        self.pdf.set_dash_pattern()
        self.pdf.rect(x, y, width, height)

    def code(self, x: float, y: float, side: float, text: str, codec: str) -> None:
        modules = segno_alone(text, codec)
        step = side / len(modules)
        for column, row, length in bars(modules):
            self.pdf.rect(x + column * step, y + row * step, length * step, step, style="F")

    def tagged(self, kind: str, words: str = "") -> AbstractContextManager[None]:
        return nullcontext()
