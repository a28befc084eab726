"""The receipt: everything that must stand on it, in a file that printers and screen readers understand."""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageChops
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from mygas.documents import receipt
from mygas.documents.tear_off import paid_by
from mygas.money import NBSP
from tests.documents.papers import LINES, METER, PAYEE, RECEIPT, code, replace
from tests.documents.reading import codes, pictures, text
from tests.documents.ruled import RuledSheet

VARIANTS = ("a4", "large")
LONG = "Общество с ограниченной ответственностью «Газораспределительная организация Верхнекамского муниципального округа» " * 2


def words(paper, variant="a4") -> str:
    return " ".join(text(receipt.draw(paper, variant)).replace(NBSP, " ").split())


def ruled(paper, variant) -> RuledSheet:
    sheet = RuledSheet()
    receipt.write(sheet, paper, receipt.SCALES[variant])
    return sheet


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    "expected",
    [
        "Квитанция за газ за октябрь 2026 года", PAYEE.name, PAYEE.legal_name, "ИНН 5902183841, КПП 590401001", PAYEE.account,
        PAYEE.bank_name, "БИК 042202603", PAYEE.corr_account, PAYEE.address, PAYEE.hours, PAYEE.phone, PAYEE.email,
        "Лицевой счёт 12345678", "Единый лицевой счёт 20МВ123456", RECEIPT.holder, RECEIPT.address, "54,3 м²", "Проживает 3 чел.",
        "К оплате 1 294,41 ₽ до 15 ноября 2026 года", "Платежи учтены по 2 ноября 2026 года",
        "№ 01234567", "BK-G4T", "кухня", "14.05.2031", "12 345 м³ 24.09.2026", "12 392,3 м³ 23.10.2026, абонент", RECEIPT.methods,
        "ПИН-код для подключения личного кабинета: 48219035", "Начислено за октябрь 2026 года", "Отопление жилого дома",
        "коэффициент 1,02", "47,3", "7 690,00", "371,01", "снято 12,00", "Долг на 1 октября 2026 года 588,74", "Начислено 957,67",
        "Перерасчёт: снято 12,00", "Пени 10,00", "Оплачено по 2 ноября 2026 года 250,00", "Всего к оплате 1 294,41 ₽",
        "QR-код оплачивает 1 294,41 ₽: газ и услуги по октябрь 2026 года включительно.", "Показание № 01234567", "дата",
    ],
)  # fmt: skip
def test_everything_stands_on_it(expected, variant):
    assert expected in words(RECEIPT, variant)


def test_pin_stands_before_the_breakdown_and_only_where_it_may():
    said = words(RECEIPT)
    assert said.index("ПИН-код") < said.index("Начислено за")
    assert "ПИН" not in words(replace(RECEIPT, pin=""))


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_overpayment_is_said_in_words_and_nothing_is_asked(variant):
    said = words(replace(RECEIPT, opening_kop=-90_000, closing_kop=-12_345, to_pay_kop=0, qr=code("12345678", 0)), variant)
    assert "Платить не нужно Переплата 123,45 ₽" in said
    assert "Переплата на 1 октября 2026 года 900,00" in said
    assert "Переплата 123,45 ₽" in said
    assert "сумму Вы вводите сами" in said
    assert "Всего к оплате" not in said
    assert "−" not in said and "-123" not in said


def test_nothing_owed_at_all():
    paper = replace(RECEIPT, opening_kop=0, closing_kop=0, to_pay_kop=0, recalculated_kop=0)
    said = words(paper)
    assert "Платить не нужно Долга нет" in said
    assert "Остаток на 1 октября 2026 года 0,00" in said
    assert "Перерасчёт 0,00" in said


def test_a_verification_that_is_over_is_said_so():
    said = words(replace(RECEIPT, meters=(replace(METER, verified_until=date(2026, 11, 1)),)))
    assert "01.11.2026, срок прошёл" in said
    assert "прошёл" not in words(replace(RECEIPT, meters=(replace(METER, verified_until=date(2026, 11, 2)),)))


def test_words_beside_the_code_are_the_codes_own():
    assert "7,00" in paid_by(replace(RECEIPT, qr=RECEIPT.qr.replace("Sum=129441", "Sum=700")))
    assert "вводите сами" in paid_by(replace(RECEIPT, qr=RECEIPT.qr.replace("|Sum=129441", "")))


def test_without_a_code_there_are_no_words_of_it():
    paper = replace(RECEIPT, qr="")
    assert "QR" not in words(paper)
    assert codes(receipt.draw(paper, "a4")) == []


