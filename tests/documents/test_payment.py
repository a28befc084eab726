"""The document of one payment."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from mygas.documents import payment
from mygas.documents.flow import A4
from mygas.documents.sheet import HEIGHT
from mygas.money import NBSP
from tests.documents.papers import PAYEE, PAYMENT, replace
from tests.documents.reading import text
from tests.documents.ruled import RuledSheet

LONG = "Техническое обслуживание внутридомового и внутриквартирного газового оборудования " * 3


def words(paper) -> str:
    return " ".join(text(payment.draw(paper)).replace(NBSP, " ").split())


@pytest.mark.parametrize(
    "expected",
    [
        "Документ об оплате № МГ-2026-000123", PAYEE.name, PAYEE.legal_name, PAYEE.inn, PAYEE.account, PAYEE.bank_name,
        "Лицевой счёт 12345678", PAYMENT.address, "Оплачено 5 ноября 2026 года в 14:31", "Сумма платежа 1 294,41 ₽",
        "Газоснабжение природным газом 1 044,41 ₽", "Комиссия 12,94 ₽", "Всего списано 1 307,35 ₽", PAYMENT.state,
        f"Номер операции в банке: {PAYMENT.acquirer_id}", "Кассовый чек: 12345",
    ],
)  # fmt: skip
def test_everything_stands_on_it(expected):
    assert expected in words(PAYMENT)


def test_what_is_not_known_or_not_taken_is_not_asked_about():
    said = words(replace(PAYMENT, commission_kop=0, acquirer_id="", fiscal_id=""))
    assert "Комиссия нет" in said
    assert not [word for word in ("списано", "Номер операции", "Кассовый чек") if word in said]


def test_file():
    drawn = payment.draw(PAYMENT)
    reader = PdfReader(BytesIO(drawn))
    assert drawn == payment.draw(replace(PAYMENT))
    assert len(drawn) < 60_000 and len(reader.pages) == 1
    assert reader.metadata.title == "Документ об оплате № МГ-2026-000123"
    assert reader.trailer["/Root"]["/Lang"] == "ru-RU"


def test_it_takes_the_upper_half_and_holds_long_texts():
    sheet = RuledSheet()
    payment.write(sheet, PAYMENT, A4)
    assert sheet.lowest < HEIGHT / 2
    long = replace(PAYMENT, address=LONG, state=LONG, split=((LONG, 1),) * 9, payee=replace(PAYEE, name=LONG, legal_name=LONG))
    payment.write(sheet, long, A4)
