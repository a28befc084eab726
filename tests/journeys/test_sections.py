"""The sections of an account: what is open to whom, what they show, how long histories are paged, what a spreadsheet gets."""

import csv
import io
import re
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from bs4 import BeautifulSoup
from sqlalchemy import event

from mygas import clock, spreadsheets
from mygas.extensions import db, transactions_may_write
from mygas.models import Account, AccountCard, Act, Charge, Connection, Contract, Meter, MeterCard, Payment, Reading, Registry
from tests.browser import Browser

SECTIONS = ("settlements", "payments", "receipts", "readings", "subscriber", "contracts", "acts")
TITLES = ("Взаиморасчёты", "Платежи", "Квитанции", "Приборы учёта", "Абонент", "Договоры", "Акты")
SECRETS = ("Иванова", "Мария", "Ленина", "0123456", "20АА000001", "П-77", "ПГ-1", "АП-1")

Bring = Callable[..., None]


@pytest.fixture
def htmx():
    """Sections are reached by links and post nothing: with scripts and without they are the same requests."""
    return False


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T09:00:00+00:00", tick=True):
        yield


@pytest.fixture
def bring(app) -> Bring:
    """A later registry of Пермь with these rows about account 59000001; those of a meter about its meter."""

    def bring(*rows: object, number: str = "59000001") -> None:
        with app.app_context(), transactions_may_write():
            now = clock.now()
            registry = Registry(
                supplier="perm", digest=secrets.token_hex(32), state="complete", rows={}, started_at=now, completed_at=now
            )
            account = db.session.scalars(db.select(Account).filter_by(number=number)).one()
            db.session.add(registry)
            db.session.flush()
            for row in rows:
                row.registry_id = registry.id
                if isinstance(row, MeterCard | Reading):
                    row.meter_id = (
                        row.meter_id or db.session.scalars(db.select(Meter.id).filter_by(account_id=account.id)).first()
                    )
                else:
                    row.account_id = account.id
                db.session.add(row)
            db.session.commit()

    return bring


def card(**other: object) -> AccountCard:
    known = {"holder": "Иванова Мария Петровна", "address": "г. Пермь, ул. Ленина, д. 12, кв. 5", "united_number": "20АА000001",
             "area_cm2": 543_000, "residents": 3, "equipment": "плита ПГ-4", "balance_kop": 124_530,
             "balance_on": date(2026, 11, 1)}  # fmt: skip
    return AccountCard(**{**known, **other})


def charge(period: int, sum_kop: int, **other: object) -> Charge:
    known = {
        "line": 1,
        "service": "Газоснабжение природным газом",
        "method": "meter",
        "volume_milli": 50_000,
        "price_kop": 769_000,
    }
    return Charge(period=period, sum_kop=sum_kop, **{**known, **other})


def meter(**other: object) -> MeterCard:
    known = {"model": "BK-G4T", "digits": 5, "place": "кухня", "state": "работает", "seal": "П-77", "sealed_on": date(2021, 5, 1),
             "verified_until": date(2031, 5, 1)}  # fmt: skip
    return MeterCard(**{**known, **other})


def papers() -> list[object]:
    return [
        card(), meter(),
        Contract(number="ПГ-1", kind="Поставка газа", begins_on=date(2015, 2, 1), ends_on=None, status="действует"),
        Act(number="АП-1", kind="Проверка", made_on=date(2026, 3, 12), text="Пломбы целы."),
        Reading(taken_on=date(2026, 9, 20), value_milli=1_176_400, source="inspector"),
        Reading(taken_on=date(2026, 10, 20), value_milli=1_226_400, source="subscriber"),
    ]  # fmt: skip


def extend(app, browser: Browser) -> str:
    """Open the extended version behind the scenes; the address of the account's first page."""
    with app.app_context(), transactions_may_write():
        db.session.execute(db.update(Connection).values(access="extended", extended_at=clock.now(), proof="serial"))
        db.session.commit()
    return browser.path


@pytest.fixture
def extended(app, browser, connected, bring) -> str:
    """The browser stands at an account with the extended version open; its address."""
    connected(browser)
    bring(*papers())
    return extend(app, browser)


# --- who may see what


