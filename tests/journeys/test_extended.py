"""Extended access: the control question in CONNECT and from the account, requests for a PIN, the PIN for its owner."""

import io
import logging
from datetime import timedelta

import pytest
import time_machine
from PIL import Image

from mygas import clock
from mygas.domain import pin_requests, pins
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.models import Account, AuditEntry, CommonCharge, Connection, ImportedPin, Operator, PinRequest, Registry, Scan
from tests.browser import Browser
from tests.walks import EMAIL, PHONE

HEADER = "Чтобы подключить расширенные возможности личного кабинета, пожалуйста, ответьте на контрольный вопрос."
INFO = (
    "В зависимости от Вашего региона пин-код может располагаться на квитанции, выдаваться по электронной почте "
    "или при обращении в абонентский пункт"
)
ASK = "Чтобы отправить запрос на получение пин-кода для подключения расширенной версии заполните форму"
LATER = "Подключить расширенную версию позже"
FULL = "Поздравляем! Все шаги пройдены, Вы можете пользоваться полной версией Личного кабинета клиента."


@pytest.fixture
def asked(joined, region):
    """Register a visitor and bring him to the control question; the account's id."""

    def ask(browser, supplier="sever-tyumen", number="018000001", login=PHONE, **account) -> int:
        account_id = region(supplier, number, **account)
        joined(browser, login)
        browser.submit(supplier=supplier).submit(number=number)
        assert browser.h1 == "Расширенная версия", browser.text
        return account_id

    return ask


@pytest.fixture
def give_pin(app):
    """Import a PIN (or old password) of the supplier's own."""

    def give(account_id: int, folded: str) -> None:
        with app.app_context(), unit_of_work():
            account, registry = db.session.get_one(Account, account_id), db.session.scalars(db.select(Registry)).first()
            mac = keyring.pin_mac("imported", account.supplier, account.number, folded)
            db.session.add(ImportedPin(account_id=account_id, registry_id=registry.id, mac=mac))

    return give


@pytest.fixture
def pin_of(app):
    def read(account_id: int) -> str:
        with app.app_context():
            return pins.current(db.session.get_one(Account, account_id))

    return read


@pytest.fixture
def decide(app):
    """Approve the newest request, or refuse it with the reason."""

    def do(reason: str = "") -> None:
        with app.app_context(), unit_of_work():
            request = db.session.scalars(db.select(PinRequest).order_by(PinRequest.id.desc())).first()
            operator = Operator(name="О", suppliers=[request.supplier], password_hash="x", totp=b"x", created_at=clock.now())
            operator.login = f"operator of {request.id}"
            db.session.add(operator)
            db.session.flush()
            if reason:
                pin_requests.refuse(request, operator, "192.0.2.9", reason)
            else:
                pin_requests.approve(request, operator, "192.0.2.9")

    return do


def connection(app) -> Connection:
    with app.app_context():
        return db.session.scalars(db.select(Connection).order_by(Connection.id)).first()


def audited(app, action: str) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.select(AuditEntry.outcome).filter_by(action=action).order_by(AuditEntry.id)))


def offered(browser) -> list[str]:
    return [one["value"] for one in browser.page.select("input[name=method]")]


def error(browser) -> str:
    return browser.page.find(class_="error").get_text()


def test_the_instruction_letter_by_letter(browser, asked):
    asked(browser)
    for text in (
        HEADER,
        "Ввести серийный номер прибора учёта газа",
        "Ввести сумму из последних начислений в копейках",
        "Ввести ПИН код (может быть напечатан на квитанции)",
        "Подать запрос на получение ПИН-кода",
        "Введите ответ на контрольный вопрос",
        INFO,
        "Ответить",
        LATER,
        "× Закрыть",
    ):
        assert text in browser.text
    assert offered(browser) == ["serial", "charge", "pin"]
    assert browser.page.find("label", attrs={"for": "answer"}), "the field is called answer"


