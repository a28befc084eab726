"""квитанция (платёжный документ) on A4: one page, or larger letters on two; product.md §3.5.

Black on white: what matters is larger, bolder or framed, nothing is told by a colour. A sum says in words which way it goes.
"""

from collections.abc import Iterator

from mygas.documents import receipt_tables, tear_off
from mygas.documents.figures import in_words, month, square_metres, standing
from mygas.documents.flow import A4, LARGE, Cell, Flow, Scale
from mygas.documents.receipt_tables import PAID_HERE
from mygas.documents.sheet import Page, Sheet, Surface
from mygas.money import NBSP, rubles
from mygas.papers import Payee, ReceiptPaper, Variant

SCALES: dict[Variant, Scale] = {"a4": A4, "large": LARGE}
SIDE = 188.0  # points: how wide the right column of the upper part is


def draw(paper: ReceiptPaper, variant: Variant) -> bytes:
    """The paper as a PDF with tags for reading aloud. The same paper gives the same bytes."""
    sheet = Sheet()
    write(sheet, paper, SCALES[variant])
    title = f"Квитанция за газ, {month(paper.period)}, лицевой счёт {paper.number}"
    return sheet.file(title.replace(NBSP, " "), paper.as_of)


def pages(paper: ReceiptPaper, variant: Variant) -> list[Page]:
    """Its pages alone and without tags, for files of many papers."""
    sheet = Sheet(with_tags=False)
    write(sheet, paper, SCALES[variant])
    return sheet.pages()


def write(surface: Surface, paper: ReceiptPaper, scale: Scale) -> None:
    """Draw the paper on any surface."""
    surface.page()
    flow = Flow(surface)
    flow.on_page = lambda: _running_head(flow, paper, scale)
    _head(flow, paper, scale)
    _account(flow, paper, scale)
    _pin(flow, paper, scale)
    receipt_tables.meters(flow, paper, scale)
    receipt_tables.charges(flow, paper, scale)
    receipt_tables.balance(flow, paper, scale)
    if scale.large:
        flow.gap(scale.body)
        flow.text(_bank(paper.payee), scale.small)
    if paper.current:
        tear_off.write(flow, paper, scale)


def _running_head(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    flow.text(f"Лицевой счёт {paper.number}, {month(paper.period)} — продолжение", scale.small)
    flow.rule()


def _head(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """Who charges and for what month; where he is to be found; where the money goes."""
    payee = paper.payee
    title = f"Квитанция за{NBSP}газ за{NBSP}{month(paper.period)}"
    flow.text(payee.name, scale.heading, True)
    flow.text(title, scale.title, True, "H1")
    flow.rule(1.2, 5)
    found = f"{payee.address}\n{payee.hours}\nТелефон {payee.phone}\n{payee.email}"
    if scale.large:
        flow.text(found, scale.small)
    else:
        flow.row(
            Cell(flow.left, flow.width - SIDE - 16, _bank(payee), scale.small),
            Cell(flow.right - SIDE, SIDE, found, scale.small),
        )
    flow.rule(0.4, 5)


def _bank(payee: Payee) -> str:
    return (
        f"Получатель платежа: {payee.legal_name}\nИНН{NBSP}{payee.inn}, КПП{NBSP}{payee.kpp}\n"
        f"Расчётный счёт {payee.account}\n{payee.bank_name}\nБИК{NBSP}{payee.bic}, корр.{NBSP}счёт {payee.corr_account}"
    )


def _account(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """Whose account it is on the left, what is to be paid in a frame on the right; one under the other in large letters."""
    flow.gap(scale.body * 0.7)
    facts = flow if scale.large else flow.beside(flow.left, flow.right - SIDE - 16)
    frame = flow if scale.large else flow.beside(flow.right - SIDE, flow.right)
    facts.text(f"Лицевой счёт {paper.number}", scale.title, True, "H2")
    facts.gap(scale.body * 0.3)
    for text in _facts(paper):
        facts.text(text, scale.body)
    if scale.large:
        flow.gap(scale.body * 0.7)
    _to_pay(frame, paper, scale)
    flow.y = max(facts.y, frame.y)


def _facts(paper: ReceiptPaper) -> Iterator[str]:
    if paper.united_number:
        yield f"Единый лицевой счёт {paper.united_number}"
    yield from filter(None, (paper.holder, paper.address))
    if paper.area_cm2:
        yield f"Отапливаемая площадь {square_metres(paper.area_cm2)}"
    if paper.residents:
        yield f"Проживает {paper.residents}{NBSP}чел."
    if paper.privileges:
        yield f"Льготы: {paper.privileges}"


def _to_pay(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    """The frame that the whole paper is for. Of a past month it asks for nothing: what was owed then may be paid by now."""
    pad, top = scale.body * 0.9, flow.y
    inner = flow.beside(flow.left + pad, flow.right - pad)
    inner.gap(pad * 0.6)
    if not paper.current:
        inner.text("На\u00a0конец месяца", scale.heading)
        inner.text(standing(paper.closing_kop), scale.title, True, "H2")
        inner.text(f"Сколько платить сейчас, сказано в{NBSP}квитанции за{NBSP}последний месяц", scale.body)
    elif paper.to_pay_kop:
        inner.text("К оплате", scale.heading)
        inner.text(rubles(paper.to_pay_kop), scale.figure, True, "H2")
        inner.text(f"до {in_words(paper.due_on)}", scale.heading, True)
    else:
        inner.text("Платить не\u00a0нужно", scale.title, True, "H2")
        inner.text(standing(paper.left_kop), scale.heading)
    inner.gap(pad * 0.2)
    inner.text(f"Платежи учтены по\u00a0{in_words(paper.as_of)}", scale.small)
    if paper.paid_here_kop:
        inner.text(f"{PAID_HERE}: {rubles(paper.paid_here_kop)}", scale.small)
    inner.gap(pad * 0.7)
    flow.surface.frame(flow.left, top, flow.width, inner.y - top, 1.6)
    flow.y = inner.y


def _pin(flow: Flow, paper: ReceiptPaper, scale: Scale) -> None:
    if paper.pin:
        flow.gap(scale.body * 0.8)
        flow.text(f"ПИН-код для подключения личного кабинета: {paper.pin}", scale.heading, True)