def test_the_basic_version_shows_locks_and_leaks_nothing(browser, connected, bring):
    connected(browser)
    bring(*papers())
    home = browser.get(browser.path).path
    for title in TITLES:
        assert title in browser.text
    assert browser.text.count("Нужна расширенная версия.") == 5
    seen = browser.text
    for section, title in zip(SECTIONS, TITLES, strict=True):
        browser.get(f"{home}{section}")
        seen += browser.text
        assert (browser.status, browser.h1) == (200 if section in ("payments", "readings") else 403, title)
        assert "Нужна расширенная версия" in browser.text or browser.status == 200
    for address in ("settlements/202610", "settlements.csv", "settlements/209901"):
        assert browser.get(f"{home}{address}").status == 403
        seen += browser.text
    assert not [secret for secret in SECRETS if secret in seen]


def test_a_locked_section_leads_to_the_control_question(browser, connected):
    connected(browser)
    browser.get(f"{browser.path}settlements")
    browser.click("Подключить расширенную версию")
    assert browser.path.endswith("/extend")
    assert browser.status == 200


def test_the_extended_version_opens_everything(browser, extended):
    browser.get(extended)
    assert "Иванова Мария Петровна" in browser.text
    assert "ул. Ленина, д. 12, кв. 5" in browser.text
    assert "Нужна расширенная версия" not in browser.text
    for section, title in zip(SECTIONS, TITLES, strict=True):
        browser.get(extended).click(title)
        assert (browser.status, browser.h1, browser.path) == (200, title, f"{extended}{section}")


@pytest.mark.parametrize(
    ("supplier", "charges", "payments"), [("izhevsk", False, False), ("perm", True, True), ("volga", False, True)]
)
def test_the_basic_version_follows_the_suppliers_rules(app, joined, region, supplier, charges, payments):
    """Where the last charge answers the control question, the first page does not tell it."""
    number = app.extensions["suppliers"][supplier].account.generate(1)
    region(supplier, number)
    browser = joined(Browser(app.test_client()))
    browser.submit(supplier=supplier).submit(number=number)
    ref = next(row.ref for row in rows_of(app, Connection))
    browser.get(f"/accounts/{ref}/")
    assert ("Последние начисления" in browser.text) is charges
    assert ("Последние платежи" in browser.text) is payments
    assert browser.get(f"/accounts/{ref}/payments").status == (200 if payments else 403)
    browser.get(f"/accounts/{ref}/readings")
    assert browser.status == (200 if payments else 403)
    assert ("История показаний открывается в расширенной версии" in browser.text) is (payments and not charges)
    assert browser.page.find("a", string="Подключить расширенную версию") or charges


def rows_of(app, model) -> list:
    with app.app_context():
        return list(db.session.scalars(db.select(model)))


# --- settlements


def test_settlements_are_said_in_words(browser, extended, bring):
    bring(card(balance_kop=-12_000))
    browser.get(f"{extended}settlements")
    assert "На сегодня: переплата 120,00 ₽." in browser.text
    assert "По данным поставщика на 01.11.2026." in browser.text
    assert [cells(row) for row in browser.page.select("tbody tr")] == [
        ["Октябрь 2026 переплата 120,00 ₽", "833,00", "412,30"],
        ["Сентябрь 2026 переплата 540,70 ₽", "412,30", "0,00"],
    ]
    assert "−" not in browser.text


def cells(row) -> list[str]:
    return [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]


def test_charges_and_payments_are_drawn_and_told(browser, extended):
    page = browser.get(f"{extended}settlements").page
    drawing = page.select_one("main svg")
    assert [text.string for text in drawing.find_all("text")] == ["сен", "окт"]
    charged, paid, _base = drawing.find_all("path")[:3]
    assert (len(re.findall("M", charged["d"])), len(re.findall("M", paid["d"]))) == (2, 1), "two months charged, one paid"
    assert "Самый высокий столбик — 833,00 ₽" in browser.text
    assert "<text" not in browser.client.get(f"{extended}settlements?before=202610").text, "once is enough"


def test_a_payment_later_than_the_suppliers_balance_is_counted(browser, extended, bring):
    bring(Payment(number="P2", paid_on=date(2026, 11, 5), sum_kop=124_530, source="Касса"))
    browser.get(f"{extended}settlements")
    assert "На сегодня: долга нет. Поставщик назвал остаток на 01.11.2026: долг 1 245,30 ₽" in browser.text
    assert cells(browser.page.select_one("tbody tr")) == ["Ноябрь 2026 долга нет", "0,00", "1 245,30"]
    browser.click("Ноябрь 2026")
    assert "В этом месяце ничего не начислено." in browser.text
    assert "05.11.2026: 1 245,30 ₽" in browser.text


