"""«Профиль»: the name, the second contact, what they are good for."""

import pytest

from mygas.extensions import db
from mygas.models import User
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE, code_in, link_in

pytestmark = pytest.mark.settings(captcha="off")

NEW = "new2026"
THIRD = "+79120000003"


def add(browser: Browser, login: str = EMAIL, present: str = PASSWORD) -> Browser:
    browser.get("/settings/contact/contact")
    return browser.submit(login=login, present=present)


@pytest.fixture
def reachable(browser, joined, post):
    """`browser` has registered with PHONE and has EMAIL as his second contact."""
    joined(browser)
    add(browser).submit(code=code_in(post(EMAIL)))
    assert "Второй контакт подтверждён." in browser.text
    return browser


def test_the_name_is_kept_and_may_be_emptied(browser, joined):
    joined(browser)
    browser.get("/settings/").click("Профиль").submit(full_name="  Иванова   Мария ")
    assert browser.page.find(id="full_name")["value"] == "Иванова Мария"
    browser.submit(full_name="123")
    assert browser.status == 422
    assert "Введите фамилию" in browser.text
    browser.get("/settings/profile").submit(full_name="")
    assert browser.page.find(id="full_name")["value"] == ""


def test_what_is_told_once_fills_the_request_for_a_pin(browser, connected, post):
    connected(browser)
    home = browser.path
    browser.get("/settings/profile").submit(full_name="Иванова Мария Петровна")
    add(browser).submit(code=code_in(post(EMAIL)))
    browser.get(f"{home}pin-request")
    filled = {name: browser.page.find(id=name)["value"] for name in ("full_name", "email", "phone")}
    assert filled == {"full_name": "Иванова Мария Петровна", "email": EMAIL, "phone": PHONE}


def test_the_login_is_told_of_a_second_contact(app, reachable, post):
    assert "добавлен второй контакт" in post(PHONE)
    with app.app_context():
        assert db.session.scalars(db.select(User.second_login)).one() == EMAIL


def test_a_second_contact_by_link(app, browser, joined, post, htmx):
    joined(browser)
    add(browser)
    elsewhere = Browser(app.test_client(), htmx=htmx).get(link_in(post(EMAIL)))
    assert elsewhere.h1 == "Подтверждение второго контакта"
    elsewhere.submit("Подтвердить")
    assert elsewhere.h1 == "Вход в личный кабинет"
    assert EMAIL in browser.get("/settings/profile").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"present": "other1"}, "Неверный пароль"),
        ({"present": ""}, "Введите нынешний пароль."),
        ({"login": PHONE}, "Это Ваш логин"),
    ],
)
def test_a_second_contact_that_may_not_be(browser, joined, typed, sentence):
    joined(browser)
    add(browser, **typed)
    assert browser.status == 422
    assert sentence in browser.text


def test_a_replaced_contact_is_told_too(reachable, post, world):
    add(reachable, THIRD).submit(code=code_in(post(THIRD)))
    post(PHONE)
    told = [message["to"] for message in world.sent if "добавлен второй контакт" in message["text"]]
    assert sorted(told) == sorted([PHONE, PHONE, EMAIL])


def test_a_second_contact_is_removed(reachable, post):
    reachable.get("/settings/profile").click("Удалить второй контакт").submit(present="other1")
    assert reachable.status == 422
    reachable.submit(present=PASSWORD)
    assert "Второй контакт удалён." in reachable.text
    assert "не указан" in reachable.text
    assert "удалён второй контакт" in post(EMAIL)
    assert "удалён второй контакт" in post(PHONE)


def test_nobody_signs_in_by_the_second_contact(reachable):
    reachable.submit("Выйти").submit(login=EMAIL, password=PASSWORD)
    assert reachable.status == 422


def test_the_second_contact_recovers_the_password(reachable, post):
    reachable.submit("Выйти").click("Забыли пароль?").submit(login=EMAIL).submit(code=code_in(post(EMAIL)))
    reachable.submit(password=NEW, password2=NEW)
    assert "Пароль изменён" in reachable.text
    assert reachable.submit("Выйти").submit(login=PHONE, password=NEW).path == "/accounts/"


def test_a_contact_shared_by_two_recovers_neither_and_says_why(app, reachable, joined, post, htmx):
    other = joined(Browser(app.test_client(), htmx=htmx), THIRD)
    add(other).submit(code=code_in(post(EMAIL)))
    reachable.submit("Выйти").click("Забыли пароль?").submit(login=EMAIL)
    assert reachable.h1 == "Подтверждение", "the page is as ever"
    assert "указан дополнительным в нескольких кабинетах" in post(EMAIL)
    assert reachable.submit(code="123456").status == 422


def test_who_has_it_for_a_login_recovers_his_own(app, reachable, joined, post, htmx):
    owner = joined(Browser(app.test_client(), htmx=htmx), EMAIL)
    owner.submit("Выйти").click("Забыли пароль?").submit(login=EMAIL).submit(code=code_in(post(EMAIL)))
    owner.submit(password=NEW, password2=NEW)
    assert EMAIL in owner.get("/settings/profile").text
    assert PHONE not in owner.text
