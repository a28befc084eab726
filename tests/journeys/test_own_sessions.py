"""«Сеансы» and «Сменить пароль»: what a user sees of his sessions, and how they end."""

from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain import browsers
from mygas.extensions import db
from mygas.models import AuditEntry, SignIn
from tests.browser import Browser
from tests.walks import PASSWORD, PHONE

PHONE_BROWSER = (
    "Mozilla/5.0 (Linux; Android 9; SM-A105F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.115 Mobile Safari/537.36"
)
NEW = "new2026"
LYNX = "Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1"


@pytest.fixture
def elsewhere(app, browser, joined):
    """`browser` has registered; the user has also signed in by a phone and by lynx. Those two."""
    joined(browser)
    others = []
    for user_agent, address in ((PHONE_BROWSER, "192.0.2.7"), (LYNX, "192.0.2.8")):
        other = Browser(app.test_client())
        other.client.environ_base |= {"HTTP_USER_AGENT": user_agent, "REMOTE_ADDR": address}
        other.get("/").submit(login=PHONE, password=PASSWORD)
        assert other.path == "/accounts/"
        others.append(other)
    browser.get("/settings/").click("Сеансы")
    return others


def test_sessions_are_told_in_plain_words(browser, elsewhere):
    assert "Chrome на Android" in browser.text
    assert "Текстовый браузер lynx" in browser.text
    assert "192.0.2.8" in browser.text
    assert browser.text.index("Этот браузер") < browser.text.index("Chrome на Android")


def test_nothing_on_the_page_is_what_the_table_knows_a_session_by(app, browser, elsewhere):
    with app.app_context():
        for id_hash in db.session.scalars(db.select(SignIn.id_hash)):
            assert id_hash not in browser.response.text


def test_one_session_is_ended_and_its_cookie_is_dead(app, browser, elsewhere):
    phone, lynx = elsewhere
    copied = lynx.client.get_cookie("sid").value
    browser.submit("Завершить сеанс 1", present=PASSWORD)
    assert "Сеанс завершён." in browser.text
    assert "lynx" not in browser.text, "who was seen last stands first"
    thief = app.test_client()
    thief.set_cookie("sid", copied)
    assert thief.get("/accounts/").status_code == 303
    assert phone.get("/accounts/").h1 == "Мои счета"


def test_all_but_this_one_are_ended(app, browser, elsewhere):
    browser.submit("Завершить все, кроме этого", present=PASSWORD)
    assert "Других сеансов нет." in browser.text
    assert [other.get("/accounts/").h1 for other in elsewhere] == ["Вход в личный кабинет"] * 2
    with app.app_context():
        assert db.session.scalars(db.select(AuditEntry.detail).filter_by(action="sessions.end")).one() == {"ended": 2}


@pytest.mark.parametrize(("present", "sentence"), [("", "Введите нынешний пароль."), ("other1", "Неверный пароль")])
def test_no_session_is_ended_without_the_password(browser, elsewhere, present, sentence):
    browser.submit("Завершить все, кроме этого", present=present)
    assert browser.status == 422
    assert sentence in browser.text
    assert [other.get("/accounts/").h1 for other in elsewhere] == ["Мои счета"] * 2


def test_a_session_ended_twice_is_said_so(browser, elsewhere):
    ref = browser.page.select_one("button[name=ref]")["value"]
    browser.submit("Завершить сеанс 1", present=PASSWORD)
    browser.page.select_one("button[name=ref]")["value"] = ref
    browser.submit("Завершить сеанс 1", present=PASSWORD)
    assert browser.status == 422
    assert "уже завершён" in browser.text


def test_a_strangers_session_is_not_to_be_ended(app, browser, elsewhere, joined):
    stranger = joined(Browser(app.test_client()), "+79120000001")
    stranger.get("/").get("/settings/sessions")
    assert "Других сеансов нет." in stranger.text
    ref = browser.page.select_one("button[name=ref]")["value"]
    token = stranger.get("/settings/password").page.select_one("main [name=csrf_token]")["value"]
    answer = stranger.client.post("/settings/sessions", data={"csrf_token": token, "present": PASSWORD, "ref": ref})
    assert answer.status_code == 422
    assert elsewhere[1].get("/accounts/").h1 == "Мои счета"


