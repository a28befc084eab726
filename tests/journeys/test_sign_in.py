"""Sign-in, sign-out, recovery; sessions and their ends."""

from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import relay
from mygas.models import AuditEntry, SignIn, User
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE, code_in, link_in


def sign_in(browser: Browser, login: str = PHONE, password: str = PASSWORD) -> Browser:
    return browser.get("/").submit(login=login, password=password)


@pytest.fixture
def member(app, browser, joined):
    """A registered user who has signed out."""
    joined(browser)
    browser.submit("Выйти")
    assert browser.h1 == "Вход в личный кабинет"
    return browser


def test_any_spelling_of_the_login(member):
    assert sign_in(member, "8 (912) 345-67-89").h1 == "Мои счета"
    assert member.get("/").h1 == "Мои счета", "who is signed in need not sign in"


def test_wrong_password_and_unknown_login_say_the_same(member):
    sign_in(member, password="other1")
    wrong = member.text
    sign_in(member, login="+79120000000")
    assert member.status == 422
    assert member.text == wrong
    assert "Неверный логин или пароль" in wrong


def test_sign_out_kills_a_copied_cookie(app, member):
    sign_in(member)
    copied = member.client.get_cookie("sid").value
    member.submit("Выйти")
    thief = app.test_client()
    thief.set_cookie("sid", copied)
    assert thief.get("/accounts/").status_code == 303


def test_a_new_id_at_each_sign_in_and_nothing_readable_in_the_table(app, member):
    sign_in(member)
    first = member.client.get_cookie("sid").value
    member.submit("Выйти")
    sign_in(member)
    second = member.client.get_cookie("sid").value
    assert first != second
    assert len(second) == 43
    with app.app_context():
        assert second not in db.session.scalars(db.select(SignIn.id_hash)).one()


@pytest.mark.parametrize(("step", "times", "alive"), [(29, 1, True), (31, 1, False), (25, 28, True), (25, 29, False)])
def test_idle_and_absolute_ends(member, step, times, alive):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        sign_in(member)
        for _ in range(times):
            traveller.shift(timedelta(minutes=step))
            member.get("/accounts/")
        assert (member.h1 == "Мои счета") is alive


def test_return_to_the_page_that_was_asked_for(member):
    member.get("/connect/supplier")
    assert member.h1 == "Вход в личный кабинет"
    member.submit(login=PHONE, password=PASSWORD)
    assert member.path == "/connect/supplier"


@pytest.mark.parametrize(
    "evil", ["//evil.example/", "/\\evil.example", "https:evil.example", "/%2f%2fevil.example", "/nowhere", "/ x"]
)
def test_next_leads_nowhere_else(app, member, evil):
    member.get("/")
    token = member.page.find("input", {"name": "csrf_token"})["value"]
    answer = member.client.post("/", data={"csrf_token": token, "login": PHONE, "password": PASSWORD, "next": evil})
    assert answer.headers["Location"] == "/accounts/"


def test_growing_pause_after_five_failures(member):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(6):
            sign_in(member, password="wrong1")
        assert "Слишком много попыток" in member.text
        traveller.shift(timedelta(seconds=61))
        assert sign_in(member).h1 == "Мои счета", "a pause, not a lock"


def test_ten_failures_from_one_address_are_enough_for_a_quarter_of_an_hour(member):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(10):
            sign_in(member, password="wrong1")
            traveller.shift(timedelta(seconds=65))
        member.get("/")
        assert member.page.find(id="digits"), "and «Я не робот» is asked for meanwhile"
        traveller.shift(timedelta(minutes=15))
        assert sign_in(member).h1 == "Мои счета"


def test_twenty_attempts_at_a_login_ask_for_the_riddle_in_any_spelling(app, member, htmx):
    for index in range(20):
        stranger = Browser(app.test_client(), htmx=htmx)
        stranger.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{index}"
        sign_in(stranger, password="wrong1")
    member.get("/").submit(login="8 912 345 67 89", password=PASSWORD)
    assert member.page.find(id="digits"), "the login is under attack, wherever from"


def test_success_does_not_count_against_an_address(member):
    for _ in range(11):
        sign_in(member)
        member.submit("Выйти")
    assert not member.page.find(id="digits")


