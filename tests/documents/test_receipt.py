"""The receipt: everything that must stand on it, in a file that printers and screen readers understand."""

import re
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


PAST = replace(RECEIPT, current=False, to_pay_kop=0, qr="")
STOOD = {"Долг": 1, "Переплата": -1, "Остаток": 0, "Всего к оплате": 1, "К оплате": 0}
MOVED = {"Начислено": 1, "Начисления: снято": -1, "Перерасчёт: добавлено": 1, "Перерасчёт: снято": -1, "Перерасчёт": 0, "Пени": 1,
         "Пени: снято": -1, "Оплачено по": -1, "Возвращено по": 1, "Оплачено через портал": -1}  # fmt: skip


def steps(paper, variant) -> list[tuple[str, int]]:
    """What is printed of how the sum came about: each label with its sum, the total last."""
    printed = ruled(paper, variant).said
    title = "Как получилась сумма к\u00a0оплате" if paper.to_pay_kop else "Как получился остаток"
    found, label = [], ""
    for said in printed[printed.index(title) + 1 :]:
        if amount := re.fullmatch(r"([0-9\u00a0]+),([0-9]{2})(?:\u00a0₽)?", said):
            found.append((label.strip(), int(amount[1].replace(NBSP, "") + amount[2])))
            label = ""
            if "₽" in said:
                return found
        else:
            label += f" {said}"
    raise AssertionError("no total")


def signed(label: str, kop: int, signs: dict[str, int]) -> int:
    sign = next(sign for words, sign in sorted(signs.items(), reverse=True) if label.startswith(words))
    assert sign or not kop, f"{label} {kop}: which way does it go?"
    return sign * kop


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(-(10**7), 10**7) | st.just(0), min_size=6, max_size=6), st.booleans(), st.sampled_from(VARIANTS))
def test_what_is_printed_adds_up_by_its_words(sums, current, variant):
    opening, charged, recalculated, penalty, paid, here = sums
    closing, here = opening + charged + recalculated + penalty - paid, abs(here) if current else 0
    paper = replace(
        RECEIPT, opening_kop=opening, charged_kop=charged, recalculated_kop=recalculated, penalty_kop=penalty, paid_kop=paid,
        closing_kop=closing, paid_here_kop=here, current=current, to_pay_kop=max(closing - here, 0) if current else 0,
    )  # fmt: skip
    begun, *moved, total = steps(paper, variant)
    reckoned = signed(*begun, STOOD) + sum(signed(*step, MOVED) for step in moved)
    assert reckoned == signed(*total, STOOD) == closing - here
    assert len(moved) == (5 if here else 4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_was_taken_back_is_said_in_words(variant):
    storno = replace(LINES[0], sum_kop=-5_000, recalculated_kop=0)
    said = words(replace(RECEIPT, penalty_kop=-1_500, paid_kop=-5_000, lines=(storno,)), variant)
    assert "Пени: снято 15,00" in said
    assert "Возвращено по 2 ноября 2026 года 50,00" in said
    assert "снято 50,00" in said
    assert "−" not in said and "-5" not in said


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_was_paid_here_is_not_asked_for_again(variant):
    paper = replace(RECEIPT, paid_here_kop=29_441, to_pay_kop=100_000, qr=code("12345678", 100_000))
    said = words(paper, variant)
    assert "К оплате 1 000,00 ₽ до 15 ноября 2026 года" in said
    assert "Оплачено через портал, ещё не учтено поставщиком: 294,41 ₽" in said
    assert "Оплачено через портал, ещё не учтено поставщиком 294,41" in said, "a step of its own"
    assert "Всего к оплате 1 000,00 ₽" in said
    assert "QR-код оплачивает 1 000,00 ₽" in said
    assert "1 294,41" not in said
    nothing = words(replace(paper, paid_here_kop=130_000, to_pay_kop=0, qr=code("12345678", 0)), variant)
    assert "Платить не нужно Переплата 5,59 ₽" in nothing


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("closing", "framed", "total"),
    [(70_748, "Долг 707,48 ₽", "Долг на конец месяца 707,48 ₽"), (0, "Долга нет", "Остаток на конец месяца 0,00 ₽"),
     (-500, "Переплата 5,00 ₽", "Переплата на конец месяца 5,00 ₽")],
)  # fmt: skip
def test_a_past_month_asks_for_nothing(variant, closing, framed, total):
    paper = replace(PAST, closing_kop=closing, opening_kop=closing)
    said = words(paper, variant)
    assert f"На конец месяца {framed} Сколько платить сейчас, сказано в квитанции за последний месяц" in said
    assert total in said
    assert not re.search("[Кк] оплате|QR|15 ноября|Платить не нужно|линия отреза|Показание №", said)
    assert codes(receipt.draw(paper, variant)) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_of_what_is_not_told_there_are_no_words(variant):
    basic = replace(RECEIPT, united_number="", holder="", address="п***, ул. М***", area_cm2=0, residents=0, meters=(), pin="")
    said = words(basic, variant)
    assert not re.search("площадь|Проживает|Приборы учёта|Единый|Показание|ПИН", said)
    assert f"Лицевой счёт {basic.number}, октябрь 2026 года п***, ул. М*** К оплате" in said, "in the tear-off"
    assert RECEIPT.methods in said
    assert " ," not in said
    assert ", ," not in words(replace(basic, address=""), variant)


def test_a_meter_is_not_parted_from_its_values_in_large_print():
    for more in range(30):
        sheet = ruled(replace(RECEIPT, privileges="льгота\n" * (more % 7), meters=(METER,) * (more // 3)), "large")
        for page in sheet.pages_said:
            assert page.count("Последнее показание") == sum(said.startswith("BK-G4T") for said in page)
            assert page[-1] != "Приборы учёта"


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


@pytest.mark.parametrize(("variant", "pages"), [("a4", 1), ("large", 2)])
@pytest.mark.parametrize("paid_here_kop", [0, 29_441])
def test_pages_and_weight(variant, pages, paid_here_kop):
    drawn = receipt.draw(replace(RECEIPT, paid_here_kop=paid_here_kop), variant)
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
    closing_kop=sums, penalty_kop=sums, paid_kop=sums, paid_here_kop=st.integers(0, 10**10), current=st.booleans(),
    to_pay_kop=st.integers(0, 10**10), due_on=days, area_cm2=st.integers(0, 10**9),
    meters=st.lists(meters, max_size=4).map(tuple), lines=st.lists(lines, max_size=5).map(tuple),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(papers, st.sampled_from(VARIANTS))
def test_odd_texts_neither_raise_nor_leave_the_page(paper, variant):
    assert bool(ruled(paper, variant).sides) is paper.current
    assert receipt.draw(paper, variant).startswith(b"%PDF-")