@pytest.mark.parametrize(("variant", "pages"), [("a4", 1), ("large", 2)])
def test_pages_and_weight(variant, pages):
    drawn = receipt.draw(RECEIPT, variant)
    assert len(PdfReader(BytesIO(drawn)).pages) == pages
    assert len(drawn) < 60_000


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_paper_gives_the_same_bytes(variant):
    assert receipt.draw(RECEIPT, variant) == receipt.draw(replace(RECEIPT), variant)
    assert receipt.draw(RECEIPT, variant) != receipt.draw(replace(RECEIPT, pin=""), variant)


def test_language_title_and_structure_for_reading_aloud():
    reader = PdfReader(BytesIO(receipt.draw(RECEIPT, "a4")))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "ru-RU"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Квитанция за газ, октябрь 2026 года, лицевой счёт 12345678"
    assert reader.metadata.creation_date.date() == RECEIPT.as_of
    elements = [element.get_object() for element in catalogue["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    kinds = [element["/S"] for element in elements]
    assert kinds.count("/H1") == 1 and kinds.count("/H2") >= 4
    assert [element["/Alt"] for element in elements if element["/S"] == "/Figure"] == [f"QR-{paid_by(RECEIPT)}"]
    assert [element["/K"][0] for element in elements] == list(range(len(elements)))
    assert isinstance(elements[0].raw_get("/Pg"), IndirectObject)


def test_black_on_white():
    for picture in pictures(receipt.draw(RECEIPT, "a4"), 60, grayscale=False):
        red, green, blue = picture.convert("RGB").split()
        assert not ImageChops.difference(red, green).getbbox() and not ImageChops.difference(green, blue).getbbox()


def test_large_letters_are_large():
    assert min(ruled(RECEIPT, "large").sizes) >= 16
    assert min(ruled(RECEIPT, "a4").sizes) >= 8


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_code_is_large_enough_for_old_telephones(variant):
    assert min(ruled(RECEIPT, variant).sides) >= 40 / 25.4 * 72


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    "paper",
    [
        replace(RECEIPT, payee=replace(PAYEE, name=LONG, legal_name=LONG, address=LONG, bank_name=LONG, hours=LONG)),
        replace(RECEIPT, holder=LONG, address=LONG, privileges=LONG, methods=LONG),
        replace(RECEIPT, holder="Ж" * 160, address="Щ" * 250),
        replace(RECEIPT, lines=LINES * 12),
        replace(RECEIPT, meters=(METER,) * 9),
        replace(RECEIPT, meters=(replace(METER, serial="9" * 40, model=LONG[:60], place=LONG[:80], digits=8),) * 3),
        replace(RECEIPT, meters=(), lines=()),
        replace(RECEIPT, meters=(replace(METER, verified_until=None, previous_milli=None, previous_on=None, value_on=None),)),
        replace(RECEIPT, lines=(replace(LINES[0], service=LONG[:80], sum_kop=9_999_999_999, price_kop=9_999_999_999),)),
    ],
    ids=["supplier", "person", "unbroken", "lines", "meters", "long meters", "nothing", "unknown", "millions"],
)
def test_nothing_leaves_the_page(paper, variant):
    assert ruled(paper, variant).sides
    assert codes(receipt.draw(paper, variant)) == [paper.qr.encode()]


odd = st.text(max_size=300)
sums = st.integers(-(10**10), 10**10)
days = st.dates(date(1900, 1, 1), date(2999, 12, 31))
meters = st.builds(
    replace, st.just(METER), serial=odd, model=odd, place=odd, value_source=odd, value_milli=st.none() | st.integers(0, 10**9),
    verified_until=st.none() | days, value_on=st.none() | days, digits=st.integers(3, 8),
)  # fmt: skip
lines = st.builds(replace, st.just(LINES[0]), service=odd, method=odd, sum_kop=sums, recalculated_kop=sums, price_kop=sums)
papers = st.builds(
    replace, st.just(RECEIPT), payee=st.builds(replace, st.just(PAYEE), name=odd, legal_name=odd, address=odd, hours=odd),
    number=st.text(max_size=20), holder=odd, address=odd, privileges=odd, methods=odd, pin=st.text(max_size=12), opening_kop=sums,
    closing_kop=sums, to_pay_kop=st.integers(0, 10**10), due_on=days, area_cm2=st.integers(0, 10**9),
    meters=st.lists(meters, max_size=4).map(tuple), lines=st.lists(lines, max_size=5).map(tuple),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(papers, st.sampled_from(VARIANTS))
def test_odd_texts_neither_raise_nor_leave_the_page(paper, variant):
    assert ruled(paper, variant).sides
    assert receipt.draw(paper, variant).startswith(b"%PDF-")
