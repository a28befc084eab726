"""«Закрыть кабинет»: what goes, what stays, and no payment left in the air."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine

from mygas import clock
from mygas.domain import (
    consents,
    ledger,
    messages,
    my_data,
    notices,
    operators,
    own_accounts,
    passwords,
    paying,
    people,
    pin_requests,
    profile,
    scans,
)
from mygas.domain.paying import Till
from mygas.domain.scans import KeptScan
from mygas.domain.visitors import Visitor
from mygas.domain.wording import Letter
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import housekeeping, my_data_file, relay
from mygas.models import AuditEntry, Connection, Consent, Message, MyData, Order, PinRequest, SignIn, User
from mygas.words import Refused
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE, code_in

SERVICE = "Газоснабжение природным газом"


def close(browser: Browser, present: str = PASSWORD) -> Browser:
    return browser.get("/settings/").click("Закрыть кабинет").submit(present=present)


def begin(app, bank, *, submit: bool = True) -> str:
    """The only user begins to pay; the payment's ref."""
    with app.app_context():
        mine = db.session.scalars(db.select(Connection)).one()
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user)
        with unit_of_work():
            order = paying.begin(
                visitor, mine, app.extensions["suppliers"]["perm"], amount_kop=50_000, split=[(SERVICE, 50_000)],
                request_key="k" * 22, acquirer_name=bank.name,
            ).order  # fmt: skip
        if submit:
            paying.submit(order.id, till(app, bank))
        return str(order.ref)


def till(app, bank) -> Till:
    return Till(bank, app.extensions["suppliers"], "http://localhost")


@pytest.fixture
def at_desk(app):
    """Seat an operator of these suppliers; his browser."""

    def sit(*suppliers: str) -> Browser:
        with app.app_context(), unit_of_work():
            totp = pyotp.parse_uri(operators.add("anna", "Анна", suppliers, passwords.hashed("correct horse")))
        return Browser(app.test_client()).get("/desk/sign-in").submit(login="anna", password="correct horse", code=totp.now())

    return sit


def test_a_cabinet_is_closed(app, browser, connected, post, world):
    connected(browser)
    browser.get("/settings/profile").submit(full_name="Иванова Мария")
    other = Browser(app.test_client()).get("/").submit(login=PHONE, password=PASSWORD)
    browser.get("/settings/").click("Закрыть кабинет")
    for part in ("Что удалится", "Что останется", "не меньше пяти лет"):
        assert part in browser.text
    browser.submit(present=PASSWORD)
    assert browser.h1 == "Вход в личный кабинет"
    assert "Кабинет закрыт." in browser.text
    assert other.get("/accounts/").h1 == "Вход в личный кабинет"
    assert "Кабинет «Мой газ» закрыт" in post(PHONE)
    assert browser.get("/").submit(login=PHONE, password=PASSWORD).status == 422
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        assert (user.full_name, user.second_login, user.disabled_at is None) == ("", None, False)
        assert people.known_as(user) == "кабинет закрыт"
        everything = repr([vars(row) for row in (user, *db.session.scalars(db.select(Connection)))])
        assert PHONE not in everything
        assert db.session.scalars(db.select(SignIn)).all() == []
        assert db.session.scalars(db.select(Message)).all() == [], "nor does the farewell begin a new archive"
        assert [one.ended_at is None for one in db.session.scalars(db.select(Connection))] == [False]
        (consent,) = db.session.scalars(db.select(Consent))
        assert consent.withdrawn_at is not None
        assert "cabinet.close" in db.session.scalars(db.select(AuditEntry.action)).all()


@pytest.mark.parametrize(("present", "sentence"), [("", "Введите нынешний пароль."), ("other1", "Неверный пароль")])
def test_not_without_the_password(app, browser, connected, present, sentence):
    connected(browser)
    close(browser, present)
    assert browser.status == 422
    assert sentence in browser.text
    assert browser.get("/accounts/").h1 != "Вход в личный кабинет"


