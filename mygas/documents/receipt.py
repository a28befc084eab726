"""квитанция (платёжный документ) on A4: one page, or larger letters on two; product.md §3.5.

Black on white: what matters is larger, bolder or framed, nothing is told by a colour. A sum says in words which way it goes.
"""

from collections.abc import Iterator

from mygas.documents import tear_off
from mygas.documents.fast_fpdf import Page, file_of
from mygas.documents.figures import (
    amount,
    coefficient,
    in_figures,
    in_words,
    month,
    month_begins,
    square_metres,
    thousandths,
)
from mygas.documents.flow import A4, LARGE, Cell, Flow, Scale
from mygas.documents.sheet import Sheet, Surface
from mygas.money import NBSP, rubles
from mygas.papers import PaperLine, PaperMeter, ReceiptPaper, Variant

SCALES: dict[Variant, Scale] = {"a4": A4, "large": LARGE}


def draw(paper: ReceiptPaper, variant: Variant) -> bytes:
    """The paper as a PDF with tags for reading aloud. The same paper gives the same bytes."""
    title = f"Квитанция за газ, {month(paper.period)}, лицевой счёт {paper.number}"
    return file_of(pages(paper, variant), title, paper.as_of)


def pages(paper: ReceiptPaper, variant: Variant, with_tags: bool = True) -> list[Page]:
    """Its pages alone, for files of many papers."""
    sheet = Sheet(with_tags)
    write(sheet, paper, SCALES[variant])
    return sheet.pages()


def write(surface: Surface, paper: ReceiptPaper, scale: Scale) -> None:
    """Draw the paper on any surface."""
    surface.page()
    flow = Flow(surface)
    flow.on_page = lambda: _running_head(flow, paper, scale)
    _head(flow, paper, scale)
    _account(flow, paper, scale)
    _meters(flow, paper, scale)
    _pin(flow, paper, scale)
    _charges(flow, paper, scale)
    _balance(flow, paper, scale)
    tear_off.write(flow, paper, scale)


