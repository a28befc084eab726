"""A surface that refuses what would not be seen on paper."""

from mygas.documents.qr import QUIET, matrix
from mygas.documents.sheet import HEIGHT, WIDTH, Point, Sheet

NARROW = 18.0  # points: home printers leave at least a quarter of an inch


class RuledSheet(Sheet):
    """Fails where a text leaves the page or runs into the code's quiet zone; notes texts, their sizes, sides of codes."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: set[float] = set()
        self.sides: list[float] = []
        self.pages_said: list[list[str]] = []
        self._quiet: tuple[float, float, float, float] | None = None
        self._written: list[tuple[float, float, float, float, str]] = []
        self.lowest = 0.0

    @property
    def said(self) -> list[str]:
        """All texts in their order."""
        return [text for page in self.pages_said for text in page]

    def page(self) -> None:
        super().page()
        self.pages_said.append([])
        self._quiet = None
        self._written = []

    def text(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        right, top, bottom = x + self.width(text, size, bold), y - size * 0.75, y + size * 0.25
        assert x >= NARROW and right <= WIDTH - NARROW + 0.1, f"{text!r} leaves the page at its side"
        assert top >= NARROW and bottom <= HEIGHT - NARROW, f"{text!r} leaves the page above or below"
        if self._quiet:
            left, upper, end, lower = self._quiet
            assert right <= left or x >= end or bottom <= upper or top >= lower, f"{text!r} stands in the quiet zone"
        for x1, y1, x2, y2, other in self._written:
            assert right <= x1 or x >= x2 or bottom <= y1 or top >= y2, f"{text!r} stands on {other!r}"
        if text.strip():
            self.pages_said[-1].append(text)
            self._written.append((x, top, right, bottom, text))
        self.sizes.add(size)
        self.lowest = max(self.lowest, bottom)
        super().text(x, y, text, size, bold)

    def line(self, start: Point, end: Point, width: float, dashed: bool = False) -> None:
        for x, y in (start, end):
            assert 0 <= x <= WIDTH and NARROW <= y <= HEIGHT - NARROW
            assert not self._quiet or not (self._quiet[0] < x < self._quiet[2] and self._quiet[1] < y < self._quiet[3])
        super().line(start, end, width, dashed)

    def frame(self, x: float, y: float, width: float, height: float, border: float) -> None:
        assert x >= NARROW and x + width <= WIDTH - NARROW and y >= NARROW and y + height <= HEIGHT - NARROW
        super().frame(x, y, width, height, border)

    def code(self, x: float, y: float, side: float, text: str, codec: str) -> None:
        air = side / len(matrix(text, codec)) * QUIET
        self._quiet = (x - air, y - air, x + side + air, y + side + air)
        self.sides.append(side)
        super().code(x, y, side, text, codec)
