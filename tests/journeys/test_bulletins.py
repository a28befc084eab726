"""Announcements and functions that are off: from the desk to the pages of those whom they concern, and no further."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine

from mygas.domain import bulletins, operators, outages, passwords, paying
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import AuditEntry, Bulletin, Connection, Operator, Order, SentReading, Ticket
from mygas.words import Refused
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE

SECRET = "корова на крыше"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # the window of Пермь is open
WORDS = "Идут работы на сервере банка."


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW) as traveller:
        yield traveller


@pytest.fixture
def seated(app, htmx):
    """An operator at the desk."""

    def sit(login="anna", suppliers=("perm",)):
        with app.app_context(), unit_of_work():
            address = operators.add(login, f"Оператор {login}", suppliers, passwords.hashed(SECRET))
        desk = Browser(app.test_client(), htmx=htmx).get("/desk/sign-in")
        return desk.submit(login=login, password=SECRET, code=pyotp.parse_uri(address).now())

    return sit


@pytest.fixture
def told(app):
    """Write a bulletin past the desk's pages; `draft` leaves it unpublished."""

    def write(*, draft=False, since=None, until=None, supplier="perm", **words):
        with app.app_context(), unit_of_work():
            known = app.extensions["suppliers"]
            author = db.session.scalars(db.select(Operator).filter_by(login="author")).one_or_none()
            if author is None:
                operators.add("author", "Вера", list(known), "x")
                author = db.session.scalars(db.select(Operator).filter_by(login="author")).one()
            moments = {"starts_at": since and NOW + since, "ends_at": until and NOW + until}
            words = {"title": "Без газа", "text": "Завтра.", **words}
            one = bulletins.write(author, "", known, supplier=supplier, **moments, **words)
            if not draft and not one.function:
                bulletins.publish(author, "", one)
            return one.ref

    return write


@pytest.fixture
def home(browser, connected, bank):
    connected(browser)
    browser.home = browser.path
    return browser


def extend(app):
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        mine.access, mine.extended_at, mine.proof = "extended", NOW, "pin"


def count(app, model):
    with app.app_context():
        return db.session.scalar(db.select(db.func.count()).select_from(model))


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "basic", "extended"),
    [
        ({}, True, True),
        ({"supplier": ""}, True, True),
        ({"supplier": "yug"}, False, False),
        ({"prefix": "Г ПЕРМЬ ул Ленина"}, False, True),  # the address may be told in the extended version only
        ({"prefix": "г. Пермь, ул. Ленина, д. 1"}, False, False),  # hers is 12
        ({"prefix": "г. Пермь, ул. Ленина, д. 12, кв. 5"}, False, True),
        ({"prefix": "г. Пермь, ул. Мира"}, False, False),
        ({"prefix": "ул. Ленина"}, False, False),
        ({"supplier": "yug", "prefix": "г. Пермь"}, False, False),
        ({"supplier": "", "prefix": "г. Пермь"}, False, True),
        ({"draft": True}, False, False),
        ({"since": DAY}, False, False),
        ({"until": DAY}, True, True),
        ({"since": -DAY, "until": DAY}, True, True),
    ],
)
@pytest.mark.parametrize("htmx", [False])
def test_who_sees_an_announcement(app, home, told, written, basic, extended):
    told(**written)
    assert ("Без газа" in home.get(home.home).text) is basic
    extend(app)
    assert ("Без газа" in home.get(home.home).text) is extended


@pytest.mark.parametrize("htmx", [False])
def test_an_announcement_ends_by_itself_and_with_the_connection(app, home, told, today):
    told(until=timedelta(hours=1))
    assert "Без газа" in home.get(home.home).text
    today.shift(3600)
    assert "Без газа" not in home.get(home.home).text
    told(title="Второе")
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        mine.ended_at, mine.slot = NOW, None
    home.get("/accounts/")
    assert home.status == 200 and "Второе" not in home.text
    assert "Второе" not in home.get("/announcements/").text, "it was of the supplier of an account that is no more connected"


def test_several_accounts_show_it_once_on_the_first_page(app, home, told, region):
    region("perm", "59000002")
    home.get("/connect/supplier").submit(supplier="Пермь").submit(number="59000002")
    home.submit("Подключить расширенную версию позже")
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Connection).values(access="extended"))
    told(prefix="г. Пермь")
    assert home.get("/accounts/").text.count("Без газа") == 1


def test_put_away_it_stays_in_the_archive(home, told):
    told(text="Первая строка.\nВторая <b>строка</b>.")
    home.get(home.home)
    assert "Вторая <b>строка</b>." in home.text, "nothing of it is markup"
    home.submit("Больше не показывать")
    assert home.path == home.home and home.status == 200 and "Без газа" not in home.text
    home.click("Все объявления")
    assert home.h1 == "Объявления" and "Без газа" in home.text


def test_a_strangers_announcement_cannot_be_put_away(home, told):
    ref = told(supplier="yug")
    token = home.get(home.home).page.select_one("[name=csrf_token]")["value"]
    for one in (ref, "nothing"):
        assert home.client.post(f"/announcements/{one}/dismiss", data={"csrf_token": token}).status_code == 404