def test_a_message_on_sign_in_from_a_new_browser(app, member, post, world):
    sign_in(member)
    before = len(world.sent)
    stranger = Browser(app.test_client())
    stranger.client.environ_base["HTTP_USER_AGENT"] = "Another/1.0"
    sign_in(stranger)
    assert "с нового устройства" in post(PHONE)
    assert len(world.sent) == before + 1, "the browser known from registration gave no alarm"


def recover(browser: Browser, login: str = PHONE) -> Browser:
    return browser.get("/").click("Забыли пароль?").submit(login=login)


def test_recovery_by_code_ends_all_other_sessions(app, member, post):
    other = Browser(app.test_client())
    sign_in(other)
    recover(member).submit(code=code_in(post(PHONE)))
    assert member.h1 == "Новый пароль"
    assert "От 5 до 10" in member.text
    member.submit(password="new2026", password2="new2026")
    assert "Пароль изменён" in member.text
    assert other.get("/accounts/").h1 == "Вход в личный кабинет"
    assert "Пароль в «Мой газ» изменён" in post(PHONE)
    member.submit("Выйти")
    assert sign_in(member).status == 422
    assert sign_in(member, password="new2026").h1 == "Мои счета"


def test_recovery_by_link(browser, joined, post):
    joined(browser, EMAIL)
    browser.submit("Выйти")
    recover(browser, EMAIL)
    browser.get(link_in(post(EMAIL)))
    assert browser.h1 == "Восстановление пароля"
    browser.submit("Подтвердить").submit(password="new2026", password2="new2026")
    assert "Пароль изменён" in browser.text


def test_the_owners_click_opens_no_door_for_a_stranger(app, browser, joined, post, htmx):
    joined(browser, EMAIL)
    browser.submit("Выйти")
    stranger = Browser(app.test_client(), htmx=htmx)
    recover(stranger, EMAIL)
    browser.get(link_in(post(EMAIL))).submit("Подтвердить")
    assert browser.h1 == "Новый пароль"
    assert stranger.get("/recover/password").h1 == "Вход в личный кабинет"


@pytest.mark.settings(captcha="off")
def test_recovery_of_an_unknown_login_looks_the_same(app, member, world, post, htmx):
    with app.app_context(), unit_of_work():
        db.session.scalars(db.select(User)).one().entry = "yug"  # whose page of the code differs from others'
    recover(member)
    known, links = member.text, [a.get("href") for a in member.page.find_all("a")]
    code_in(post(PHONE))
    before = len(world.sent)
    stranger = Browser(app.test_client(), htmx=htmx)
    recover(stranger, "+79120000099")
    assert stranger.text == known.replace("-89", "-99")
    assert [a.get("href") for a in stranger.page.find_all("a")] == links, "nor do they tell the supplier"
    post(PHONE)
    assert len(world.sent) == before, "and sends nothing"
    assert stranger.submit(code="123456").status == 422


def test_recovery_steps_cannot_be_skipped(member):
    recover(member)
    assert member.get("/recover/password").h1 == "Подтверждение"


def test_disabled_user_is_out(app, member):
    sign_in(member)
    with app.app_context(), unit_of_work():
        db.session.scalars(db.select(User)).one().disabled_at = clock.now()
    assert member.get("/accounts/").h1 == "Вход в личный кабинет"
    assert sign_in(member).status == 422


@pytest.mark.settings(public_url="https://localhost")
def test_over_tls_without_a_referer(browser, post):
    """Our own policy keeps browsers from sending one, so nothing may ask for it."""
    browser.get("/join/contact").submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)
    browser.submit("Отправить код повторно")
    assert "через минуту" in browser.text
    browser.get(link_in(post(EMAIL))).submit("Подтвердить").submit(agree=True)
    assert browser.client.get_cookie("__Host-sid") is not None
    browser.submit("Выйти")
    assert browser.h1 == "Вход в личный кабинет"


def test_what_a_user_did_is_written_down(app, browser, connected, post):
    connected(browser)
    browser.submit("Выйти")
    recover(browser).submit(code=code_in(post(PHONE))).submit(password="new2026", password2="new2026")
    with app.app_context():
        user_id = db.session.scalars(db.select(User.id)).one()
        entries = db.session.scalars(db.select(AuditEntry).filter_by(user_id=user_id).order_by(AuditEntry.id)).all()
        assert [entry.action for entry in entries] == [
            "register", "consent.give", "sign-in", "connect", "sign-out", "password.recover", "sign-in",
        ]  # fmt: skip
        assert PHONE not in str([entry.detail for entry in entries])