@pytest.mark.parametrize(
    ("method", "answer"),
    [("serial", "№ 0123-456 "), ("serial", "０１２３４５６"), ("charge", "83300"), ("charge", "83 300"), ("pin", "АВ-12с ")],
)
def test_the_whole_way(app, browser, asked, give_pin, method, answer):
    give_pin(asked(browser), "ab12c")
    browser.submit(method=method, answer=answer)
    assert browser.h1 == "Счёт 018000001"
    assert FULL in browser.text
    assert (connection(app).access, connection(app).proof) == ("extended", method)
    assert connection(app).extended_at is not None
    assert audited(app, "challenge") == ["done"]


@pytest.mark.parametrize("typed", ["833,00", "833.00", " 833,00 ₽", "833 руб.", "833,0"])
def test_rubles_are_understood_and_said_so(browser, asked, typed):
    asked(browser)
    browser.submit(method="charge", answer=typed)
    assert FULL in browser.text
    assert f"Вы ввели {typed.strip()} — мы прочли это как 83300 коп." in browser.text


def test_wrong_rubles_are_said_beside_what_was_typed(browser, asked):
    asked(browser)
    browser.submit(method="charge", answer="1 234.56")
    assert browser.status == 422
    assert "Вы ввели 1 234.56 — мы прочли это как 123456 коп." in browser.text
    assert browser.page.find(id="answer")["value"] == "1 234.56"


@pytest.mark.parametrize(
    ("method", "answer", "says"),
    [
        ("charge", "0", "больше нуля"),
        ("charge", "0,00", "больше нуля"),
        ("charge", "много", "только цифры"),
        ("charge", "-83300", "только цифры"),
        ("charge", "٨٣٣٠٠", "только цифры"),
        ("pin", " -- ", "буквами и цифрами"),
        ("pin", "a" * 101, "буквами и цифрами"),
        ("serial", "", "буквами и цифрами"),
        (None, "83300", "Выберите, чем ответить"),
    ],
)
def test_what_is_no_answer_is_not_counted(app, browser, asked, method, answer, says):
    asked(browser)
    browser.submit(**({"method": method} if method else {}), answer=answer)
    assert browser.status == 422
    assert audited(app, "challenge") == []
    assert says in browser.text


def test_wrong_answers_look_alike_and_the_sixth_is_locked(app, browser, asked, pin_of):
    account_id = asked(browser)
    seen = set()
    for left, method in zip((4, 3, 2, 1), ("serial", "charge", "pin", "serial"), strict=True):
        browser.submit(method=method, answer="11111111")
        assert browser.status == 422
        assert f"Осталось попыток: {left}." in error(browser)
        seen.add(error(browser).replace(str(left), "N"))
    assert len(seen) == 1
    browser.submit(method="serial", answer="1")
    assert "попытки закончились. Снова ответить можно" in error(browser)
    browser.submit(method="pin", answer=pin_of(account_id))
    assert "Попытки закончились. Снова ответить на контрольный вопрос можно" in error(browser)
    assert " после " in error(browser)
    assert audited(app, "challenge") == ["wrong"] * 5 + ["locked"]
    assert browser.submit(LATER).h1 == "Счёт 018000001"
    assert connection(app).access == "basic"


def test_a_day_later_it_may_be_answered_again(app, browser, asked, pin_of, htmx):
    account_id = asked(browser)
    for _ in range(6):
        browser.submit(method="pin", answer="wrong")
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=True):
        fresh = Browser(app.test_client(), htmx=htmx)
        fresh.get("/").submit(login=PHONE, password="gaz2026")
        fresh.get(f"/accounts/{connection(app).ref}/extend").submit(method="pin", answer=pin_of(account_id).upper())
    assert FULL in fresh.text


def test_a_right_answer_gives_the_user_his_tries_back(app, browser, asked, pin_of):
    account_id = asked(browser)
    for _ in range(4):
        browser.submit(method="pin", answer="wrong")
    browser.submit(method="pin", answer=pin_of(account_id))
    with app.app_context(), unit_of_work():
        db.session.scalars(db.select(Connection)).one().access = "basic"
    browser.get(f"/accounts/{connection(app).ref}/extend").submit(method="pin", answer="wrong")
    assert "Осталось попыток: 4." in browser.text


