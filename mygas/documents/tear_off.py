"""The part of a receipt that is torn off: the payment code, what it pays, and boxes to write readings into."""

import re

from mygas.documents.figures import in_words, month
from mygas.documents.flow import Cell, Flow, Row, Scale
from mygas.money import NBSP, rubles
from mygas.papers import PaperMeter, ReceiptPaper

MILLIMETRE = 72 / 25.4
SIDE, LARGE_SIDE = 42 * MILLIMETRE, 50 * MILLIMETRE  # of the code alone: old telephones read it from 40 mm on
AIR = 14.0  # points of white around it: four modules of the smallest code (49) that holds what ГОСТ Р 56042 demands, and more
FRACTION = 3  # boxes after the comma: thousandths of m³
GAP = 0.4  # between groups of boxes, in widths of a box
DAY = "дата"
BORDER = 0.6


def write(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """At the foot of the page, or of the next one where this one is full. Of the paper that asks for money alone."""
    side = LARGE_SIDE if scale.large else SIDE
    beside = flow.left + side + AIR
    rows = _rows(flow, paper, scale, beside)
    labels = [_label(flow, meter, scale, flow.left if scale.large else beside) for meter in paper.meters]
    boxes = sum(_boxes_height(label, scale) for label in labels)
    words = sum(row.height for row in rows)
    height = max(side, words) + boxes if scale.large else max(side, words + boxes)
    flow.gap(scale.body)
    flow.room(height + AIR)
    flow.y = flow.bottom - height - AIR
    _cut(flow, scale)
    flow.gap(AIR)
    top = flow.y
    with flow.surface.tagged("Figure", f"QR-{paid_by(paper)}"):
        flow.surface.code(flow.left, top, side, paper.qr, paper.qr_codec)
    for row in rows:
        flow.put(row)
    if scale.large:
        flow.y = max(flow.y, top + side)
    for meter, label in zip(paper.meters, labels, strict=True):
        _boxes(flow, meter, scale, label)


def paid_by(paper: ReceiptPaper) -> str:
    """What the code pays, read from the code itself: the words beside it cannot say another sum."""
    found = re.search(r"[^0-9A-Za-z]Sum=([0-9]+)", paper.qr)
    what = f"газ и{NBSP}услуги по{NBSP}{month(paper.period)} включительно"
    if found and int(found[1]):
        return f"код оплачивает {rubles(int(found[1]))}: {what}."
    return f"код оплачивает {what}; сумму Вы вводите сами."


def _rows(flow: Flow, paper: ReceiptPaper, scale: Scale, left: float) -> list[Row]:
    """What stands beside the code."""
    payee = paper.payee
    to_pay = (
        f"К{NBSP}оплате {rubles(paper.to_pay_kop)} до{NBSP}{in_words(paper.due_on)}"
        if paper.to_pay_kop
        else f"Платить не{NBSP}нужно"
    )
    texts = [
        (f"Лицевой счёт {paper.number}, {month(paper.period)}", scale.body, True),
        (", ".join(filter(None, (paper.holder, paper.address))), scale.small, False),
        (to_pay, scale.heading, True),
        (f"QR-{paid_by(paper)}", scale.small, False),
    ]
    if not scale.large:
        texts.append((f"Получатель: {payee.legal_name}, ИНН{NBSP}{payee.inn}, р/с{NBSP}{payee.account}", scale.small, False))
    return [flow.laid(Cell(left, flow.right - left, text, size, bold)) for text, size, bold in texts]


def _cut(flow: Flow, scale: Scale) -> None:
    """A dashed line from edge to edge; where letters are small enough for it, it says what it is."""
    edge = flow.left + flow.right
    if scale.large:
        flow.surface.line((0, flow.y), (edge, flow.y), BORDER, dashed=True)
        return
    words = "линия отреза"
    wide = flow.surface.width(words, scale.small)
    x = (edge - wide) / 2
    flow.surface.line((0, flow.y), (x - 6, flow.y), BORDER, dashed=True)
    flow.surface.line((x + wide + 6, flow.y), (edge, flow.y), BORDER, dashed=True)
    with flow.surface.tagged("P"):
        flow.surface.text(x, flow.y + scale.small * 0.3, words, scale.small)


def _box(scale: Scale) -> tuple[float, float]:
    """Width and height of a box for a digit."""
    return scale.body * 1.4, scale.body * 1.9


def _label(flow: Flow, meter: PaperMeter, scale: Scale, left: float) -> Row:
    """The name of the meter: before its boxes, or above them where letters are large."""
    room = flow.right - left - (0 if scale.large else _reach(flow, meter, scale) + 4)
    serial = " ".join(meter.serial.split())
    return flow.laid(Cell(left, room, f"Показание №{NBSP}{serial}", scale.small))


def _reach(flow: Flow, meter: PaperMeter, scale: Scale) -> float:
    """How long a line of boxes is."""
    wide, _ = _box(scale)
    return wide * (meter.digits + FRACTION + 6 + 5 * GAP) + flow.surface.width(DAY, scale.small)


def _boxes_height(label: Row, scale: Scale) -> float:
    _, high = _box(scale)
    return scale.body * 0.5 + (label.height + high if scale.large else max(label.height, high))


def _boxes(flow: Flow, meter: PaperMeter, scale: Scale, label: Row) -> None:
    """A line of boxes for a reading and its day."""
    top, (wide, high) = flow.y + scale.body * 0.5, _box(scale)
    flow.y = top if scale.large else top + max(0.0, (high - label.height) / 2)
    flow.put(label)
    x, y = (flow.left, flow.y) if scale.large else (flow.right - _reach(flow, meter, scale), top)
    x = comma = _group(flow, x, y, (wide, high), meter.digits)
    x = day = _group(flow, x + wide * GAP, y, (wide, high), FRACTION) + wide * GAP
    x += flow.surface.width(DAY, scale.small)
    for _ in range(3):
        x = _group(flow, x + wide * GAP, y, (wide, high), 2)
    with flow.surface.tagged("P"):
        flow.surface.text(comma + wide * GAP * 0.2, y + high - 2, ",", scale.heading, True)
        flow.surface.text(day, y + high * 0.68, DAY, scale.small)
    flow.y = top + _boxes_height(label, scale) - scale.body * 0.5


def _group(flow: Flow, x: float, y: float, box: tuple[float, float], boxes: int) -> float:
    """Boxes of that width and height side by side; the place after them."""
    wide, high = box
    flow.surface.frame(x, y, wide * boxes, high, BORDER)
    for at in range(1, boxes):
        flow.surface.line((x + at * wide, y), (x + at * wide, y + high), BORDER)
    return x + wide * boxes