def test_a_month_opens_into_its_lines_and_each_line_into_its_making(browser, extended, bring):
    bring(
        charge(202610, 38_450, recalculated_kop=-1_200),
        charge(202610, 8_305, line=2, service="Приготовление пищи", method="norm", volume_milli=10_000, price_kop=830_001),
        charge(202610, 94_050, line=3, service="Техническое обслуживание", method="fixed", volume_milli=0, price_kop=0),
    )
    browser.get(f"{extended}settlements").click("Октябрь 2026")
    assert browser.h1 == "Взаиморасчёты: Октябрь 2026"
    by_meter, by_norm, fixed = (" ".join(panel.get_text(" ").split()) for panel in browser.page.select(".panel"))
    for words in (
        "Почему такая сумма?",
        "1 226,4 м³ (абонент); прежнее 1 176,4 м³ от 20.09.2026 (контролёр); расход 50 м³",
        "Температурный коэффициент поставщик не передал",
        "7 690,00 ₽ за 1000 м³, то есть 7,69 ₽ за 1 м³",
        "поставщик не передал номер акта",
        "50 м³ × 7 690,00 ₽ ÷ 1000 = 384,50 ₽",
        "Перерасчёт убавлено 12,00 ₽; причину поставщик не передал",
        "Итого по строке 372,50 ₽",
    ):
        assert words in by_meter, by_meter
    assert "посчитал иначе" not in by_meter
    assert "Норматив поставщик не передал" in by_norm
    assert "10 м³ × 8 300,01 ₽ ÷ 1000 = 83,00 ₽" in by_norm
    assert "83,05 ₽: поставщик посчитал иначе, разница 0,05 ₽ (больше, чем по этим числам)" in by_norm
    assert "Сумма твёрдая" in fixed
    assert "Цена" not in fixed


def test_the_coefficient_the_norm_and_the_act_are_said_where_they_are_given(browser, extended, bring):
    act = "Приказ РЭК № 41/7 от 19.06.2026"
    bring(
        charge(202610, 41_650, coefficient_micro=1_083_200, price_act=act),
        charge(202610, 8_300, line=2, method="norm", volume_milli=10_000, price_kop=830_000, norm_milli=10_000, price_act=act),
    )
    browser.get(f"{extended}settlements/202610")
    by_meter, by_norm = (" ".join(panel.get_text(" ").split()) for panel in browser.page.select(".panel"))
    for words in (
        "Объём без коэффициента 50 м³",
        "Температурный коэффициент 1,0832",
        "Объём к оплате 54,16 м³",
        f"Чем установлена цена {act}",
        "50 м³ × 1,0832 × 7 690,00 ₽ ÷ 1000 = 416,49 ₽",
        "разница 0,01 ₽ (больше, чем по этим числам)",
    ):
        assert words in by_meter, by_meter
    assert "Норматив 10 м³ в месяц на всё помещение" in by_norm
    assert f"Чем установлена цена {act}" in by_norm
    assert "поставщик не передал" not in by_meter + by_norm
    assert "коэффициент" not in by_norm


@pytest.mark.parametrize("period", ["202601", "000000", "209912", "2026100", "20261", "abcdef", "9" * 5000])
def test_a_month_that_is_not_there_is_not_found(browser, extended, period):
    assert browser.get(f"{extended}settlements/{period}").status == 404


