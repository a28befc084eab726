"""The middle of a receipt: meters, the month's charges, and how the sum to pay comes about. In large letters without columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mygas.documents.figures import amount, changed, charged, coefficient, in_figures, in_words, month, month_begins, thousandths
from mygas.documents.flow import Cell, Flow, Row, Scale, height_of
from mygas.money import NBSP, rubles
from mygas.papers import PaperLine, PaperMeter, ReceiptPaper

AIR = 8.0  # points between columns
PAID_HERE = "Оплачено через портал, ещё не\u00a0учтено поставщиком"
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """Heads and shares of the width; those from `figures_from` on stand flush right."""

    heads: tuple[tuple[str, float], ...]
    figures_from: int


METERS = Columns(
    (("Прибор учёта", 0.32), ("Следующая поверка", 0.2), ("Предыдущее показание", 0.24), ("Последнее показание", 0.24)), 4
)
CHARGES = Columns(
    (
        ("Услуга", 0.29),
        ("Как начислено", 0.2),
        ("Объём,\nм³", 0.11),
        ("Цена за\n1000 м³, ₽", 0.13),
        ("Начислено,\n₽", 0.13),
        ("Перерасчёт,\n₽", 0.14),
    ),
    2,
)


def meters(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """Each meter with its last two readings."""
    told = [_meter(meter, paper.as_of) for meter in paper.meters]
    if told and scale.large:
        _blocks(flow, scale, "Приборы учёта", [_meter_block(flow, scale, texts) for texts in told])
    elif told:
        flow.heading("Приборы учёта", scale)
        _table(flow, scale, METERS, told)


def _meter_block(flow: Flow, scale: Scale, texts: Texts) -> list[Row]:
    named, checked, before, after = texts
    return [
        flow.laid(Cell(flow.left, flow.width, named.replace("\n", ", "), scale.body, True)),
        flow.paired("Следующая поверка", checked, scale.body),
        flow.paired("Предыдущее показание", before, scale.body),
        flow.paired("Последнее показание", after, scale.body),
    ]


def _meter(meter: PaperMeter, as_of: date) -> Texts:
    named = f"{meter.model} №{NBSP}{meter.serial}".strip()
    return (
        f"{named}\n{meter.place}" if meter.place else named,
        _verification(meter.verified_until, as_of),
        _value(meter.previous_milli) + (f"\n{in_figures(meter.previous_on)}" if meter.previous_on else ""),
        _value(meter.value_milli) + (f"\n{in_figures(meter.value_on)}, {meter.value_source}" if meter.value_on else ""),
    )


def _verification(until: date | None, as_of: date) -> str:
    if not until:
        return "срок не\u00a0указан"
    return in_figures(until) if until >= as_of else f"{in_figures(until)}, срок\u00a0прошёл"


def _value(milli: int | None) -> str:
    return "нет" if milli is None else f"{thousandths(milli)}{NBSP}м³"


def charges(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """What was charged this month, a line a service, the sum of them, and in a sentence how the month was charged."""
    title = f"Начислено за\u00a0{month(paper.period)}"
    if scale.large:
        _blocks(flow, scale, title, [_line_block(flow, scale, line) for line in paper.lines])
    else:
        flow.heading(title, scale)
        total = ("Всего начислено", "", "", "", charged(paper.charged_kop), changed(paper.recalculated_kop))
        _table(flow, scale, CHARGES, [*map(_line, paper.lines)], total)
    if paper.methods:
        flow.gap(scale.body * 0.3)
        flow.text(paper.methods, scale.body)


def _line_block(flow: Flow, scale: Scale, line: PaperLine) -> list[Row]:
    return [
        flow.paired(line.service, f"{charged(line.sum_kop)}{NBSP}₽", scale.body, True),
        flow.laid(Cell(flow.left, flow.width, _in_a_sentence(line), scale.body)),
    ]


def _line(line: PaperLine) -> Texts:
    return (
        line.service,
        _how(line),
        thousandths(line.volume_milli) if line.volume_milli else "",
        amount(line.price_kop) if line.price_kop else "",
        charged(line.sum_kop),
        changed(line.recalculated_kop),
    )


def _how(line: PaperLine) -> str:
    if line.coefficient_micro in (0, 1_000_000):  # not told, or nothing to be said
        return line.method
    return f"{line.method}, коэффициент{NBSP}{coefficient(line.coefficient_micro)}"


def _in_a_sentence(line: PaperLine) -> str:
    parts = [_how(line)]
    if line.volume_milli:
        parts.append(f"{thousandths(line.volume_milli)}{NBSP}м³")
    if line.price_kop:
        parts.append(f"цена за{NBSP}1000{NBSP}м³ {rubles(line.price_kop)}")
    if line.recalculated_kop:
        parts.append(f"перерасчёт: {changed(line.recalculated_kop)}{NBSP}₽")
    return "; ".join(parts)


def balance(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """From the opening balance to what is to be paid, or to what stood at the end of a past month."""
    flow.room(scale.body * 14)
    title, rows = "Как получилась сумма к\u00a0оплате" if paper.to_pay_kop else "Как получился остаток", flow
    if scale.large:
        flow.heading(title, scale)
    else:
        flow.gap(scale.body)
        rows = flow.beside(flow.left + flow.width * 0.42, flow.right)
        flow.row(Cell(flow.left, flow.width * 0.4, title, scale.heading, True), tag="H2")
    for label, kopecks in _steps(paper):
        rows.pair(label, amount(kopecks), scale.body)
    rows.rule(1.0)
    rows.pair(_left(paper), rubles(abs(paper.left_kop)), scale.heading, True)
    flow.y = rows.y


def _steps(paper: ReceiptPaper) -> Iterator[tuple[str, int]]:
    """Sums stand without signs: which way each goes is said in words."""
    recalculated, penalty = paper.recalculated_kop, paper.penalty_kop
    yield f"{_state('Долг', 'Переплата', 'Остаток', paper.opening_kop)} на\u00a0{month_begins(paper.period)}", paper.opening_kop
    yield "Начислено" if paper.charged_kop >= 0 else "Начисления: снято", paper.charged_kop
    yield _state("Перерасчёт: добавлено", "Перерасчёт: снято", "Перерасчёт", recalculated), recalculated
    yield "Пени" if penalty >= 0 else "Пени: снято", penalty
    yield f"{'Оплачено' if paper.paid_kop >= 0 else 'Возвращено'} по\u00a0{in_words(paper.as_of)}", paper.paid_kop
    if paper.paid_here_kop:
        yield PAID_HERE, paper.paid_here_kop


def _left(paper: ReceiptPaper) -> str:
    if paper.current:
        return _state("Всего к оплате", "Переплата", "К оплате", paper.left_kop)
    return _state("Долг", "Переплата", "Остаток", paper.left_kop) + " на\u00a0конец месяца"


def _state(debt: str, over: str, nothing: str, kopecks: int) -> str:
    return debt if kopecks > 0 else over if kopecks < 0 else nothing


def _blocks(flow: Flow, scale: Scale, title: str, blocks: list[list[Row]]) -> None:
    """Blocks under a heading, none of them parted, the first one not from the heading."""
    gap = scale.body * 0.3
    flow.heading(title, scale, gap + height_of(blocks[0]) if blocks else 0.0)
    for block in blocks:
        flow.gap(gap)
        flow.together(block)


def _table(flow: Flow, scale: Scale, columns: Columns, rows: list[Texts], total: Texts = ()) -> None:
    """Rows under heads, which are drawn again on a new page."""
    places, x = [], flow.left
    for _, share in columns.heads:
        places.append((x, flow.width * share - AIR))
        x += flow.width * share
    places[-1] = (places[-1][0], flow.right - places[-1][0])

    def cells(texts: Texts, size: float, bold: bool = False) -> list[Cell]:
        return [
            Cell(left, width, text, size, bold, right=at >= columns.figures_from)
            for at, ((left, width), text) in enumerate(zip(places, texts, strict=True))
        ]

    def head() -> None:
        flow.row(*cells(tuple(name for name, _ in columns.heads), scale.small))
        flow.rule(0.8, 2)

    flow.gap(2)
    head()
    for texts in rows:
        flow.row(*cells(texts, scale.body), above=head)
        flow.rule(0.3, 2)
    if total:
        flow.row(*cells(total, scale.body, True), above=head)