@pytest.mark.settings(captcha="off")
def test_the_login_is_free_for_a_new_registration(app, browser, connected, joined, post):
    connected(browser)
    close(browser)
    post(PHONE)
    joined(browser)
    assert browser.path == "/connect/supplier"
    browser.submit(supplier="Пермь").submit(number="59000001").submit("Подключить расширенную версию позже")
    assert browser.h1 == "Счёт 59000001"
    assert browser.get("/settings/messages").text.count("Код подтверждения") == 0
    with app.app_context():
        assert len(db.session.scalars(db.select(User)).all()) == 2


@pytest.mark.settings(captcha="off")
def test_both_contacts_get_the_farewell(browser, joined, post):
    joined(browser)
    browser.get("/settings/contact/contact").submit(login=EMAIL, present=PASSWORD).submit(code=code_in(post(EMAIL)))
    close(browser)
    assert "личный кабинет «Мой газ» закрыт" in post(EMAIL)
    assert "Кабинет «Мой газ» закрыт" in post(PHONE)


def test_not_while_money_may_be_on_its_way(app, browser, connected, bank):
    connected(browser)
    ref = begin(app, bank)
    browser.get("/settings/close")
    assert "Пока закрыть нельзя" in browser.text
    assert browser.page.find(id="present") is None
    token = browser.get("/settings/profile").page.select_one("main [name=csrf_token]")["value"]
    answer = browser.client.post("/settings/close", data={"csrf_token": token, "present": PASSWORD})
    assert answer.status_code == 422
    assert "не завершён" in answer.text
    browser.get("/settings/close").click("Платёж № 1")
    assert browser.path == f"/payments/{ref}"
    with app.app_context():
        assert db.session.scalars(db.select(User.disabled_at)).one() is None


def test_without_consent_the_payment_that_holds_the_cabinet_can_be_ended(app, browser, connected, bank):
    connected(browser)
    ref = begin(app, bank)
    browser.get("/settings/consents").click("Текст и как подписано: редакция 01.11.2026").click("Отозвать согласие").submit(
        "Отозвать согласие"
    )
    browser.click("Закрыть кабинет").click("Платёж № 1")
    assert browser.path == f"/payments/{ref}"
    browser.submit("Я не буду платить")
    assert browser.path == f"/payments/{ref}" and "Вы отказались от платежа" in browser.text
    assert browser.get("/accounts/").h1 == "Нужно Ваше согласие"


def test_a_payment_given_up_holds_the_cabinet_until_the_bank_has_said_so(app, browser, connected, bank):
    connected(browser)
    ref = begin(app, bank)
    browser.get(f"/payments/{ref}").submit("Я не буду платить")
    assert "Пока закрыть нельзя" in browser.get("/settings/close").text


def test_a_payment_that_no_bank_was_told_of_is_given_up(app, browser, connected, bank):
    connected(browser)
    begin(app, bank, submit=False)
    close(browser)
    assert "Кабинет закрыт." in browser.text
    with app.app_context():
        assert db.session.scalars(db.select(Order.state)).one() == "canceled"
        assert bank.asked == []


def test_what_was_paid_stays_and_so_does_whom_its_receipts_go_to(app, browser, connected, bank):
    connected(browser)
    ref = begin(app, bank)
    with app.app_context():
        order = db.session.scalars(db.select(Order)).one()
        bank.pay(order.acquirer_id)
        paying.refresh(order.id, till(app, bank), "test")
    close(browser)
    assert browser.get(f"/payments/{ref}").h1 == "Вход в личный кабинет"
    with app.app_context():
        order = db.session.scalars(db.select(Order)).one()
        assert (order.state, order.buyer) == ("succeeded", PHONE)
        assert ledger.invariants() == []


def test_an_open_request_for_a_pin_is_over(app, browser, connected, at_desk):
    connected(browser)
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        row = {"user_id": mine.user_id, "account_id": mine.account_id, "supplier": "perm", "full_name": "Иванова", "email": EMAIL}
        db.session.add(request := PinRequest(**row, phone="", created_at=mine.created_at, ref="r" * 22))
        scans.attach(request, KeptScan("s" * 22, b"k" * 32, "image/jpeg", 1))
    close(browser)
    desk = at_desk("perm").get("/desk/requests/" + "r" * 22)
    assert "кабинет закрыт" in desk.text
    assert EMAIL not in desk.text
    with app.app_context():
        assert db.session.scalars(db.select(PinRequest.state)).one() == "refused"
        assert [scan.ref for scan in scans.overdue(clock.now())] == ["s" * 22], "its passport is not kept for another month"