@pytest.fixture
def long_ago(bring, extended) -> str:
    """Ten years by the month: charges, payments, readings."""
    days = [date(2017 + at // 12, at % 12 + 1, 10) for at in range(118)]
    bring(
        *(charge(day.year * 100 + day.month, 769, volume_milli=1000) for day in days),
        *(Payment(number=f"N{at}", paid_on=day, sum_kop=769, source=f"Касса {at}") for at, day in enumerate(days)),
        *(Reading(taken_on=day, value_milli=1000 * at, source="subscriber") for at, day in enumerate(days[:110])),
    )  # fmt: skip
    return extended


@pytest.mark.parametrize(("section", "rows", "a_page"), [("settlements", 118, 12), ("payments", 119, 24), ("readings", 112, 24)])
def test_long_histories_are_paged_by_key_and_nothing_falls_between(browser, long_ago, section, rows, a_page):
    browser.get(f"{long_ago}{section}")
    seen = []
    while True:
        shown = [cells(row)[0] for row in browser.page.select("tbody tr:not(.hint tr)")]
        assert len(shown) <= a_page
        seen += shown
        if not browser.page.find("a", string="Раньше"):
            break
        browser.click("Раньше")
    assert len(seen) == len(set(seen)) == rows


@pytest.mark.parametrize("section", ["settlements", "payments", "readings"])
def test_the_years_that_there_are(browser, long_ago, section):
    browser.get(f"{long_ago}{section}")
    assert [a.text for a in browser.page.select("main nav a")] == ["Все", *map(str, range(2026, 2016, -1))]
    browser.click("2019")
    first = [cells(row)[0] for row in browser.page.select("tbody tr")]
    assert len(first) == 12
    assert all("2019" in one for one in first)
    assert not browser.page.find("a", string="Раньше")


@pytest.mark.parametrize(
    "query", ["year=1900", "year=x", "before=x", "before=_", "before=2026-13-45_P", "year=2026&before=0", "before="]
)
@pytest.mark.parametrize("section", ["settlements", "payments", "readings"])
def test_a_strange_query_breaks_nothing(browser, extended, section, query):
    assert browser.get(f"{extended}{section}?{query}").status == 200


# --- meters, papers


def test_readings_say_their_source_and_the_consumption_between(browser, extended):
    browser.get(f"{extended}readings")
    assert [cells(row) for row in browser.page.select("tbody tr:not(.hint tr)")] == [
        ["20.10.2026 абонент", "1 226,4", "50"],
        ["20.09.2026 контролёр", "1 176,4", "—"],
    ]
    for words in ("BK-G4T", "0123456", "кухня", "работает", "П-77", "01.05.2021", "01.05.2031"):
        assert words in browser.text


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (date(2026, 11, 20), "Показания будут отправляться, но не будут приняты к учету поставщиком услуг."),
        (date(2026, 11, 22), "До конца срока поверки прибора учёта — 1 день (поверка действует до 22.11.2026)."),
        (date(2026, 12, 21), "До конца срока поверки прибора учёта — 30 дней"),
        (date(2027, 1, 12), "До конца срока поверки прибора учёта — 52 дня"),
        (date(2027, 1, 21), ""),
        (None, ""),
    ],
)
def test_the_end_of_the_verification_is_told_here_and_on_the_first_page(browser, extended, bring, until, words):
    bring(meter(verified_until=until))
    for address in (extended, f"{extended}readings"):
        browser.get(address)
        assert words in browser.text
        assert bool(words) is bool(browser.page.select(".notice"))


def test_a_meter_that_was_taken_off_warns_of_nothing(browser, extended, bring):
    bring(meter(verified_until=date(2020, 1, 1), state="снят при замене"))
    for address in (extended, f"{extended}readings"):
        assert not browser.get(address).page.select(".notice")


def test_an_account_without_a_meter(app, browser, joined, region):
    region("perm", "59000002", meter=None)
    joined(browser).submit(supplier="perm").submit(number="59000002").submit("Подключить расширенную версию позже")
    browser.click("Приборы учёта")
    assert "Показания передавать не нужно" in browser.text
    assert "по нормативу" in browser.text
    assert not browser.page.select("table")


def test_an_annulled_payment_is_nowhere(browser, extended, bring):
    for kopecks, there in ((5_000, True), (0, False)):
        bring(Payment(number="P9", paid_on=date(2027, 3, 30), sum_kop=kopecks, source="Касса"))
        assert browser.get(f"{extended}settlements/202703").status == (200 if there else 404)
        assert ("30.03.2027" in browser.get(f"{extended}payments").text) == there
        assert ("Март 2027" in browser.get(f"{extended}settlements").text) == there


def test_the_subscriber_sees_what_changes_which_sum(browser, extended):
    browser.get(f"{extended}subscriber")
    for words in (
        "Иванова Мария Петровна",
        "ул. Ленина, д. 12, кв. 5",
        "20АА000001",
        "54,3 м²",
        "плита ПГ-4",
        "отопление по нормативу",
    ):
        assert words in browser.text