def test_the_desk_writes_looks_publishes_and_ends(app, seated, home):
    extend(app)
    desk = seated().click("Объявления").click("Новое объявление")
    desk.submit(
        "Посмотреть, как выйдет",
        **{"title": "Без газа", "text": "С 9 до 17.", "prefix": "г. Пермь, ул. Ленина", "importance": "warn"},
        until="20.11.2026 18:00",
        tell=True,
    )
    assert desk.path.startswith("/desk/bulletins/") and "Касается подключённых счетов 1" in desk.text, desk.text
    assert "Без газа" not in home.get(home.home).text, "nobody sees a draft"
    desk.submit("Опубликовать")
    assert "Показывается" in desk.text and "до 20.11.2026 18:00" in desk.text
    assert "Без газа" in home.get(home.home).text and home.page.select(".notice.warn h2")
    desk.click("Без газа").submit("Снять сейчас")
    assert "Снято" in desk.text and "Без газа" not in home.get(home.home).text
    with app.app_context():
        deeds = [entry.action for entry in db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id))]
        kept = db.session.scalars(db.select(Bulletin)).one()
    assert [deed for deed in deeds if deed.startswith("bulletin")] == ["bulletin.write", "bulletin.publish", "bulletin.end"]
    assert kept.ends_at < NOW + timedelta(minutes=1) and kept.tell


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("title", {"title": ""}),
        ("text", {"text": " "}),
        ("until", {"until": "завтра"}),
        ("until", {"until": "31.02.2026 10:00"}),
        ("until", {"until": "20.11.2026 13:59"}),  # 09:00 UTC is 14:00 in Пермь
        ("until", {"since": "22.11.2026", "until": "21.11.2026"}),
        ("since", {"since": "2026-11-21"}),
    ],
)
def test_a_wrong_announcement_is_refused_with_what_was_typed(app, seated, field, fields):
    desk = seated().get("/desk/announcements/new")
    desk.submit(**{"title": "Без газа", "text": "Завтра.", **fields})
    assert desk.status == 422 and desk.page.find(id=f"{field}-error")
    assert "Завтра." in str(desk.page) or (fields.get("text") and count(app, Bulletin) == 0)


def test_operators_tell_their_own_suppliers_only(app, seated, told):
    ref, everybodys = told(), told(supplier="", function="pay", text=WORDS)
    other = seated("boris", ("yug",))
    assert "Все поставщики" not in other.get("/desk/announcements/new").text
    for one in (ref, everybodys):
        assert other.get(f"/desk/bulletins/{one}").status == 404
    assert WORDS not in other.get("/desk/outages/").text and "Без газа" not in other.get("/desk/announcements/").text
    whole = seated("galina", tuple(app.extensions["suppliers"])).get("/desk/outages/")
    assert WORDS in whole.text and "Все поставщики" in whole.text
    with app.app_context(), unit_of_work():
        boris = db.session.scalars(db.select(Operator).filter_by(login="boris")).one()
        for supplier in ("perm", ""):
            with pytest.raises(Refused):
                bulletins.write(boris, "", app.extensions["suppliers"], supplier=supplier, starts_at=None, ends_at=None, text="")


def test_the_desk_turns_a_function_off_and_on(app, seated, home):
    desk = seated().click("Приостановки")
    desk.submit("Приостановить", function="pay", text=WORDS, until="20.11.2026 18:30")
    assert desk.path == "/desk/outages/" and "Приём платежей" in desk.text
    said = f"Приём платежей приостановлен до 20.11.2026 18:30. {WORDS}"
    assert said in home.get(home.home).text and said in home.get(home.home + "pay/sum").text
    assert said not in home.get(home.home + "readings/send").text, "only the pages concerned say it"
    desk.submit("Возобновить сейчас")
    assert "Закончилось" in desk.text and said not in home.get(home.home).text
    with app.app_context():
        assert outages.check("pay", app.extensions["suppliers"]["perm"]) is None


def test_what_is_turned_off_and_for_whom_must_be_chosen(app, seated):
    desk = seated("galina", tuple(app.extensions["suppliers"])).get("/desk/outages/")
    assert [desk.page.select_one(f"#{name} option")["value"] for name in ("function", "supplier")] == ["", ""]
    assert not desk.page.select("#main option[selected]:not([value=''])")
    desk.submit("Приостановить", text=WORDS)
    assert desk.status == 422 and count(app, Bulletin) == 0
    assert "Выберите, что приостановить." in desk.page.find(id="function-error").text
    assert "Выберите, у какого поставщика." in desk.page.find(id="supplier-error").text
    desk.submit("Приостановить", function="readings")
    assert desk.status == 422 and not desk.page.find(id="function-error") and desk.page.find(id="supplier-error")
    desk.submit("Приостановить", supplier="*")
    assert desk.status == 200 and count(app, Bulletin) == 1 and "Приём показаний" in desk.text