@pytest.mark.parametrize(
    ("supplier", "number", "account", "methods"),
    [
        ("sever-tyumen", "018000001", {"meter": None}, ["charge", "pin"]),
        ("izhevsk", "1800000001", {}, ["serial", "pin"]),
        ("perm", "59000001", {}, ["pin"]),
        ("yug", "77000001", {}, ["serial", "charge"]),
    ],
)
def test_ways_are_those_of_the_supplier_and_of_the_account(browser, asked, supplier, number, account, methods):
    asked(browser, supplier, number, **account)
    assert offered(browser) == methods
    assert (INFO in browser.text) is ("pin" in methods)


def test_the_only_way_is_chosen_already(browser, asked, pin_of):
    account_id = asked(browser, "perm", "59000001")
    assert FULL in browser.submit(answer=pin_of(account_id)).text


def test_a_way_that_is_not_offered_is_not_taken(app, browser, asked):
    asked(browser, "perm", "59000001")
    form = browser.page.find("form", attrs={"action": "/connect/question"})
    token = form.find(attrs={"name": "csrf_token"})["value"]
    answer = browser.client.post("/connect/question", data={"csrf_token": token, "method": "serial", "answer": "0123456"})
    assert answer.status_code == 422
    assert connection(app).access == "basic"


def test_common_charge_is_not_asked(app, browser, asked):
    asked(browser)
    with app.app_context(), unit_of_work():
        db.session.add(CommonCharge(supplier="sever-tyumen", sum_kop=83300, accounts=9))
    assert offered(browser.get("/connect/question")) == ["serial", "pin"]


def test_lower_case_of_izhevsk_is_said_and_not_needed(browser, asked, give_pin):
    give_pin(asked(browser, "izhevsk", "1800000001"), "ctapbik")
    assert "в нижнем регистре" in browser.text
    assert "Ранее полученный у поставщика пароль тоже подходит" in browser.text
    assert FULL in browser.submit(method="pin", answer="СТАРвik").text, "an old password, its case and keyboard mixed up"


def test_where_nothing_can_be_asked_the_office_is_named(app, browser, asked):
    asked(browser, "yug", "77000001", meter=None)
    with app.app_context(), unit_of_work():
        db.session.add(CommonCharge(supplier="yug", sum_kop=83300, accounts=9))
    browser.get("/connect/question")
    assert "Контрольный вопрос по этому счёту задать нельзя" in browser.text
    assert "Обратиться в абонентский пункт" in browser.text
    assert browser.page.find("form", attrs={"action": "/connect/question"})
    assert browser.submit(LATER).h1 == "Счёт 77000001"


def test_closing_and_going_back_lose_nothing(app, browser, asked):
    asked(browser)
    browser.click("Назад")
    assert browser.h1 == "Номер лицевого счёта"
    assert browser.page.find(id="number")["value"] == "018000001"
    browser.submit()
    assert browser.h1 == "Расширенная версия"
    browser.click("× Закрыть")
    assert browser.h1 == "Счёт 018000001"
    assert browser.get("/connect/question").h1 == "Расширенная версия"


def test_later_from_the_account(app, browser, asked):
    asked(browser)
    browser.submit(LATER)
    assert "Вы можете пользоваться Личным кабинетом клиента." in browser.text
    way = f"{browser.path}extend"
    browser.get(way)
    assert HEADER in browser.text
    assert INFO in browser.text
    assert browser.submit(LATER).h1 == "Счёт 018000001"
    browser.get(way).submit(method="serial", answer="0123456")
    assert FULL in browser.text
    assert browser.get(way).h1 == "Счёт 018000001", "it is answered already"


