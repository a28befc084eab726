"""«Сменить логин»: the new contact is proved, the old one may undo it for a day."""

import re
from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, LoginChange, User
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE, code_in, link_in

pytestmark = pytest.mark.settings(captcha="off")

NEW, NEW_PHONE = "petrova@example.ru", "+79120000002"
OTHER = "new2026"


def ask(browser: Browser, login: str = NEW, present: str = PASSWORD) -> Browser:
    browser.get("/settings/profile").click("Сменить логин")
    return browser.submit(login=login, present=present)


def undo_in(text: str) -> str:
    found = re.search(r"https?://localhost(/undo/\S+)", text)
    assert found, text
    return found[1]


@pytest.fixture
def moved(browser, joined, post):
    """The user has moved from PHONE to NEW; the address of the link that undoes it."""
    joined(browser)
    ask(browser).submit(code=code_in(post(NEW)))
    assert browser.path == "/settings/profile", browser.text
    return undo_in(post(PHONE))


def test_a_login_is_changed(app, browser, joined, post):
    joined(browser)
    other = Browser(app.test_client()).get("/").submit(login=PHONE, password=PASSWORD)
    before = browser.client.get_cookie("sid").value
    ask(browser)
    assert "p***@example.ru" in browser.text
    browser.submit(code=code_in(post(NEW)))
    assert "Логин изменён" in browser.text
    assert NEW in browser.text
    assert browser.client.get_cookie("sid").value != before
    assert other.get("/accounts/").h1 == "Вход в личный кабинет"
    told = post(PHONE)
    assert told.startswith("Логин «Мой газ» изменён. Не Вы?")
    browser.submit("Выйти").submit(login=PHONE, password=PASSWORD)
    assert browser.status == 422
    assert browser.submit(login=NEW, password=PASSWORD).path == "/accounts/"
    with app.app_context():
        actions = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert "login.change" in actions


def test_by_the_letters_link_in_this_browser(browser, joined, post):
    joined(browser)
    ask(browser)
    browser.get(link_in(post(NEW)))
    assert browser.h1 == "Подтверждение нового логина"
    browser.submit("Подтвердить")
    assert browser.path == "/settings/profile"
    assert NEW in browser.text


def test_by_the_letters_link_elsewhere(app, browser, joined, post, htmx):
    joined(browser)
    ask(browser)
    elsewhere = Browser(app.test_client(), htmx=htmx)
    elsewhere.get(link_in(post(NEW))).submit("Подтвердить")
    assert elsewhere.h1 == "Вход в личный кабинет", "the link proves the address, it lets nobody in"
    assert "Логин изменён" in elsewhere.text
    assert browser.get("/settings/profile").h1 == "Вход в личный кабинет"
    assert browser.submit(login=NEW, password=PASSWORD).path == "/settings/profile"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"present": "other1"}, "Неверный пароль"),
        ({"present": ""}, "Введите нынешний пароль."),
        ({"login": "нет"}, "Введите номер мобильного телефона или адрес"),
        ({"login": "8 912 345-67-89"}, "Это и есть Ваш нынешний логин."),
    ],
)
def test_what_is_refused(browser, joined, world, post, typed, sentence):
    joined(browser)
    sent = len(world.sent)
    ask(browser, **typed)
    assert browser.status == 422
    assert sentence in browser.text
    assert len(world.sent) == sent


@pytest.mark.settings()
def test_the_third_sending_asks_for_the_riddle(browser, joined):
    joined(browser)
    ask(browser)
    browser.get("/settings/profile").click("Сменить логин")
    assert browser.page.find(id="digits")


def test_a_taken_login_looks_the_same_and_warns_its_owner(app, browser, joined, post, world, htmx):
    joined(Browser(app.test_client()), EMAIL)
    joined(browser)
    ask(browser, EMAIL)
    taken, status = browser.text, browser.status
    warning = post(EMAIL)
    assert "сделать его логином" in warning
    assert not re.search(r"\b[0-9]{6}\b", warning)
    ask(browser, "mamina@example.ru")
    assert (browser.text, browser.status) == (taken.replace("m***", "m***"), status)
    ask(browser, EMAIL).submit(code="123456")
    assert browser.status == 422
    assert "Код не подошёл" in browser.text
    post(EMAIL)
    archive = browser.get("/settings/messages").text
    assert "m***" not in archive, "nor does the archive of who asked tell"


