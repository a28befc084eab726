"""Rows from the top of the page downwards: texts wrapped into columns, and the next page where one is full."""

from collections.abc import Callable
from dataclasses import dataclass

from mygas.documents.sheet import HEIGHT, WIDTH, Surface

LEADING = 1.25  # from baseline to baseline, in sizes of the font
BASELINE = 0.95  # from the top of a line to its baseline
MARGIN = 36.0  # points; what home printers can print and a hole punch leaves
MOST_LINES = 7  # of a cell: the longest text of the tables has 250 letters; a longer one ends in «…»


@dataclass(frozen=True)
class Scale:
    """Sizes of letters in points. `large`: everything stands in one column."""

    body: float
    small: float
    heading: float
    title: float
    figure: float
    large: bool


A4 = Scale(body=10, small=8.5, heading=12, title=17, figure=27, large=False)
LARGE = Scale(body=16, small=16, heading=20, title=24, figure=38, large=True)


@dataclass(frozen=True)
class Cell:
    """A text in a column. `right`: flush right."""

    x: float
    width: float
    text: str
    size: float
    bold: bool = False
    right: bool = False


@dataclass(frozen=True)
class Row:
    """Cells side by side with their lines; `height` of all, `baseline` of the first lines, both from its top."""

    cells: tuple[Cell, ...]
    lines: list[list[str]]
    height: float
    baseline: float


def wrap(measure: Callable[[str], float], text: str, width: float, most: int = MOST_LINES) -> list[str]:
    """Lines no wider than `width`, parted at spaces (not at no-break ones), or anywhere in a word that is wider than a line.

    No more than `most` of them: the last one ends in «…» where there would be.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += [paragraph] if measure(paragraph) <= width else _wrap(measure, paragraph, width)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines


def _wrap(measure: Callable[[str], float], text: str, width: float) -> list[str]:
    space, lines, line, used = measure(" "), [], "", 0.0
    for word in text.split(" "):
        long = measure(word)
        if line and used + space + long <= width:
            line, used = f"{line} {word}", used + space + long
            continue
        if line:
            lines.append(line)
        while long > width and len(word) > 1:
            fits = next(end for end in range(len(word) - 1, 0, -1) if end == 1 or measure(word[:end]) <= width)
            lines.append(word[:fits])
            word = word[fits:]  # noqa: PLW2901 - what is left of it goes on
            long = measure(word)
        line, used = word, long
    return [*lines, line]


def height_of(block: list[Row]) -> float:
    """Of rows one under the other."""
    return sum(row.height for row in block)


class Flow:
    """A place on a page that rows move down. `on_page` draws what stands on top of each page but the first."""

    def __init__(self, surface: Surface, left: float = MARGIN, right: float = WIDTH - MARGIN, top: float = MARGIN) -> None:
        self.surface = surface
        self.left, self.right, self.y = left, right, top
        self.bottom = HEIGHT - MARGIN
        self.on_page: Callable[[], None] = lambda: None

    @property
    def width(self) -> float:
        return self.right - self.left

    def beside(self, left: float, right: float) -> "Flow":
        """A column that begins at this height; it must end on this page."""
        return Flow(self.surface, left, right, self.y)

    def room(self, height: float) -> bool:
        """Make sure that this much is left on the page; True if a new one was begun for it."""
        if self.y + height <= self.bottom:
            return False
        self.surface.page()
        self.y = MARGIN
        self.on_page()
        return True

    def text(self, text: str, size: float, bold: bool = False, tag: str = "P") -> None:
        """A paragraph over the whole width."""
        self.row(Cell(self.left, self.width, text, size, bold), tag=tag)

    def prose(self, text: str, size: float) -> None:
        """A paragraph of any length, parted where a page ends."""
        lines = wrap(lambda line: self.surface.width(line, size), text, self.width, most=len(text) + 1)
        cell, step = Cell(self.left, self.width, text, size), size * LEADING
        while lines:
            self.room(step)
            here = lines[: max(1, int((self.bottom - self.y) / step))]
            self.put(Row((cell,), [here], len(here) * step, size * BASELINE))
            lines = lines[len(here) :]

    def heading(self, text: str, scale: Scale, under: float = 0.0) -> None:
        """A heading with air above it, and so much `under` it on the same page, three lines if not said."""
        row = self.laid(Cell(self.left, self.width, text, scale.heading, True))
        self.room(scale.body + row.height + (under or scale.body * LEADING * 3))
        self.gap(scale.body)
        self.put(row, "H2")

    def row(self, *cells: Cell, tag: str = "P", above: Callable[[], None] | None = None) -> None:
        """Cells side by side, on one first baseline. `above` is drawn again where the row begins a new page (a table's head)."""
        row = self.laid(*cells)
        if self.room(row.height) and above:
            above()
        self.put(row, tag)

    def laid(self, *cells: Cell) -> Row:
        """A row that is wrapped and knows its height, to be put later."""
        lines = [self._lines(cell) for cell in cells]
        tallest = max(cell.size for cell in cells)
        heights = [
            len(its) * cell.size * LEADING + (tallest - cell.size) * BASELINE for cell, its in zip(cells, lines, strict=True)
        ]
        return Row(cells, lines, max(heights), tallest * BASELINE)

    def put(self, row: Row, tag: str = "P") -> None:
        """Draw the row here, where there must be room for it."""
        with self.surface.tagged(tag):
            for cell, lines in zip(row.cells, row.lines, strict=True):
                self._draw(cell, lines, self.y + row.baseline)
        self.y += row.height

    def together(self, block: list[Row]) -> None:
        """Rows that are not parted by the end of a page."""
        self.room(height_of(block))
        for row in block:
            self.put(row)

    def _lines(self, cell: Cell) -> list[str]:
        return wrap(lambda text: self.surface.width(text, cell.size, cell.bold), cell.text, cell.width)

    def _draw(self, cell: Cell, lines: list[str], y: float) -> None:
        for line in lines:
            if line:
                x = cell.x
                if cell.right:
                    x += cell.width - self.surface.width(line, cell.size, cell.bold)
                self.surface.text(x, y, line, cell.size, cell.bold)
            y += cell.size * LEADING

    def pair(self, label: str, value: str, size: float, bold: bool = False) -> None:
        """A label on the left, its value on the right."""
        self.together([self.paired(label, value, size, bold)])

    def paired(self, label: str, value: str, size: float, bold: bool = False) -> Row:
        """The same, to be put later."""
        part = self.width * 0.3
        return self.laid(
            Cell(self.left, self.width - part - 8, label, size, bold),
            Cell(self.right - part, part, value, size, bold, right=True),
        )

    def rule(self, width: float = 0.4, gap: float = 3.0) -> None:
        """A line over the whole width, with as much air above it as below."""
        self.y += gap
        self.surface.line((self.left, self.y), (self.right, self.y), width)
        self.y += gap

    def gap(self, height: float) -> None:
        self.y += height