@pytest.mark.parametrize(
    ("holder", "newcomer", "words"),
    [(EMAIL, PHONE, "К вашему счёту 018000001 подключён ещё один пользователь: +7 912 ***-**-89."),
     (PHONE, EMAIL, "К вашему счёту …0001 подключён ещё один пользователь")],
)  # fmt: skip
def test_others_who_have_proved_the_account_are_told(app, browser, asked, joined, world, post, htmx, holder, newcomer, words):
    asked(browser, login=holder)
    browser.submit(method="serial", answer="0123456")
    other = Browser(app.test_client(), htmx=htmx)
    joined(other, newcomer).submit(supplier="sever-tyumen").submit(number="018000001").submit(method="serial", answer="0123456")
    text = post(holder)
    assert words in text
    assert holder == EMAIL or len(text) <= 70
    assert [message["to"] for message in world.sent if "подключён ещё один" in message["text"]] == [holder]


def test_who_has_only_typed_the_number_hears_of_nobody(app, browser, asked, joined, world, post, htmx):
    asked(browser, login=EMAIL)
    browser.submit(LATER)
    owner = Browser(app.test_client(), htmx=htmx)
    joined(owner, PHONE).submit(supplier="sever-tyumen").submit(number="018000001").submit(method="serial", answer="0123456")
    assert FULL in owner.text
    post(EMAIL)
    assert not [message for message in world.sent if "подключён ещё один" in message["text"]]


def test_request_during_connecting(app, browser, asked, decide, post, pin_of):
    account_id = asked(browser)
    browser.click("Подать запрос на получение ПИН-кода")
    assert browser.path == "/connect/pin-request"
    assert ASK in browser.text
    for text in ("ФИО", "Email", "Телефон", "Отправить запрос", "Отмена", "ПИН-код придёт на +7 912 ***-**-89"):
        assert text in browser.text
    assert browser.page.find(id="phone")["value"] == PHONE
    browser.submit(full_name="  Иванова  Мария Петровна ", email=" Other@Example.RU")
    assert browser.h1 == "Расширенная версия"
    assert "Запрос № 1 отправлен." in browser.text
    assert "Запрос № 1 на ПИН-код от" in browser.text
    with app.app_context():
        request = db.session.scalars(db.select(PinRequest)).one()
        assert (request.full_name, request.email, request.phone) == ("Иванова Мария Петровна", "other@example.ru", PHONE)
    decide()
    text = post(PHONE)
    assert text.startswith(f"{pin_of(account_id)} — ПИН-код")
    assert len(text) <= 70
    browser.get("/connect/question")
    assert "Запрос № 1 на ПИН-код одобрен" in browser.text
    assert FULL in browser.submit(method="pin", answer=text.split()[0].upper()).text


def test_the_pin_goes_to_the_confirmed_login_only(app, browser, asked, decide, post, world):
    asked(browser, login=EMAIL)
    browser.click("Подать запрос на получение ПИН-кода").submit(full_name="Вор", email="thief@example.ru")
    decide()
    assert "ПИН-код для расширенной версии по лицевому счёту 018000001" in post(EMAIL)
    assert "thief@example.ru" not in {message["to"] for message in world.sent}


def test_one_open_request_and_why_it_was_refused(app, browser, asked, decide, post):
    asked(browser)
    browser.click("Подать запрос на получение ПИН-кода").submit(full_name="Иванова М. П.")
    browser.click("Подать запрос на получение ПИН-кода")
    assert "Новый запрос можно будет подать" in browser.text
    assert not browser.page.find(id="full_name")
    decide("ФИО не совпадает с договором.")
    assert post(PHONE) == "Запрос № 1 на ПИН-код отклонён. Причина — в кабинете «Мой газ»."
    browser.get("/connect/pin-request")
    assert "Запрос № 1 на ПИН-код отклонён" in browser.text
    assert "ФИО не совпадает с договором." in browser.text
    assert "Запрос № 2 отправлен." in browser.submit(full_name="Иванова М. П.").text