def change(browser: Browser, present: str = PASSWORD, password: str = NEW, password2: str | None = None) -> Browser:
    browser.get("/settings/").click("Сменить пароль")
    return browser.submit(present=present, password=password, password2=password if password2 is None else password2)


def test_a_changed_password_ends_the_other_sessions(app, browser, elsewhere, post):
    before = browser.client.get_cookie("sid").value
    change(browser)
    assert browser.path == "/settings/"
    assert "Пароль изменён." in browser.text
    assert browser.client.get_cookie("sid").value != before
    assert [other.get("/accounts/").h1 for other in elsewhere] == ["Вход в личный кабинет"] * 2
    assert "Пароль в «Мой газ» изменён" in post(PHONE)
    old = app.test_client()
    old.set_cookie("sid", before)
    assert old.get("/accounts/").status_code == 303, "the old key is dead here, too"
    browser.submit("Выйти").submit(login=PHONE, password=PASSWORD)
    assert browser.status == 422
    assert browser.submit(login=PHONE, password=NEW).path == "/accounts/"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"present": "other1"}, "Неверный пароль"),
        ({"present": ""}, "Введите нынешний пароль."),
        ({"password": "абв"}, "Пароль: от 5 до 10"),
        ({"password": "qwerty123"}, "Такой пароль подбирают первым"),
        ({"password": PASSWORD}, "Это нынешний пароль."),
        ({"password2": "new2027"}, "Пароли не совпали"),
    ],
)
def test_a_password_that_may_not_be(browser, joined, typed, sentence):
    joined(browser)
    change(browser, **typed)
    assert browser.status == 422
    assert sentence in browser.text
    assert browser.submit("Выйти").submit(login=PHONE, password=PASSWORD).path == "/accounts/"


def test_the_policy_is_that_of_the_entry_the_user_came_by(app, browser, joined):
    app.extensions["entry_rules"] = app.extensions["entry_rules"].__class__(
        **{**app.extensions["entry_rules"].__dict__, "password_policy": "strong"}
    )
    joined(browser, password="correct horse")
    change(browser, present="correct horse")
    assert "Пароль: от 8 до 64" in browser.text


def test_guesses_at_the_present_password_are_paused(app, browser, joined):
    joined(browser)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(6):
            change(browser, present="wrong1")
        assert "Слишком много попыток" in browser.text
        change(browser)
        assert browser.status == 422, "not even the right one is looked at"
        traveller.shift(timedelta(seconds=61))
        assert change(browser).path == "/settings/"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE_BROWSER, "Chrome на Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 "
         "Mobile/15E148 Safari/604.1", "Safari на iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/110.0.5481.83 "
         "Mobile/15E148 Safari/604.1", "Chrome на iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 YaBrowser/23.11.0.0 "
         "Safari/537.36", "Яндекс Браузер на Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 "
         "Edg/118.0.2088.46", "Edge на Windows"),
        ("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer на Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0", "Firefox на Linux"),
        ("Opera/9.80 (Android; Opera Mini/7.5.33361/31.1543; U; ru) Presto/2.8.119 Version/11.1010", "Opera Mini на Android"),
        ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", "Firefox на KaiOS"),
        ("Mozilla/5.0 (Linux; Android 11; SAMSUNG SM-A515F) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/16.0 "
         "Chrome/92.0.4515.166 Mobile Safari/537.36", "Samsung Internet на Android"),
        (LYNX, "текстовый браузер lynx"),
        ("w3m/0.5.3+git20230121", "текстовый браузер w3m"),
        ("Links (2.28; Linux 6.1.0 x86_64; GNU C 12.2; text)", "текстовый браузер links"),
        ("curl/7.88.1", "неизвестный браузер"),
        ("", "неизвестный браузер"),
    ],
)  # fmt: skip
def test_browsers_by_the_names_their_owners_know(user_agent, words):
    sentence, values = browsers.named(user_agent)
    assert sentence % values == words
