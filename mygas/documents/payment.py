"""чек: the document of one payment as a PDF."""

from fpdf import FPDF

from mygas.documents.fonts import FOLDER
from mygas.money import rubles
from mygas.papers import PaymentPaper


def draw(paper: PaymentPaper) -> bytes:
    """The paper as a PDF; the same paper gives the same bytes."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(paper.paid_at)
    pdf.set_lang("ru-RU")
    pdf.set_title(f"Документ об оплате {paper.number}")
    pdf.add_font("Paper", "", FOLDER / "paper-regular.ttf")
    pdf.set_font("Paper", size=11)
    pdf.add_page()
    for text in (
        f"Документ об оплате № {paper.number}",
        f"Лицевой счёт {paper.account_number}",
        paper.address,
        f"Сумма {rubles(paper.amount_kop)}",
        paper.state,
    ):
        pdf.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())