def test_payments_that_are_off_are_refused_at_both_steps_with_what_was_typed(app, home, told):
    home.get(home.home + "pay/sum")
    off = told(function="pay", text=WORDS, until=timedelta(hours=2))
    home.submit("Продолжить", choice="own", amount="321,50")
    assert home.status == 422 and f"Приём платежей приостановлен до 20.11.2026 16:00. {WORDS}" in home.text
    assert home.page.find(id="amount")["value"] == "321,50"
    end(app, off)
    home.submit("Продолжить", choice="own", amount="321,50")
    told(function="pay", text=WORDS)
    home.submit("Перейти к оплате картой")
    assert home.status == 422 and f"Приём платежей приостановлен. {WORDS}" in home.text
    assert count(app, Order) == 0


def end(app, ref):
    with app.app_context(), unit_of_work():
        author = db.session.scalars(db.select(Operator).filter_by(login="author")).one()
        bulletins.end(author, "", bulletins.of_ref(author, app.extensions["suppliers"], ref))


def test_a_payment_begun_before_goes_to_its_end(app, home, told, bank):
    home.get(home.home + "pay/sum").submit("Продолжить", choice="own", amount="500").submit("Перейти к оплате картой")
    told(function="pay", supplier="", text=WORDS)
    with app.app_context():
        order = db.session.scalars(db.select(Order)).one()
        bank.pay(order.acquirer_id)
        assert paying.refresh(order.id, cashier.till_of(app), "test").state == "succeeded"


def test_readings_that_are_off(app, home, told):
    home.get(home.home + "readings/send")
    name = str(home.page.select_one("input[name^=reading_]")["name"])
    off = told(function="readings", text=WORDS)
    home.submit("Отправить показания", **{name: "2104"})
    assert home.status == 422 and f"Приём показаний приостановлен. {WORDS}" in home.text
    assert home.page.find(attrs={"name": name})["value"] == "2104" and count(app, SentReading) == 0
    end(app, off)
    home.submit("Отправить показания", **{name: "2104"})
    assert count(app, SentReading) == 1


def test_receipts_that_are_off(app, home, told):
    extend(app)
    home.get(home.home + "receipts")
    told(function="receipts", text=WORDS)
    home.submit("Сформировать", period="202609", variant="large")
    assert home.status == 422 and f"Выпуск квитанций приостановлен. {WORDS}" in home.text
    assert home.page.select_one("option[value='202609']").has_attr("selected")
    assert home.page.select_one("input[value=large]").has_attr("checked")


@pytest.mark.parametrize("supplier", ["", "perm"])
def test_registration_that_is_off(app, browser, told, world, supplier):
    entry = "/s/perm/" if supplier else "/"
    browser.get(entry).click("Регистрация")
    told(function="registration", supplier=supplier, text=WORDS)
    browser.submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)
    assert browser.status == 422 and f"Регистрация приостановлена. {WORDS}" in browser.text
    assert browser.page.find(id="login")["value"] == EMAIL and not world.sent
    assert WORDS in browser.get(entry).text
    if supplier:
        assert WORDS not in browser.get("/").text, "elsewhere it goes on"
        assert browser.get("/join/contact").submit(login=PHONE, password=PASSWORD, password2=PASSWORD).path == "/join/code"


def test_questions_that_are_off(app, home, told):
    told(function="support", text=WORDS, until=timedelta(hours=2))
    typed = {"subject": "Ъъъ", "text": "Щщщъ эээж"}  # of which the help knows nothing
    home.get("/support/new").submit(**typed, addressee="supplier")
    assert home.status == 422 and f"Приём вопросов приостановлен до 20.11.2026 16:00. {WORDS}" in home.text
    assert home.page.find(id="subject")["value"] == "Ъъъ" and "Щщщъ эээж" in str(home.page) and count(app, Ticket) == 0
    home.submit(**typed, addressee="portal")
    assert count(app, Ticket) == 1, "the portal's own support goes on"


def test_a_function_of_another_supplier_goes_on(app, home, told):
    told(function="pay", supplier="yug", text=WORDS)
    home.get(home.home + "pay/sum").submit("Продолжить", choice="own", amount="500")
    assert home.path == home.home + "pay/review" and WORDS not in home.text


def test_of_two_who_end_it_at_once_one_does(app, told):
    ref = told()
    end(app, ref)
    with pytest.raises(Refused, match="уже опубликовано, снято или удалено"):
        end(app, ref)


def test_a_draft_that_was_thrown_away_is_not_published(app, told, home):
    ref = told(draft=True, title="Передумали")
    end(app, ref)
    with app.app_context(), pytest.raises(Refused), unit_of_work():
        one = db.session.scalars(db.select(Bulletin).filter_by(ref=ref)).one()
        bulletins.publish(db.session.scalars(db.select(Operator)).one(), "", one)
    assert "Передумали" not in home.get("/announcements/").text


def test_what_was_taken_down_before_it_began_was_never_announced(app, told, home, today):
    ref = told(since=DAY, title="Не состоялось")
    end(app, ref)
    today.shift(2 * DAY)
    assert "Не состоялось" not in home.get("/announcements/").text