def _running_head(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    flow.text(f"Лицевой счёт {paper.number}, {month(paper.period)} — продолжение", scale.small)
    flow.rule()


def _head(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """Who charges and for what month; where he is to be found; where the money goes."""
    payee = paper.payee
    title = f"Квитанция за{NBSP}газ за{NBSP}{month(paper.period)}"
    if scale.large:
        flow.text(title, scale.title, True, "H1")
        flow.text(payee.name, scale.heading, True)
    else:
        half = flow.width * 0.42
        flow.row(
            Cell(flow.left, flow.width - half - 12, title, scale.title, True),
            Cell(flow.right - half, half, payee.name, scale.heading, True),
            tag="H1",
        )
    flow.rule(1.0)
    found = f"{payee.address}\n{payee.hours}\n{payee.phone}, {payee.email}"
    bank = (
        f"Получатель: {payee.legal_name}\nИНН {payee.inn}, КПП {payee.kpp}\n"
        f"р/с {payee.account}, {payee.bank_name}\nк/с {payee.corr_account}, БИК {payee.bic}"
    )
    if scale.large:
        flow.text(found, scale.small)
        return
    half = flow.width * 0.42
    flow.row(
        Cell(flow.left, flow.width - half - 12, bank, scale.small),
        Cell(flow.right - half, half, found, scale.small),
    )
    flow.rule()


def _account(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """Whose account it is on the left, what is to be paid in a frame on the right."""
    flow.gap(4)
    box = 190.0
    split = flow.right - (0 if scale.large else box + 16)
    facts = flow if scale.large else flow.beside(flow.left, split)
    top = flow.y
    facts.text(f"Лицевой счёт {paper.number}", scale.title, True, "H2")
    for text in _facts(paper):
        facts.text(text, scale.body)
    if scale.large:
        flow.gap(scale.body / 2)
        _to_pay(flow, paper, scale)
        return
    _to_pay(side := Flow(flow.surface, flow.right - box, flow.right, top), paper, scale)
    flow.y = max(facts.y, side.y) + 4


def _facts(paper: ReceiptPaper) -> Iterator[str]:
    if paper.united_number:
        yield f"Единый лицевой счёт {paper.united_number}"
    yield paper.holder
    yield paper.address
    yield f"Отапливаемая площадь {square_metres(paper.area_cm2)}, проживает {paper.residents}{NBSP}чел."
    if paper.privileges:
        yield f"Льготы: {paper.privileges}"


def _to_pay(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """The frame that the whole paper is for."""
    pad, top = scale.body * 0.9, flow.y
    inner = flow.beside(flow.left + pad, flow.right - pad)
    inner.gap(pad * 0.6)
    if paper.to_pay_kop:
        inner.text("К оплате", scale.heading)
        inner.text(rubles(paper.to_pay_kop), scale.figure, True, "H2")
        inner.text(f"до {in_words(paper.due_on)}", scale.heading, True)
    else:
        inner.text("Платить не нужно", scale.title, True, "H2")
        inner.text(f"Переплата {rubles(abs(paper.closing_kop))}" if paper.closing_kop else "Долга нет", scale.body)
    inner.text(f"Платежи учтены по {in_words(paper.as_of)}", scale.small)
    inner.gap(pad * 0.6)
    flow.surface.frame(flow.left, top, flow.width, inner.y - top, 1.5)
    flow.y = inner.y


def _meters(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    flow.gap(scale.body * 0.6)
    flow.text("Приборы учёта" if len(paper.meters) > 1 else "Прибор учёта", scale.heading, True, "H2")
    columns = _columns(flow, (0.32, 0.18, 0.24, 0.26))
    for meter in paper.meters:
        texts = _meter(meter)
        if scale.large:
            for text in texts:
                flow.text(text.replace("\n", " "), scale.body)
        else:
            flow.rule(gap=2)
            flow.row(*(Cell(x, width, text, scale.body) for (x, width), text in zip(columns, texts, strict=True)))
    if not scale.large and paper.meters:
        flow.rule(gap=2)
    flow.text(paper.methods, scale.body)


def _meter(meter: PaperMeter) -> tuple[str, str, str, str]:
    named = " ".join(filter(None, (meter.model, f"№{NBSP}{meter.serial}")))
    checked = in_figures(meter.verified_until) if meter.verified_until else "срок не указан"
    return (
        f"{named}\n{meter.place}".strip(),
        f"Следующая поверка\n{checked}",
        f"Было {_value(meter.previous_milli)}" + (f"\n{in_figures(meter.previous_on)}" if meter.previous_on else ""),
        f"Стало {_value(meter.value_milli)}"
        + (f"\n{in_figures(meter.value_on)}, {meter.value_source}" if meter.value_on else ""),
    )


def _value(milli: int | None) -> str:
    return "—" if milli is None else f"{thousandths(milli)}{NBSP}м³"


def _columns(flow: Flow, shares: tuple[float, ...]) -> list[tuple[float, float]]:
    """Places and widths of columns with air between them."""
    places, x = [], flow.left
    for share in shares:
        places.append((x, flow.width * share - 8))
        x += flow.width * share
    return places


def _pin(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    if paper.pin:
        flow.gap(scale.body * 0.6)
        flow.text(f"ПИН-код для личного кабинета: {paper.pin}", scale.heading, True)


def _charges(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    flow.gap(scale.body * 0.6)
    flow.text(f"Начислено за {month(paper.period)}", scale.heading, True, "H2")
    for line in paper.lines:
        texts = _line(line)
        if scale.large:
            flow.text(f"{texts[0]}: {texts[4]}", scale.body, True)
            flow.text(f"{texts[1]}, {texts[2]} × {texts[3]}", scale.body)
            continue
        columns = _columns(flow, (0.3, 0.2, 0.11, 0.12, 0.13, 0.14))
        flow.rule(gap=2)
        flow.row(
            *(
                Cell(x, width, text, scale.body, right=at > 1)
                for at, ((x, width), text) in enumerate(zip(columns, texts, strict=True))
            )
        )
    flow.rule(gap=2)


def _line(line: PaperLine) -> tuple[str, ...]:
    how = (
        line.method
        if line.coefficient_micro == 1_000_000
        else f"{line.method}, коэффициент {coefficient(line.coefficient_micro)}"
    )
    return (
        line.service,
        how,
        thousandths(line.volume_milli) if line.volume_milli else "—",
        amount(line.price_kop) if line.price_kop else "—",
        amount(line.sum_kop),
        amount(line.recalculated_kop),
    )


def _balance(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    flow.gap(4)
    flow.text(f"Долг на {month_begins(paper.period)}: {amount(paper.opening_kop)}", scale.body)
