"""квитанция as a PDF: product.md §3.5."""

from datetime import UTC, datetime

from fpdf import FPDF

from mygas.documents.fonts import FOLDER
from mygas.documents.qr import bars, matrix
from mygas.money import rubles
from mygas.papers import ReceiptPaper, Variant


def draw(paper: ReceiptPaper, variant: Variant) -> bytes:
    """The paper as a PDF; the same paper gives the same bytes."""
    size = 16 if variant == "large" else 10
    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime(paper.as_of.year, paper.as_of.month, paper.as_of.day, tzinfo=UTC))
    pdf.set_lang("ru-RU")
    pdf.set_title(f"Квитанция за газ, лицевой счёт {paper.number}")
    pdf.add_font("Paper", "", FOLDER / "paper-regular.ttf")
    pdf.set_font("Paper", size=size)
    pdf.add_page()
    for text in (
        paper.payee.legal_name,
        f"Лицевой счёт {paper.number}",
        paper.holder,
        paper.address,
        *(f"{line.service} {rubles(line.sum_kop)}" for line in paper.lines),
        f"К оплате {rubles(paper.to_pay_kop)}",
    ):
        pdf.multi_cell(0, size / 2, text, new_x="LMARGIN", new_y="NEXT")
    _code(pdf, paper, 42.0)
    return bytes(pdf.output())


def _code(pdf: FPDF, paper: ReceiptPaper, side: float) -> None:
    modules = matrix(paper.qr, paper.qr_codec)
    step, x, y = side / len(modules), pdf.l_margin + 6, pdf.get_y() + 6
    pdf.set_fill_color(0)
    for column, row, length in bars(modules):
        pdf.rect(x + column * step, y + row * step, length * step, step, style="F")