def test_a_login_taken_meanwhile_is_said_clearly(app, browser, joined, post):
    """A registration with the same address was faster: the constraint decides, nothing is half done."""
    joined(browser)
    ask(browser)
    code = code_in(post(NEW))
    with app.app_context(), unit_of_work():
        db.session.add(User(login=NEW, channel="email", password_hash="x", entry="", created_at=clock.now()))
    browser.submit(code=code)
    assert browser.status == 422
    assert "только что занял другой кабинет" in browser.text
    assert browser.get("/settings/profile").h1 == "Профиль", "the session goes on"
    assert PHONE in browser.text
    with app.app_context():
        assert db.session.scalars(db.select(LoginChange)).all() == []


def test_a_registration_is_told_that_the_login_went_to_a_change(app, browser, joined, post, htmx):
    newcomer = Browser(app.test_client(), htmx=htmx)
    newcomer.get("/join/contact").submit(login=NEW, password=PASSWORD, password2=PASSWORD).submit(code=code_in(post(NEW)))
    joined(browser)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        ask(browser).submit(code=code_in(post(NEW)))
        assert browser.path == "/settings/profile"
        newcomer.submit(agree=True)
    assert newcomer.status == 422
    assert "Такой пользователь уже есть" in newcomer.text


def test_a_password_changed_meanwhile_ends_the_change(app, browser, joined, post):
    """Whoever began it knew the old password: its owner has just shut him out."""
    joined(browser)
    ask(browser)
    link = link_in(post(NEW))
    owner = Browser(app.test_client()).get("/recover/contact").submit(login=PHONE)
    owner.submit(code=code_in(post(PHONE))).submit(password=OTHER, password2=OTHER)
    stranger = Browser(app.test_client()).get(link).submit("Подтвердить")
    assert stranger.status == 410
    with app.app_context():
        assert db.session.scalars(db.select(User.login)).one() == PHONE


def test_the_old_login_undoes_it(app, browser, moved, post, htmx):
    owner = Browser(app.test_client(), htmx=htmx).get(moved)
    assert owner.h1 == "Вернуть прежний логин"
    assert "+7 912 ***-**-89" in owner.text
    assert browser.get("/settings/profile").h1 == "Профиль", "opening the link changes nothing"
    owner.submit("Вернуть прежний логин")
    assert owner.h1 == "Восстановление пароля"
    assert "Прежний логин возвращён" in owner.text
    assert browser.get("/settings/profile").h1 == "Вход в личный кабинет"
    for login in (NEW, PHONE):
        assert browser.get("/").submit(login=login, password=PASSWORD).status == 422, "whoever changed it knows the password"
    owner.submit(login=PHONE).submit(code=code_in(post(PHONE))).submit(password=OTHER, password2=OTHER)
    assert "Пароль изменён" in owner.text


def test_the_undoing_link_works_once(app, browser, moved):
    Browser(app.test_client()).get(moved).submit("Вернуть прежний логин")
    again = Browser(app.test_client()).get(moved)
    assert again.status == 410
    assert "уже использована или устарела" in again.text
    token = again.get("/").page.select_one("main [name=csrf_token]")["value"]
    assert again.client.post(moved, data={"csrf_token": token}).status_code == 410


def test_after_a_day_it_is_too_late(app, browser, moved):
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)):
        page = Browser(app.test_client()).get(moved)
        assert page.h1 == "Вернуть прежний логин"
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        page.submit("Вернуть прежний логин")
        assert page.status == 410
    with app.app_context():
        assert db.session.scalars(db.select(User.login)).one() == NEW


def test_undoing_undoes_the_later_changes_too(app, browser, moved, post):
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        ask(browser, NEW_PHONE).submit(code=code_in(post(NEW_PHONE)))
        later = undo_in(post(NEW))
        Browser(app.test_client()).get(moved).submit("Вернуть прежний логин")
        assert Browser(app.test_client()).get(later).status == 410
    with app.app_context():
        assert db.session.scalars(db.select(User.login)).one() == PHONE


def test_an_old_login_that_is_taken_cannot_be_put_back(app, browser, moved):
    with app.app_context(), unit_of_work():
        db.session.add(User(login=PHONE, channel="phone", password_hash="x", entry="", created_at=clock.now()))
    page = Browser(app.test_client()).get(moved).submit("Вернуть прежний логин")
    assert page.status == 410
    assert "уже занят другим кабинетом" in page.text
    assert browser.get("/settings/profile").h1 == "Профиль"
