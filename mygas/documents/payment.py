"""чек: the document of one payment, on the upper half of an A4 sheet, in the manner of the receipt."""

from mygas.documents.figures import in_words
from mygas.documents.flow import A4, Flow, Scale
from mygas.documents.sheet import Sheet, Surface
from mygas.money import NBSP, rubles
from mygas.papers import PaymentPaper

FRAME = 205.0  # points: how wide the frame with the sum is


def draw(paper: PaymentPaper) -> bytes:
    """The paper as a PDF with tags for reading aloud. The same paper gives the same bytes."""
    sheet = Sheet()
    write(sheet, paper, A4)
    return sheet.file(f"Документ об оплате № {paper.number}", paper.paid_at.date())


def write(surface: Surface, paper: PaymentPaper, scale: Scale) -> None:
    """Draw the paper on any surface."""
    surface.page()
    flow = Flow(surface)
    flow.text(paper.payee.name, scale.heading, True)
    flow.text(f"Документ об{NBSP}оплате №{NBSP}{paper.number}", scale.title, True, "H1")
    flow.rule(1.2, 5)
    flow.gap(scale.body * 0.5)
    facts, frame = flow.beside(flow.left, flow.right - FRAME - 16), flow.beside(flow.right - FRAME, flow.right)
    for text in _facts(paper):
        facts.text(text, scale.body)
    _sum(frame, paper, scale)
    flow.y = max(facts.y, frame.y)
    _parts(flow, paper, scale)
    flow.gap(scale.body)
    for text in _marks(paper):
        flow.text(text, scale.small)


def _facts(paper: PaymentPaper) -> tuple[str, ...]:
    payee = paper.payee
    return (
        f"Лицевой счёт {paper.account_number}",
        paper.address,
        f"Оплачено {in_words(paper.paid_at.date())} в{NBSP}{paper.paid_at:%H:%M}",
        f"Получатель: {payee.legal_name}",
        f"ИНН{NBSP}{payee.inn}, КПП{NBSP}{payee.kpp}",
        f"Расчётный счёт {payee.account}",
        f"{payee.bank_name}, БИК{NBSP}{payee.bic}",
    )


def _sum(flow: Flow, paper: PaymentPaper, scale: Scale) -> None:
    pad, top = scale.body * 0.9, flow.y
    inner = flow.beside(flow.left + pad, flow.right - pad)
    inner.gap(pad * 0.6)
    inner.text("Сумма платежа", scale.heading)
    inner.text(rubles(paper.amount_kop), scale.figure, True, "H2")
    inner.text(paper.state, scale.body, True)
    inner.gap(pad * 0.7)
    flow.surface.frame(flow.left, top, flow.width, inner.y - top, 1.6)
    flow.y = inner.y


def _parts(flow: Flow, paper: PaymentPaper, scale: Scale) -> None:
    """What was paid for, and what it cost to pay."""
    flow.heading("За что заплачено", scale)
    for service, kopecks in paper.split:
        flow.rule(0.3, 2)
        flow.pair(service, rubles(kopecks), scale.body)
    flow.rule(0.8, 2)
    flow.pair("Сумма платежа", rubles(paper.amount_kop), scale.body, True)
    if paper.commission_kop:
        flow.pair("Комиссия", rubles(paper.commission_kop), scale.body)
        flow.pair("Всего списано", rubles(paper.amount_kop + paper.commission_kop), scale.body, True)
    else:
        flow.pair("Комиссия", "нет", scale.body)


def _marks(paper: PaymentPaper) -> list[str]:
    marks = (("Номер операции в банке", paper.acquirer_id), ("Кассовый чек", paper.fiscal_id))
    return [f"{name}: {mark}" for name, mark in marks if mark]