def test_the_desk_tells_a_closed_cabinet(app, browser, connected, at_desk):
    """A connection that was made in the very moment of closing."""
    connected(browser)
    with app.app_context():
        account_id = db.session.scalars(db.select(Connection.account_id)).one()
    close(browser)
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        mine.ended_at, mine.slot = None, 1
    assert "кабинет закрыт" in at_desk("perm").get(f"/desk/accounts/{account_id}/").text


def withdraw(browser: Browser) -> None:
    browser.get("/settings/consents").click("Текст и как подписано: редакция 01.11.2026").click("Отозвать согласие")
    browser.submit("Отозвать согласие")


def closed_after(app, days: int) -> list[str]:
    """The logins of users whose cabinet is closed once the schedule has gone round so many days from now."""
    with time_machine.travel(datetime.now(UTC) + timedelta(days=days)), app.app_context():
        housekeeping.sweep(app)
        return list(db.session.scalars(db.select(User.login).where(User.disabled_at.is_not(None))))


def test_thirty_days_after_withdrawal_the_cabinet_closes_by_itself(app, browser, connected):
    """As the text of the consent says; not for him who has consented anew."""
    other = Browser(app.test_client())
    connected(browser)
    connected(other, EMAIL, "59000002")
    for one in (browser, other):
        withdraw(one)
    other.submit("Подписать согласие", agree=True)
    assert closed_after(app, 29) == []
    assert closed_after(app, 31) == ["closed:1"]
    with app.app_context():
        live = db.session.scalars(db.select(Connection.user_id).where(Connection.ended_at.is_(None))).all()
        assert live == [2]


def test_nor_while_money_may_be_on_its_way(app, browser, connected, bank):
    connected(browser)
    ref = begin(app, bank)
    withdraw(browser)
    assert closed_after(app, 31) == []
    with app.app_context():
        order = db.session.scalars(db.select(Order).filter_by(ref=ref)).one()
        bank.pay(order.acquirer_id)
        paying.refresh(order.id, till(app, bank), "test")
    assert closed_after(app, 31) == ["closed:1"]


def test_who_was_about_to_write_into_a_closed_cabinet_is_refused(app, browser, connected):
    """In another tab, in the very moment of closing; and a letter on its way begins no new archive."""
    connected(browser)
    with app.app_context():
        mine = db.session.scalars(db.select(Connection)).one()
        user = mine.user
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], user)
        close(browser)
        for late in (
            lambda: profile.rename(visitor, "Иванова"),
            lambda: consents.give(visitor, user, consents.current().sha256),
            lambda: notices.choose(user.id, {}),
            lambda: own_accounts.rename(mine, "Дом"),
            lambda: pin_requests.submit(visitor, mine, full_name="Иванова", email=EMAIL, phone=""),
            lambda: my_data.ask(visitor, user),
        ):
            with pytest.raises(Refused, match="кабинет закрыт"), unit_of_work():
                late()
        with unit_of_work():
            messages.keep(Letter(PHONE, "phone", "Проба", "Проба", user.id), "test")
        assert db.session.scalars(db.select(Message)).all() == []


def test_an_archive_that_was_being_made_comes_to_nothing(app, browser, connected, monkeypatch):
    connected(browser)
    shelf, real = app.extensions["my_data"], my_data_file.write

    def write_while_it_is_closed(*what):
        real(*what)
        db.session.rollback()
        close(browser)

    monkeypatch.setattr(my_data_file, "write", write_while_it_is_closed)
    browser.get("/settings/data").submit()
    with app.app_context():
        relay.round_of(app)
        assert db.session.scalars(db.select(User.disabled_at)).one() is not None
        assert [shelf.has(ref) for ref in db.session.scalars(db.select(MyData.ref))] == [False]