@pytest.mark.parametrize(
    ("left", "words"),
    [(None, "без срока"), (-1, "Договор закончился 20.11.2026."), (0, "Договор заканчивается сегодня."),
     (60, "Договор заканчивается через 60 дней."), (2, "через 2 дня."), (61, "")],
)  # fmt: skip
def test_a_contract_says_when_it_ends(browser, extended, bring, left, words):
    ends_on = None if left is None else date(2026, 11, 21) + timedelta(left)
    bring(Contract(number="ПГ-1", kind="Поставка газа", begins_on=date(2015, 2, 1), ends_on=ends_on, status="действует"))
    browser.get(f"{extended}contracts")
    assert words in browser.text
    assert bool(browser.page.select(".notice")) is (left is not None and left <= 60)
    assert ("Договор заканчивается" in browser.text) is (left in (0, 2, 60))


@pytest.mark.parametrize("section", ["settlements", "payments", "contracts", "acts"])
def test_an_empty_section_says_what_to_do_next(app, browser, connected, section):
    connected(browser)
    home = extend(app, browser)
    with app.app_context(), transactions_may_write():
        for model in (Charge, Payment):
            db.session.execute(db.delete(model))
        db.session.commit()
    browser.get(f"{home}{section}")
    assert browser.status == 200
    assert browser.page.select_one(".empty a.tel")


def test_what_a_registry_says_is_never_taken_for_markup(browser, extended, bring):
    evil = "<b>x</b>"
    bring(
        card(holder=evil, equipment=evil), meter(model=evil, place=evil, state=evil, seal=evil),
        Act(number=evil, kind=evil, made_on=date(2026, 1, 1), text=evil),
        Contract(number=evil, kind=evil, begins_on=date(2026, 1, 1), ends_on=None, status=evil),
        charge(202610, 1, service=evil),
        Payment(number=evil, paid_on=date(2026, 10, 1), sum_kop=5, source=evil),
        Reading(taken_on=date(2026, 10, 21), value_milli=1, source="remote"),
    )  # fmt: skip
    for section in ("", *SECTIONS, "settlements/202610"):
        browser.get(f"{extended}{section}")
        assert browser.status == 200
        assert not [tag for tag in browser.page.select("main b") if tag.text == "x"]


# --- the spreadsheet


def test_settlements_for_a_spreadsheet(browser, extended, bring):
    bring(charge(202610, 83_300, service='=HYPERLINK("http://evil.example";"x")', recalculated_kop=-1_200))
    answer = browser.client.get(f"{extended}settlements.csv", buffered=True)
    assert answer.content_type == "text/csv; charset=utf-8"
    kind, plain, russian = answer.headers["Content-Disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="table.csv"')
    assert unquote(russian) == "filename*=UTF-8''Взаиморасчёты по счёту 59000001.csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    heads, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert heads[0] == "Месяц"
    assert rows == [
        ["Октябрь 2026", "836,60", "833,00", "-12,00", "412,30", "1245,30", "'=HYPERLINK(\"http://evil.example\";\"x\")"],
        ["Сентябрь 2026", "424,30", "412,30", "0,00", "0,00", "836,60", "Газоснабжение природным газом"],
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"])
def test_a_cell_is_never_a_formula(text):
    _, line = spreadsheets.lines([[text, "Газ", -1_234_56, 0, 5]])
    assert next(csv.reader(io.StringIO(line.decode(), newline=""), delimiter=";")) == [
        f"'{text}",
        "Газ",
        "-1234,56",
        "0,00",
        "0,05",
    ]


# --- how dear a page is


def statements(app, browser: Browser, address: str) -> list[str]:
    seen: list[str] = []

    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    browser.client.get(address, buffered=True)
    event.remove(engine, "before_cursor_execute", count)
    return seen


def test_every_section_takes_at_most_five_statements_and_the_first_page_six(app, browser, long_ago):
    for section in (
        "",
        *SECTIONS,
        "settlements/202610",
        "settlements.csv",
        "settlements?year=2020",
        "payments?year=2020",
        "readings?year=2020",
    ):
        seen = statements(app, browser, f"{long_ago}{section}")
        assert 2 < len(seen) <= 5 + (section == ""), (section, seen)  # what is announced stands on the first page


def test_tables_have_few_columns(browser, long_ago):
    for section in ("", "settlements", "payments", "readings"):
        page = BeautifulSoup(browser.client.get(f"{long_ago}{section}").data, "html5lib")
        assert page.select("table")
        assert all(len(row.find_all(["th", "td"])) <= 4 for row in page.select("tr"))
