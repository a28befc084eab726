"""Registration, by phone and by e-mail, by code and by link; and all that can go wrong on the way."""

from datetime import timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain import consents
from mygas.extensions import db
from mygas.models import Consent, User
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE, code_in, link_in


def begin(browser: Browser, login: str = PHONE, password: str = PASSWORD, path: str = "/join/contact") -> Browser:
    return browser.get(path).submit(login=login, password=password, password2=password)


def test_by_phone_and_code(app, browser, post):
    begin(browser, "8 (912) 345-67-89")
    assert browser.h1 == "Подтверждение"
    assert "+7 912 ***-**-89" in browser.text
    browser.submit(code=" 12 34 56 ".replace("12 34 56", " ".join(code_in(post(PHONE)))))
    assert browser.h1 == "Согласие"
    browser.submit(agree=True)
    assert browser.path == "/connect/supplier"
    assert "Вы успешно зарегистрированы в Системе. Для Вас создан Личный кабинет!" in browser.text
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        consent = db.session.scalars(db.select(Consent)).one()
        assert user.login == PHONE
        assert user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert (consent.sha256, consent.ip) == (consents.current().sha256, "127.0.0.1")
        assert consent.proof.startswith("confirmation ")


def test_by_mail_and_link_in_another_browser(app, browser, post, htmx):
    begin(browser, "Maria@Example.RU")
    path = link_in(post(EMAIL))
    other = Browser(app.test_client(), htmx=htmx)
    other.get(path)
    other.get(path)
    assert "Нажмите кнопку" in other.text, "opening the link, twice even, confirms nothing"
    assert browser.get("/join/consent").h1 == "Подтверждение"
    other.submit("Подтвердить")
    assert other.h1 == "Пароль", "the first browser may be a stranger's: his password does not come along"
    browser.get("/join/code")
    assert browser.h1 == "Вход в личный кабинет", "nor does he"
    assert "уже пройден в другом окне" in browser.text
    other.submit(password="other2026", password2="other2026").submit(agree=True)
    assert other.path == "/connect/supplier"
    assert browser.submit(login=EMAIL, password=PASSWORD).status == 422
    assert browser.submit(login=EMAIL, password="other2026").h1 == "Мои счета"
    assert Browser(app.test_client()).get(path).status == 410


def test_link_in_the_same_browser_goes_straight_on(browser, post):
    begin(browser, EMAIL)
    assert browser.get(link_in(post(EMAIL))).submit("Подтвердить").h1 == "Согласие"
    assert "Шаг 3 из 3" in browser.text


def test_letter_has_code_and_link_and_sms_fits_one_part(browser, post):
    begin(browser, EMAIL)
    letter = post(EMAIL)
    assert code_in(letter)
    assert link_in(letter)
    assert "Smorodina" in letter
    begin(browser, PHONE)
    assert len(post(PHONE)) <= 70
    assert "Smorodina" in post(PHONE)


@pytest.mark.parametrize("login", ["", "abc", "8 812 345 67 89", "+1 202 555 0143", "a@b", "x@example.ru\r\nBcc: y@example.ru"])
def test_a_login_that_is_none(browser, login):
    begin(browser, login)
    assert browser.status == 422
    assert browser.title.startswith("Ошибка: ")
    assert "Введите номер мобильного телефона или адрес эл. почты" in browser.text


@pytest.mark.parametrize(
    ("password", "fits"),
    [("abcd", False), ("abcd1", True), ("abcdefgh12", True), ("abcdefgh123", False), ("пароль1", False), ("ab cd1", False),
     ("qwerty", False), ("12345", False), ("abcde\n", False), ("٠١٢٣٤٥", False)],
)  # fmt: skip
def test_password_of_the_instruction(browser, password, fits):
    begin(browser, PHONE, password)
    assert (browser.status == 200) is fits, browser.text
    assert fits or browser.page.find(id="login")["value"] == PHONE, "what was typed stays"
    assert fits or not browser.page.find(id="password").get("value"), "the password does not"


@pytest.mark.parametrize(("login", "password"), [("maria@example.ru", "Maria"), (PHONE, PHONE.removeprefix("+7"))])
def test_password_may_not_be_the_login(browser, login, password):
    begin(browser, login, password)
    assert "не должен совпадать с логином" in browser.text


def test_passwords_differ(browser):
    browser.get("/join/contact").submit(login=PHONE, password="gaz2026", password2="gaz2027")
    assert "Пароли не совпали" in browser.text


