"""The part of a receipt that is torn off: the payment code, what it pays, and boxes to write readings into."""

import re

from mygas.documents.figures import in_words, month
from mygas.documents.flow import Cell, Flow, Row, Scale
from mygas.documents.qr import matrix
from mygas.money import NBSP, rubles
from mygas.papers import PaperMeter, ReceiptPaper

MILLIMETRE = 72 / 25.4
SIDE = 42 * MILLIMETRE  # of the code: cameras of old telephones read from 40 mm on; the quiet zone is the air around it
AIR = 16.0  # between the code and anything else: more than four modules of the smallest code that a payment fits into
FRACTION = 3  # boxes after the comma: thousandths of m³


def write(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """At the foot of the page, or of the next one where this one is full."""
    side = SIDE if paper.qr else 0.0
    rows = _rows(flow, paper, scale, flow.left + (side + AIR if side else 0.0))
    box = scale.body * 1.9
    lines = len(paper.meters) * (box + 6) * (2 if scale.large else 1) + (scale.body * 2 if paper.meters else 0)
    beside = max(side, sum(row.height for row in rows)) + AIR
    flow.room(beside + lines + AIR)
    flow.y = flow.bottom - beside - lines - AIR
    _cut(flow, scale)
    top = flow.y + AIR
    if paper.qr:
        with flow.surface.tagged("Figure", f"QR-код: {paid_by(paper)}"):
            flow.surface.code(flow.left, top, side, matrix(paper.qr, paper.qr_codec))
    flow.y = top
    for row in rows:
        flow.put(row)
    flow.y = top - AIR + beside
    if paper.meters:
        flow.text("Показания приборов учёта", scale.body, True)
    for meter in paper.meters:
        _boxes(flow, meter, scale, box)


def paid_by(paper: ReceiptPaper) -> str:
    """What the code pays, read from the code itself: words beside it cannot say another sum."""
    found = re.search(r"[^0-9A-Za-z]Sum=([0-9]+)", paper.qr)
    account = f"газ и услуги по лицевому счёту {paper.number} по{NBSP}{month(paper.period)} включительно"
    if found and int(found[1]):
        return f"код оплачивает {rubles(int(found[1]))} — {account}."
    return f"код оплачивает {account}; сумму Вы вводите сами."


def _rows(flow: Flow, paper: ReceiptPaper, scale: Scale, left: float) -> list[Row]:
    """Beside the code."""
    width = flow.right - left
    due = f"К оплате {rubles(paper.to_pay_kop)}" if paper.to_pay_kop else "Платить не нужно"
    texts = [
        (f"Лицевой счёт {paper.number}, {month(paper.period)}", scale.heading, True),
        (f"{paper.holder}, {paper.address}", scale.body, False),
        (
            due + (f" до {in_words(paper.due_on)}" if paper.to_pay_kop else ""),
            scale.title if not scale.large else scale.heading,
            True,
        ),
        (f"Получатель {paper.payee.legal_name}", scale.small, False),
    ]
    if paper.qr:
        texts.append((f"QR-{paid_by(paper)}", scale.small, False))
    return [flow.laid(Cell(left, width, text, size, bold)) for text, size, bold in texts]


def _cut(flow: Flow, scale: Scale) -> None:
    flow.surface.line(0, flow.y, flow.right + flow.left, flow.y, 0.7, dashed=True)


def _boxes(flow: Flow, meter: PaperMeter, scale: Scale, box: float) -> None:
    """A line of boxes for a reading and its day."""
    flow.gap(3)
    label = f"№{NBSP}{meter.serial}" + (f", {meter.place}" if meter.place else "")
    wide = box * 0.75
    reading = wide * (meter.digits + FRACTION) + wide / 2
    x = flow.right - reading - wide * 7 - 60
    flow.put(flow.laid(Cell(flow.left, x - flow.left - 8, label, scale.body)))
    y = flow.y
    x = _group(flow, x, y, wide, box, meter.digits)
    flow.surface.text(x + wide * 0.1, y + box - 2, ",", scale.heading, True)
    _group(flow, x + wide / 2, y, wide, box, FRACTION)
    flow.gap(box + 3)


def _group(flow: Flow, x: float, y: float, wide: float, high: float, boxes: int) -> float:
    """Boxes side by side; the place after them."""
    flow.surface.frame(x, y, wide * boxes, high, 0.7)
    for at in range(1, boxes):
        flow.surface.line(x + at * wide, y, x + at * wide, y + high, 0.7)
    return x + wide * boxes