def test_three_requests_a_day(browser, asked, decide):
    asked(browser)
    for _ in range(3):
        browser.get("/connect/pin-request").submit(full_name="Иванова М. П.")
        decide("ФИО не совпадает с договором.")
    browser.get("/connect/pin-request").submit(full_name="Иванова М. П.")
    assert "не более 3 запросов" in browser.text
    assert browser.status == 422


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"full_name": " "}, "Введите фамилию, имя и отчество."),
        ({"full_name": "123"}, "Введите фамилию, имя и отчество."),
        ({"full_name": "А" * 161}, "Слишком длинно"),
        ({"email": "8 912 345-67-89"}, "Введите адрес эл. почты"),
        ({"phone": "103"}, "Введите номер мобильного телефона"),
        ({"phone": "", "email": ""}, "Укажите телефон или адрес эл. почты"),
    ],
)
def test_request_is_checked_and_keeps_what_was_typed(app, browser, asked, fields, says):
    asked(browser)
    browser.get("/connect/pin-request").submit(**{"full_name": "Иванова М. П.", **fields})
    assert browser.status == 422
    assert says in browser.text
    for name, value in fields.items():
        assert browser.page.find(id=name)["value"] == " ".join(value.split())


def photograph() -> io.BytesIO:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(picture, "JPEG")
    return io.BytesIO(picture.getvalue())


def test_izhevsk_wants_a_scan(app, browser, asked):
    asked(browser, "izhevsk", "1800000001")
    browser.click("Подать запрос на получение ПИН-кода")
    for kind in (
        "Гражданский паспорт с ФИО и пропиской",
        "Свидетельство о Государственной регистрации права собственности на жилое помещение "
        "(либо договор найма, либо договор долевого участия)",
        "Поквартирная карточка из домоуправления (с датой выдачи не позднее 1 месяца)",
        "Домовая книга с указанием зарегистрированных граждан",
    ):
        assert kind in browser.text
    browser.submit(full_name="Иванова М. П.")
    assert "Выберите, какой документ" in browser.text
    assert "Приложите скан или фото" in browser.text
    browser.submit(full_name="Иванова М. П.", document_kind="title", scan=(io.BytesIO(b"<svg/>"), "a.png"))
    assert browser.status == 422
    assert "Подойдёт только снимок (JPEG или PNG) или файл PDF" in browser.text
    assert "Файл нужно выбрать ещё раз" in browser.text
    assert browser.page.find(id="full_name")["value"] == "Иванова М. П."
    browser.submit(document_kind="title", scan=(photograph(), "passport.jpg"))
    assert "Запрос № 1 отправлен." in browser.text
    with app.app_context():
        scan, request = db.session.scalars(db.select(Scan)).one(), db.session.scalars(db.select(PinRequest)).one()
        assert (scan.request_id, scan.media_type, request.document_kind) == (request.id, "image/jpeg", "title")


def test_a_photograph_too_large_is_a_sentence_at_its_field(browser, asked):
    asked(browser, "izhevsk", "1800000001")
    huge = io.BytesIO(b"\xff\xd8\xff" + bytes(13 * 1024 * 1024))
    browser.get("/connect/pin-request").submit(full_name="Иванова М. П.", document_kind="passport", scan=(huge, "a.jpg"))
    assert browser.status == 422
    assert "Файл больше 10 МБ" in browser.text
    assert browser.page.find(id="full_name")["value"] == "Иванова М. П."


def test_request_from_the_account(browser, asked):
    asked(browser)
    browser.submit(LATER)
    browser.get(f"{browser.path}extend").click("Подать запрос на получение ПИН-кода")
    assert browser.path.endswith("/pin-request")
    browser.submit(full_name="Иванова М. П.")
    assert browser.path.endswith("/extend")
    assert "Запрос № 1 на ПИН-код от" in browser.text
    browser.click("Подать запрос на получение ПИН-кода").click("Назад")
    assert browser.path.endswith("/extend")


def test_no_requests_where_the_supplier_takes_none(browser, asked):
    asked(browser, "yug", "77000001")
    assert "Подать запрос" not in browser.text
    assert browser.get("/connect/pin-request").status == 404


def test_no_request_before_an_account_and_none_after_success(browser, joined, asked):
    joined(browser)
    assert browser.get("/connect/pin-request").path == "/connect/supplier"


