"""How fast receipts are drawn, beside the plain way of fpdf2 and beside reportlab, in one run.

    python -m bench.receipts [--rounds 12] [--run 10000]   # the comparison, then a print run of that many papers
    python -m bench.receipts --decode 1000                 # codes of that many receipts, read from rendered pages

All draw the same page: the same texts, lines and frames at the same places (mygas.documents.receipt.write on another surface),
and a payment code of the same text. The peers make the code with segno alone, as one would; since that is most of their work,
reportlab is measured once more with the code made by ours. Times are of the processor, medians of rounds that take turns.
Exits 1 where an aim is missed: single receipts 1.5 times reportlab, a print run 4 times, 300 MiB, every code as it was meant.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path
from statistics import median

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from tqdm import tqdm

from mygas.documents import qr, receipt
from mygas.documents.fonts import FOLDER
from mygas.documents.print_run import PrintRun
from mygas.documents.sheet import Point
from tests.documents.papers import another
from tests.documents.plain import PlainSurface, segno_alone
from tests.documents.reading import codes

SINGLE_AIM, RUN_AIM, MEMORY_AIM = 1.5, 4.0, 300
PAPERS = 10  # drawn by each way in a round


class ReportlabSurface:
    """The same page by reportlab's canvas, its quickest door; fonts are registered once, as one would."""

    code_of = staticmethod(segno_alone)

    def __init__(self) -> None:
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4, pageCompression=1, invariant=1)
        self._begun = False

    def page(self) -> None:
        if self._begun:
            self.canvas.showPage()
        self._begun = True

    def text(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        self.canvas.setFont("bold" if bold else "regular", size)
        self.canvas.drawString(x, A4[1] - y, text)

    def width(self, text: str, size: float, bold: bool = False) -> float:
        return pdfmetrics.stringWidth(text, "bold" if bold else "regular", size)

    def line(self, start: Point, end: Point, width: float, dashed: bool = False) -> None:
        self.canvas.setLineWidth(width)
        self.canvas.setDash([3, 3] if dashed else [])
        self.canvas.line(start[0], A4[1] - start[1], end[0], A4[1] - end[1])

    def frame(self, x: float, y: float, width: float, height: float, border: float) -> None:
        self.canvas.setLineWidth(border)
        self.canvas.setDash([])
        self.canvas.rect(x, A4[1] - y - height, width, height)

    def code(self, x: float, y: float, side: float, text: str, codec: str) -> None:
        modules = self.code_of(text, codec)
        step, path = side / len(modules), self.canvas.beginPath()
        for column, row, length in qr.bars(modules):
            path.rect(x + column * step, A4[1] - y - (row + 1) * step, length * step, step)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def tagged(self, kind: str, words: str = "") -> AbstractContextManager[None]:
        return nullcontext()


class GivenCodes(ReportlabSurface):
    """reportlab, spared the work of making the code."""

    code_of = staticmethod(qr.matrix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--run", type=int, default=10_000, help="papers of the print run whose memory is measured; 0: none")
    parser.add_argument("--decode", type=int, default=0, help="only read that many codes")
    parser.add_argument("--only-run", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_run:
        _draw_run(asked.only_run)
    elif asked.decode:
        sys.exit(_decode(asked.decode))
    else:
        sys.exit(_compare(asked.rounds) + (_memory(asked.run) if asked.run else 0))


def _compare(rounds: int) -> int:
    """Print a line a way; how many aims were missed."""
    pdfmetrics.registerFont(TTFont("regular", FOLDER / "paper-regular.ttf"))
    pdfmetrics.registerFont(TTFont("bold", FOLDER / "paper-bold.ttf"))
    ways: dict[str, Callable[[], None]] = {
        "reportlab": lambda: _each(_by_reportlab(ReportlabSurface)),
        "reportlab, given our codes": lambda: _each(_by_reportlab(GivenCodes)),
        "fpdf2, the plain way": lambda: _each(_by_plain),
        "ours, single receipts": lambda: _each(lambda number: receipt.draw(another(number), "a4")),
        "ours, a print run": _by_run,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # warm
    for _ in tqdm(range(rounds), leave=False):
        for name, way in ways.items():
            begun = time.process_time()
            way()
            times[name].append((time.process_time() - begun) / PAPERS)
    peer = median(times["reportlab"])
    print(f"{'':28} {'ms':>7} {'a second':>9} {'reportlab = 1':>14}")
    for name, spent in times.items():
        print(f"{name:28} {median(spent) * 1000:7.2f} {1 / median(spent):9.0f} {peer / median(spent):14.2f}")
    return (peer / median(times["ours, single receipts"]) < SINGLE_AIM) + (peer / median(times["ours, a print run"]) < RUN_AIM)


def _each(draw: Callable[[int], object]) -> None:
    for number in range(PAPERS):
        draw(number)


def _by_reportlab(kind: type[ReportlabSurface]) -> Callable[[int], bytes]:
    def draw(number: int) -> bytes:
        surface = kind()
        receipt.write(surface, another(number), receipt.SCALES["a4"])
        surface.canvas.save()
        return surface.buffer.getvalue()

    return draw


def _by_plain(number: int) -> bytes:
    surface = PlainSurface()
    receipt.write(surface, another(number), receipt.SCALES["a4"])
    return bytes(surface.pdf.output())


def _by_run() -> None:
    with tempfile.TemporaryDirectory(prefix="mygas-print-") as scratch:
        run = PrintRun(Path(scratch) / "run", "a4")
        _each(lambda number: run.add(another(number)))
        run.finish(Path(scratch) / "run.pdf")


def _memory(papers: int) -> int:
    """A print run in a process of its own; 1 if it took too much memory."""
    begun = time.perf_counter()
    said = subprocess.run([sys.executable, "-m", "bench.receipts", "--only-run", str(papers)], check=True, stdout=subprocess.PIPE)
    spent, (mebibytes, size) = time.perf_counter() - begun, map(int, said.stdout.split())
    speed = f"{spent:.0f} s, {papers / spent:.0f} a second"
    print(f"a print run of {papers:,}: {speed}, {mebibytes} MiB of memory, a file of {size / 1e6:.0f} MB")
    return int(mebibytes >= MEMORY_AIM)


def _draw_run(papers: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mygas-print-") as scratch:
        run, path = PrintRun(Path(scratch) / "run", "a4"), Path(scratch) / "run.pdf"
        for number in tqdm(range(papers), leave=False):
            run.add(another(number))
        run.finish(path)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, path.stat().st_size)


def _decode(papers: int) -> int:
    """Draw, render, read; 1 if a code says anything but its paper."""
    wrong = 0
    for number in tqdm(range(papers), leave=False):
        paper = another(number)
        wrong += codes(receipt.draw(paper, "a4")) != [paper.qr.encode(paper.qr_codec)]
    print(f"{papers:,} receipts rendered and read, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    main()