ENDED = "Сеанс закончился, введённое не отправлено. Войдите, и мы вернём Вас на ту же страницу."


def test_a_form_sent_after_the_session_ended_says_so_and_leads_back(app, browser, connected):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        page = f"{connected(browser).path}readings/send"
        browser.get(page)
        traveller.shift(timedelta(hours=2))  # the form's token is over too
        browser.submit("Отправить показания")
        assert browser.h1 == "Вход в личный кабинет"
        assert ENDED in browser.text
        browser.submit(login=PHONE, password=PASSWORD)
        assert browser.path == page
        assert "Сеанс закончился" not in browser.text
        traveller.shift(timedelta(hours=2))
        browser.get("/settings/")
        assert "Сеанс закончился. Войдите снова." in browser.text


def test_a_form_whose_address_is_no_page_leads_to_where_it_stands(app, browser, connected):
    home = connected(browser).path
    browser.client.set_cookie("sid", "over")
    plain = browser.client.post(f"{home}meters/messages")
    assert plain.headers["Location"] == f"/?next={home}", "the nearest page above"
    assert "введённое не отправлено. Войдите и повторите." in browser.get("/").text
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{home}receipts"}
    answer = browser.client.post(f"{home}meters/messages", headers=asked)
    assert answer.headers["HX-Redirect"] == f"/?next={home}receipts"
    for elsewhere in ("http://evil.example/accounts/", "http://[", "http://localhost/nowhere"):
        answer = browser.client.post(f"{home}meters/messages", headers={**asked, "HX-Current-URL": elsewhere})
        assert answer.headers["HX-Redirect"] == f"/?next={home}"


def test_a_first_visitor_is_not_told_of_a_session(browser):
    browser.get("/accounts/")
    assert browser.h1 == "Вход в личный кабинет"
    assert "Сеанс" not in browser.text
    assert browser.client.post("/settings/").status_code in (400, 405)


def test_the_desk_tells_of_its_ended_session_too(browser):
    browser.client.set_cookie("desk", "over")
    browser.get("/desk/")
    assert "Сеанс закончился. Войдите снова." in browser.text


def test_the_pause_says_how_long_it_is_whether_or_not_there_is_such_a_login(member):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        said = []
        for login, address in (("+79120000000", "192.0.2.77"), (PHONE, "127.0.0.1")):
            member.client.environ_base["REMOTE_ADDR"] = address  # ten failures from one would ask for «Я не робот»
            for _ in range(6):
                sign_in(member, login, "wrong1")
            said.append(member.page.find(class_="error").get_text())
        assert said[0] == said[1]
        assert "Попробуйте снова через 2 сек." in said[0]
        traveller.shift(timedelta(seconds=1))
        sign_in(member)
        assert "Попробуйте снова через 4 сек." in member.text, "who comes too soon waits anew"
        traveller.shift(timedelta(seconds=4))
        assert sign_in(member).h1 == "Мои счета", "as it was said"


def test_after_ten_attempts_the_pause_is_told_in_minutes(member):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(11):
            sign_in(member, password="wrong1")
        assert "Попробуйте снова через 15 мин." in member.text
        traveller.shift(timedelta(minutes=15))
        assert sign_in(member).h1 == "Мои счета", "as it was said"


def test_a_stale_form_with_a_password_asks_for_it_again(member):
    member.get("/")
    member.page.main.find("input", {"name": "csrf_token"})["value"] = "stale"
    member.submit(login=PHONE, password=PASSWORD)
    assert "Введите пароль ещё раз и нажмите кнопку; остальное сохранено." in member.text
    assert member.page.find("input", {"name": "login"})["value"] == PHONE
    assert member.submit(password=PASSWORD).h1 == "Мои счета"


def test_new_devices_are_told_of_but_not_without_end(app, member, world):
    """Whoever invents browsers pays nobody's telephone company."""
    told = len(world.sent)
    for number in range(8):
        client = app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = f"Invented/{number}"
        assert sign_in(Browser(client)).h1 == "Мои счета"
    with app.app_context():
        relay.round_of(app)
    assert len(world.sent) - told == 5