def test_pin_for_its_owner(app, browser, asked, pin_of):
    account_id = asked(browser, "perm", "59000001")
    old = pin_of(account_id)
    browser.submit(answer=old)
    browser.get(f"{browser.path}pin")
    assert old not in browser.page.get_text()
    browser.submit("Показать ПИН-код")
    assert old in browser.text
    assert "no-store" in browser.response.headers["Cache-Control"]
    assert old not in browser.path
    browser.get(browser.path)
    assert old not in browser.page.get_text(), "in sight once"
    browser.submit("Сменить ПИН-код")
    assert "Прежний больше не действует" in browser.text
    browser.submit("Показать ПИН-код")
    assert pin_of(account_id) in browser.text
    assert pin_of(account_id) != old
    assert (audited(app, "pin.show"), audited(app, "pin.change")) == (["done", "done"], ["done"])


def test_a_kept_cookie_shows_the_pin_no_second_time(app, browser, asked, pin_of):
    pin = pin_of(asked(browser, "perm", "59000001"))
    browser.submit(answer=pin)
    page = f"{browser.path}pin"
    token = browser.get(page).page.select_one("main [name=csrf_token]")["value"]
    browser.client.post(f"{page}/show", data={"csrf_token": token})
    kept = browser.client.get_cookie("form").value
    assert pin in browser.get(page).text
    browser.client.set_cookie("form", kept)
    assert pin not in browser.get(page).text, "a copy of the grant is worth nothing"
    assert audited(app, "pin.show") == ["done"]
    browser.client.post(f"{page}/show", data={"csrf_token": browser.page.select_one("main [name=csrf_token]")["value"]})
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert pin not in browser.get(page).text, "five minutes later"


def test_pin_is_not_for_the_basic_version(app, browser, asked, pin_of):
    account_id = asked(browser, "perm", "59000001")
    browser.submit(LATER)
    home = browser.path
    assert browser.get(f"{home}pin").path == f"{home}extend"
    token = browser.page.select_one("main input[name=csrf_token]")["value"]
    for deed in ("show", "change"):
        assert browser.client.post(f"{home}pin/{deed}", data={"csrf_token": token}).status_code == 404
    assert pin_of(account_id) not in browser.client.get(f"{home}pin", follow_redirects=True).text


def test_pin_is_shown_only_where_receipts_carry_it(browser, asked):
    asked(browser)
    browser.submit(method="serial", answer="0123456")
    assert browser.get(f"{browser.path}pin").status == 404


@pytest.mark.parametrize("answered", ["right", "wrong"])
def test_a_pin_is_written_down_nowhere(app, browser, asked, decide, pin_of, post, caplog, tmp_path, answered, give_pin):
    caplog.set_level(logging.DEBUG)
    account_id = asked(browser, "perm", "59000001")
    give_pin(account_id, "canary7canary")
    pin = pin_of(account_id)
    browser.click("Подать запрос на получение ПИН-кода").submit(full_name="Иванова М. П.")
    decide()
    assert pin in post(PHONE)
    tried = [pin, "canary7canary"] if answered == "right" else [f"{pin}x", "canary7canaryx"]
    for one in tried:
        browser.get(f"/accounts/{connection(app).ref}/extend")
        if browser.page.find(id="answer"):
            browser.submit(answer=one)
    with app.app_context():
        rows = [repr(row) for table in db.metadata.sorted_tables for row in db.session.execute(table.select())]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "outbox.jsonl"]
    for secret in (pin, "canary7canary"):
        assert not [row for row in rows if secret in row]
        assert not [file for file in files if secret.encode() in file]
        assert secret not in caplog.text


def test_at_most_five_statements(app, browser, asked):
    asked(browser)
    seen = []
    with app.app_context():
        engine = db.engine

    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    db.event.listen(engine, "before_cursor_execute", count)
    ref = connection(app).ref
    for address in ("/connect/question", "/connect/pin-request", f"/accounts/{ref}/extend", f"/accounts/{ref}/pin-request"):
        seen.clear()
        assert browser.client.get(address).status_code == 200
        assert 1 <= len(seen) <= 5, f"{address}: {seen}"