def test_wrong_codes_end_after_five(browser, post):
    begin(browser)
    right = code_in(post(PHONE))
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(4):
        assert "Код не подошёл. Проверьте цифры." in browser.submit(code=wrong).text
    assert "попытки закончились" in browser.submit(code=wrong).text
    assert browser.submit(code=right).status == 422, "the right code comes too late"


def test_code_expires_and_a_new_one_kills_the_old(browser, post):
    with time_machine.travel(clock.now(), tick=False) as traveller:
        begin(browser)
        first = code_in(post(PHONE))
        browser.submit("Отправить код повторно")
        assert "через минуту" in browser.text
        traveller.shift(timedelta(seconds=61))
        browser.submit("Отправить код повторно")
        assert "Новый код отправлен" in browser.text
        traveller.shift(timedelta(seconds=3))
        second = code_in(post(PHONE))
        assert first != second
        assert browser.submit(code=first).status == 422
        traveller.shift(timedelta(minutes=10))
        assert "Срок действия кода истёк. Запросите новый код." in browser.submit(code=second).text


def test_link_of_an_abandoned_contact_does_not_confirm_the_next_one(app, browser, post):
    begin(browser, "first@example.ru")
    path = link_in(post("first@example.ru"))
    begin(browser, "second@example.ru")
    stranger = Browser(app.test_client()).get(path)
    assert stranger.submit("Подтвердить").status == 410
    assert browser.get("/join/consent").h1 == "Подтверждение"


@pytest.mark.settings(captcha="off")
def test_taken_login_looks_the_same_and_its_owner_is_told(app, browser, joined, post, world, htmx):
    joined(browser)
    other = Browser(app.test_client(), htmx=htmx)
    begin(other)
    taken = other.page.find(id="main").get_text()
    free = Browser(app.test_client(), htmx=htmx)
    begin(free, "+79120000099")
    assert taken.replace("-89", "-99") == free.page.find(id="main").get_text()
    assert "У Вас уже есть кабинет" in post(PHONE)
    assert other.submit(code="123456").status == 422


def test_a_code_fits_its_own_registration_only(app, browser, post, htmx):
    begin(browser)
    right = code_in(post(PHONE))
    other = Browser(app.test_client(), htmx=htmx)
    begin(other, "+79120000099")
    assert other.submit(code=right).status == 422


def test_steps_cannot_be_skipped(browser):
    assert browser.get("/join/consent").h1 == "Регистрация"
    begin(browser)
    assert browser.get("/join/consent").h1 == "Подтверждение"
    assert browser.get("/join/nonsense").status == 404


def test_a_confirmed_code_stays_confirmed(browser, post):
    begin(browser)
    browser.submit(code=code_in(post(PHONE)))
    assert browser.get("/join/code").h1 == "Согласие"


def test_consent_is_a_tick_of_ones_own(browser, post):
    begin(browser)
    browser.submit(code=code_in(post(PHONE)))
    assert not browser.page.find(id="agree").has_attr("checked")
    browser.submit(agree=False)
    assert (browser.status, browser.h1) == (422, "Согласие")
    assert "Без согласия личный кабинет создать нельзя" in browser.text


def test_entry_of_the_mail_only_region(browser, post):
    browser.get("/s/yug/")
    assert browser.h1 == "Межрегионгаз Юг"
    browser.click("Регистрация")
    assert "Эл. почта" in browser.text
    assert "елефон" not in browser.text
    browser.submit(login=PHONE, password=PASSWORD, password2=PASSWORD)
    assert "Введите адрес эл. почты" in browser.text
    browser.submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)
    assert "перейдите по ссылке" in browser.text
    browser.get(link_in(post(EMAIL))).submit("Подтвердить")
    browser.submit(agree=True)
    assert browser.path == "/connect/supplier"
    assert browser.page.find(id="supplier")["value"] == "Межрегионгаз Юг", "the entry's supplier is chosen already"
    assert browser.submit().path == "/connect/account", "though Югра begins like Юг"


def test_the_portals_own_entry_is_not_bound_by_the_one_seen_before(browser):
    browser.get("/s/yug/").click("Регистрация").submit(login=EMAIL, password=PASSWORD, password2=PASSWORD)
    browser.click("Изменить логин")
    assert "елефон" not in browser.text, "the journey keeps the rules it began under"
    browser.get("/").click("Регистрация").submit(login=PHONE, password=PASSWORD, password2=PASSWORD)
    assert browser.h1 == "Подтверждение"


def test_riddle_at_the_third_sending_from_an_address(app, browser, post, monkeypatch):
    for digit in range(2):
        begin(browser, f"+7912000000{digit}")
    browser.get("/join/contact")
    assert browser.page.find(id="digits"), "«Я не робот» is asked for"
    browser.submit(login=PHONE, password=PASSWORD, password2=PASSWORD, human=True, digits="00")
    assert "Цифры не совпали" in browser.text
    first = browser.page.find("img")["src"]
    browser.submit("Сменить изображение", login=PHONE, password=PASSWORD, password2=PASSWORD)
    assert browser.page.find("img")["src"] != first
    assert not browser.page.find(class_="error"), "who asks for another picture has made no mistake"
    assert browser.page.find(id="login")["value"] == PHONE
    monkeypatch.setattr("mygas.web.riddles.fresh_digits", lambda: "77777")
    browser.get("/join/contact")
    assert browser.client.get(browser.page.find("img")["src"]).mimetype == "image/png"
    assert browser.client.get(browser.page.find("a", string="Прослушать цифры")["href"]).mimetype == "audio/wav"
    browser.submit(login=PHONE, password=PASSWORD, password2=PASSWORD, human=True, digits="77777")
    assert browser.h1 == "Подтверждение"


def test_a_riddle_is_good_for_one_answer(app, browser, monkeypatch):
    monkeypatch.setattr("mygas.web.riddles.fresh_digits", lambda: "77777")
    browser.get("/join/contact?entry=izhevsk")
    riddle = browser.page.find("input", {"name": "riddle"})["value"]
    token = browser.page.find("input", {"name": "csrf_token"})["value"]
    same = {"csrf_token": token, "riddle": riddle, "human": "y", "digits": "77777", "entry": "izhevsk",
            "login": PHONE, "password": PASSWORD, "password2": PASSWORD}  # fmt: skip
    last = riddle[-1]
    twins = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if letter != last]
    spellings = [riddle, riddle, riddle + "!!!!", riddle + "=", *(riddle[:-1] + twin for twin in twins)]
    answers = [browser.client.post("/join/contact", data={**same, "riddle": name}).status_code for name in spellings]
    assert answers == [303] + [422] * (len(spellings) - 1)


def test_a_stale_page_keeps_what_was_typed(app, browser):
    browser.get("/join/contact")
    browser.client.delete_cookie("form")
    browser.submit(login=PHONE, password=PASSWORD, password2=PASSWORD)
    assert browser.status == 422
    assert browser.page.find(id="login")["value"] == PHONE
    browser.submit(login=PHONE, password=PASSWORD, password2=PASSWORD)
    assert browser.h1 == "Подтверждение"


@pytest.mark.settings(captcha="off")
def test_sends_to_one_contact_are_limited(app, htmx):
    statuses = [begin(Browser(app.test_client(), htmx=htmx)).status for _ in range(6)]
    assert statuses == [200] * 5 + [422]


def test_a_form_sent_twice_begins_one_journey_and_sends_one_code(app, browser, world, post):
    browser.get("/join/contact")
    token = browser.page.find("input", {"name": "csrf_token"})["value"]
    form = {"csrf_token": token, "login": PHONE, "password": PASSWORD, "password2": PASSWORD, "entry": ""}
    cookie = browser.client.get_cookie("form").value
    for _ in range(2):  # neither answer has come back when the other is sent
        twin = app.test_client()
        twin.set_cookie("form", cookie)
        assert twin.post("/join/contact", data=form).status_code == 303
    code = code_in(post(PHONE))
    assert len(world.sent) == 1
    twin.get("/join/code")
    assert Browser(twin).get("/join/code").submit(code=code).h1 == "Согласие"


def test_a_consent_sent_twice_ends_in_one_clear_state(app, browser, post):
    begin(browser)
    browser.submit(code=code_in(post(PHONE)))
    hidden = {name: browser.page.find("input", {"name": name})["value"] for name in ("csrf_token", "sha256")}
    cookie = browser.client.get_cookie("form").value
    answers = []
    for _ in range(2):
        twin = app.test_client()
        twin.set_cookie("form", cookie)
        answers.append(twin.post("/join/consent", data={**hidden, "agree": "y"}))
    assert [answer.headers["Location"] for answer in answers] == ["/connect/supplier", "/"]
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 1
