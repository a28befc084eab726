"""The desk: who may sit at it, what he sees, what he does, what the subscriber is told."""

import io
import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from PIL import Image

from mygas import clock
from mygas.domain import operators, passwords, pin_requests, pins, scans
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways import Undeliverable
from mygas.jobs import relay
from mygas.models import Account, AuditEntry, Connection, Operator, OperatorSignIn, PinRequest
from tests.browser import Browser, check_page
from tests.walks import EMAIL, PHONE

OPERATOR, SECRET = "anna", "корова на крыше"


@pytest.fixture
def hired(app):
    """Add an operator; what his application for codes would show at present is the answer's `now()`."""

    def hire(login=OPERATOR, suppliers=("perm",)):
        with app.app_context(), unit_of_work():
            address = operators.add(login, "Анна Ильина", suppliers, passwords.hashed(SECRET))
        return pyotp.parse_uri(address)

    return hire


@pytest.fixture
def seated(app, htmx, hired):
    """An operator at the desk."""

    def sit(login=OPERATOR, suppliers=("perm",)):
        totp = hired(login, suppliers)
        return sign_in(Browser(app.test_client(), htmx=htmx), totp.now(), login)

    return sit


def sign_in(browser, code, login=OPERATOR, password=SECRET):
    return browser.get("/desk/sign-in").submit(login=login, password=password, code=code)


@pytest.fixture
def asked(app, browser, connected):
    """A subscriber has asked for a PIN and sent a photograph; returns the request's ref."""

    def ask(login=PHONE, number="59000001", by=None, **more):
        connected(by or browser, login, number)
        picture = io.BytesIO()
        Image.new("RGB", (300, 200), "red").save(picture, "JPEG")
        picture.seek(0)
        kept = app.extensions["scans"]
        clean = kept.clean(picture, "passport.jpg")
        ref, key = kept.keep(clean)
        with app.app_context(), unit_of_work():
            connection = db.session.scalars(db.select(Connection).join(Account).where(Account.number == number)).one()
            visitor = Visitor("192.0.2.7", "", app.extensions["entry_rules"], connection.user)
            scan = pin_requests.KeptScan(ref, key, clean.media_type, len(clean.data))
            filled = {"full_name": "Иванова Мария Петровна", "email": "m@example.ru", "phone": "+79990001122", **more}
            return pin_requests.submit(visitor, connection, document_kind="passport", scan=scan, **filled).ref

    return ask


def audited(app, action):
    with app.app_context():
        return list(db.session.scalars(db.select(AuditEntry).filter_by(action=action)))


def deliver(app):
    with app.app_context():
        relay.round_of(app)


def scan_address(desk):
    return next(str(a["href"]) for a in desk.page.find_all("a") if "/desk/scans/" in str(a.get("href")))


def test_the_whole_way_of_a_request(app, seated, asked, world, post):
    ref = asked()
    desk = seated()
    assert desk.path == "/desk/" and desk.h1 == "Запросы на ПИН-код"
    assert "Иванова Мария Петровна" in desk.text and "59000001" in desk.text and "в очереди: " in desk.text
    desk.click("№ 1")
    assert desk.path == f"/desk/requests/{ref}"
    assert "г. Пермь, ул. Ленина, д. 12, кв. 5" in desk.text and "m@example.ru" in desk.text and "+79990001122" in desk.text
    assert "Гражданский паспорт с ФИО и пропиской" in desk.text

    picture = desk.client.get(scan_address(desk))
    assert picture.mimetype == "image/jpeg" and Image.open(io.BytesIO(picture.data)).size == (300, 200)
    assert picture.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert picture.headers["X-Content-Type-Options"] == "nosniff" and picture.headers["Cache-Control"] == "no-store, no-cache"
    assert picture.headers["Content-Disposition"].startswith("inline")
    (view,) = audited(app, "scan.view")
    assert view.actor == "operator" and view.detail == {"request": 1}
    desk.client.get(scan_address(desk))
    assert len(audited(app, "scan.view")) == 2

    with app.app_context():
        pin = pins.current(db.session.scalars(db.select(Account)).one())
    desk.submit("Отправить ПИН-код абоненту")
    assert desk.path == "/desk/" and "Запрос № 1: ПИН-код отправляется" in desk.text
    assert pin not in desk.text
    assert pin in post(PHONE)
    assert len(audited(app, "pin-request.approve")) == 1
    desk.click("Одобрено")
    assert "ПИН-код отправлен" in desk.text
    desk.click("№ 1")
    assert pin not in desk.text and "скан больше не показывается" in desk.text and "Анна Ильина" in desk.text


@pytest.mark.parametrize("answer", ["approved", "refused"])
def test_what_could_not_be_delivered_is_said_and_sent_again(app, seated, asked, browser, world, answer):
    ref = asked()
    question = f"{browser.path}extend"
    desk = seated().get(f"/desk/requests/{ref}")
    if answer == "approved":
        desk.submit("Отправить ПИН-код абоненту")
        assert "ПИН-код отправляется на" in browser.get(question).text
        assert "Одобрено, ПИН-код отправляется" in desk.get(f"/desk/requests/{ref}").text
    else:
        desk.submit("Отказать", reason="old")
    world.fail += [Undeliverable("the SMS gateway refused: HTTP 200, 7")]
    deliver(app)
    if answer == "approved":
        assert "ПИН-код не доставлен на" in browser.get(question).text and "отправлен на" not in browser.text
    desk.get("/desk/").click("Не доставлено")
    assert "не доставлен" in desk.text
    desk.click("№ 1")
    assert "HTTP 200, 7" in desk.text and "не доставлен" in desk.text
    sent = len(world.sent)
    desk.submit("Отправить ещё раз")
    assert "ответ отправляется ещё раз" in desk.text and "Ответ не доставлен" not in desk.text
    deliver(app)
    assert len(world.sent) == sent + 1
    if answer == "approved":
        assert "ПИН-код отправлен на" in browser.get(question).text
        assert "ПИН-код отправлен" in desk.get(desk.path).text
    assert len(audited(app, "pin-request.send-again")) == 1
    assert desk.get("/desk/?state=undelivered").text.endswith("Здесь пусто.")


def test_what_is_not_dead_is_not_sent_again(app, seated, asked):
    desk = seated().get(f"/desk/requests/{asked()}")
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    desk.client.post(f"{desk.path}/again", data={"csrf_token": token})
    assert "уже отправляется или отправлен" in desk.get(desk.path).text
    assert not audited(app, "pin-request.send-again")


def test_a_refusal_carries_its_reason(app, seated, asked, post):
    ref = asked()
    desk = seated().get(f"/desk/requests/{ref}")
    desk.submit("Отказать")
    assert desk.status == 422 and "Выберите причину" in desk.text
    desk.submit("Отказать", reason="other", words="  ")
    assert desk.status == 422 and "Напишите причину" in desk.text
    desk.submit("Отказать", reason="other", words="а" * 301)
    assert desk.status == 422 and "Слишком длинно" in desk.text
    desk.submit("Отказать", reason="name", words="Спросите Ольгу.")
    assert desk.path == "/desk/" and "отказ с причиной отправляется" in desk.text
    with app.app_context():
        reason = db.session.scalars(db.select(PinRequest.reason)).one()
    assert reason.startswith("Фамилия, имя, отчество") and reason.endswith("Спросите Ольгу.")
    assert post(PHONE)
    desk.click("Отказано").click("№ 1")
    assert "Спросите Ольгу." in desk.text


def test_two_operators_do_not_both_decide(seated, asked):
    ref = asked()
    first, second = seated("anna"), seated("olga")
    first.get(f"/desk/requests/{ref}")
    second.get(f"/desk/requests/{ref}").submit("Отправить ПИН-код абоненту")
    first.submit("Отказать", reason="old")
    assert "уже принято решение" in first.text


def test_a_decided_request_shows_its_scan_to_nobody(seated, asked):
    desk = seated()
    desk.get(f"/desk/requests/{asked()}")
    address = scan_address(desk)
    desk.submit("Отправить ПИН-код абоненту")
    assert desk.client.get(address).status_code == 404


def test_a_scan_whose_file_is_gone_is_said_to_be_gone(app, seated, asked):
    desk = seated().get(f"/desk/requests/{asked()}")
    address = scan_address(desk)
    app.extensions["gateways"].vault.destroy(address.rpartition("/")[2])
    desk.get(address)
    assert desk.status == 404 and desk.h1 == "Файл недоступен"


def test_a_pdf_is_a_file_to_keep(app, seated, asked):
    desk = seated().get(f"/desk/requests/{asked()}")
    with app.app_context(), unit_of_work():
        request = db.session.scalars(db.select(PinRequest)).one()
        ref, key = app.extensions["scans"].keep(type("Pdf", (), {"data": b"%PDF-1.4 of a passport"}))
        scans.attach(request, pin_requests.KeptScan(ref, key, "application/pdf", 22))
    answer = desk.client.get(f"/desk/scans/{ref}")
    assert answer.data == b"%PDF-1.4 of a passport" and answer.headers["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert "Скачать документ (PDF)" in desk.get(desk.path).text


def test_the_queue_is_paged(app, seated, asked):
    asked()
    with app.app_context(), unit_of_work():
        first = db.session.scalars(db.select(PinRequest)).one()
        same = {"user_id": first.user_id, "account_id": first.account_id, "supplier": "perm", "email": "", "phone": ""}
        times = {"created_at": clock.now(), "decided_at": clock.now()}
        db.session.add_all(
            [PinRequest(**same, **times, state="approved", full_name=f"Абонент {number}") for number in range(120)]
        )
    desk = seated().click("Одобрено")
    seen = []
    while True:
        seen += re.findall(r"Абонент ([0-9]+)", desk.text)
        if "Следующие запросы" not in desk.text:
            break
        desk.click("Следующие запросы")
    assert seen == [str(number) for number in reversed(range(120))]
    assert desk.get("/desk/?state=open&after=99999").text.endswith("Здесь пусто. К началу списка")
    assert desk.get("/desk/?state=nothing").status == 404


def test_other_suppliers_things_do_not_exist(app, seated, asked, region):
    ref = asked()
    stranger, mine = seated("foreign", ("yug", "volga")), seated("anna")
    mine.get(f"/desk/requests/{ref}")
    with app.app_context():
        account_id = db.session.scalars(db.select(Account.id)).one()
    assert "Иванова" not in stranger.text
    for address in (
        f"/desk/requests/{ref}",
        scan_address(mine),
        f"/desk/accounts/{account_id}/",
        f"/desk/accounts/{account_id}/slip",
    ):
        assert stranger.client.get(address).status_code == 404, address
    stranger.get("/desk/accounts/")
    assert "Пермь" not in stranger.text
    token = {"csrf_token": stranger.page.select_one("main [name=csrf_token]")["value"]}
    holder = mine.get(f"/desk/accounts/{account_id}/").page.select_one("a[href*=holders]")["href"]
    assert stranger.client.get(holder).status_code == 404
    disconnect = holder.removeprefix(f"/desk/accounts/{account_id}/")
    posts = ["pin", "revoke-pin", disconnect, disconnect.removesuffix("/disconnect")]
    addresses = [f"/desk/accounts/{account_id}/{deed}" for deed in posts]
    addresses += [f"/desk/requests/{ref}/approve", f"/desk/requests/{ref}/refuse"]
    before = len(audited(app, "pin.in-person")) + len(audited(app, "pin.revoke"))
    for address in addresses:
        data = {**token, "document": "passport", "reason": "old"}
        assert stranger.client.post(address, data=data).status_code == 404, address
    answer = stranger.client.post("/desk/accounts/", data={**token, "supplier": "perm", "number": "59000001"})
    assert answer.status_code == 422
    assert len(audited(app, "pin.in-person")) + len(audited(app, "pin.revoke")) == before
    with app.app_context():
        assert db.session.scalars(db.select(PinRequest.state)).one() == "open"


def test_a_holder_of_another_account_is_not_cut_off_through_mine(app, seated, connected):
    connected(Browser(app.test_client()), PHONE, "59000001")
    connected(Browser(app.test_client()), EMAIL, "59000002")
    desk = seated().get("/desk/accounts/").submit(supplier="perm", number="59000001")
    with app.app_context():
        other = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000002")).one().ref
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    desk.client.post(f"{desk.path}holders/{other}", data={"csrf_token": token, "deed": "disconnect"})
    assert "уже отключён" in desk.get(desk.path).text
    with app.app_context():
        assert db.session.scalars(db.select(Connection).filter_by(ended_at=None)).all().__len__() == 2


def test_a_pin_in_person(app, seated, region):
    region("perm", "59000001")
    desk = seated().click("Лицевой счёт")
    desk.submit(supplier="perm", number="5900000X")
    assert desk.status == 422 and "не похож" in desk.text
    desk.submit(supplier="perm", number="59009999")
    assert desk.status == 422 and "Такого счёта" in desk.text
    desk.submit(supplier="perm", number="5900 0001")
    assert desk.h1 == "Счёт 59000001" and "Иванова Мария Петровна" in desk.text
    account = desk.path
    desk.submit("Показать ПИН-код для печати")
    assert desk.status == 422 and "Отметьте документ" in desk.text
    assert not audited(app, "pin.in-person")
    desk.get(account).submit("Показать ПИН-код для печати", document="passport-title")
    with app.app_context():
        pin = pins.current(db.session.scalars(db.select(Account)).one())
    assert pin in desk.text and desk.response.headers["Cache-Control"] == "no-store, no-cache"
    (entry,) = audited(app, "pin.in-person")
    assert entry.detail == {"document": "passport-title"} and entry.account_id == 1
    desk.get(desk.path)
    assert desk.path == account and pin not in desk.text and "показывается один раз" in desk.text


def test_a_slip_is_for_its_account_and_for_a_short_while(seated, region):
    first, second = region("perm", "59000001"), region("perm", "59000002")
    desk = seated().get(f"/desk/accounts/{first}/")
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    data = {"csrf_token": token, "document": "passport"}
    assert desk.client.post(f"/desk/accounts/{first}/pin", data=data).status_code == 303
    assert desk.get(f"/desk/accounts/{second}/slip").path == f"/desk/accounts/{second}/"
    assert desk.get(f"/desk/accounts/{first}/slip").path == f"/desk/accounts/{first}/"
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    desk.client.post(f"/desk/accounts/{first}/pin", data={**data, "csrf_token": token})
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert desk.get(f"/desk/accounts/{first}/slip").path == f"/desk/accounts/{first}/"


def test_a_kept_cookie_opens_no_second_slip(app, seated, region):
    account_id = region("perm", "59000001")
    desk = seated().get(f"/desk/accounts/{account_id}/")
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    desk.client.post(f"/desk/accounts/{account_id}/pin", data={"csrf_token": token, "document": "passport"})
    kept = desk.client.get_cookie("form").value
    slip = f"/desk/accounts/{account_id}/slip"
    assert desk.get(slip).path == slip
    desk.client.set_cookie("form", kept)
    assert desk.get(slip).path == f"/desk/accounts/{account_id}/", "a copy of the grant is worth nothing"
    assert len(audited(app, "pin.in-person")) == len(audited(app, "pin.slip")) == 1


def test_no_pin_is_handed_over_for_a_supplier_without_pins(app, seated, region):
    account_id = region("yug", "2300000001")
    desk = seated(suppliers=("yug",)).get(f"/desk/accounts/{account_id}/")
    token = Browser(desk.client).get("/desk/accounts/").page.select_one("main [name=csrf_token]")["value"]
    data = {"csrf_token": token, "document": "passport"}
    for deed in ("pin", "revoke-pin"):
        assert desk.client.post(f"/desk/accounts/{account_id}/{deed}", data=data).status_code == 404
    assert desk.client.get(f"/desk/accounts/{account_id}/slip").status_code == 404
    assert not audited(app, "pin.in-person") and not audited(app, "pin.revoke")


def test_access_is_taken_back(app, seated, browser, connected, world, post):
    connected(browser)
    with app.app_context(), unit_of_work():
        connection = db.session.scalars(db.select(Connection)).one()
        connection.access, connection.extended_at, connection.proof = "extended", clock.now(), "pin"
    desk = seated().get("/desk/accounts/").submit(supplier="perm", number="59000001")
    assert "+7 912 ***-**-89" in desk.text and PHONE not in desk.text and "расширенная версия с" in desk.text

    desk.submit("Отозвать ПИН-код")
    assert "больше не действует" in desk.text and "прежний ПИН-код" in post(PHONE)
    desk.submit("Вернуть основную версию")
    assert "Расширенная версия закрыта" in desk.text and "основная версия" in desk.text
    assert "расширенная версия закрыта" in post(PHONE) and len(post(PHONE)) <= 70
    desk.click("Отключить от счёта").submit("Отключить")
    assert "никто не подключён" in desk.text and "отключён от Вашего кабинета" in post(PHONE)
    with app.app_context():
        connection = db.session.scalars(db.select(Connection)).one()
        assert (connection.access, connection.proof, connection.extended_at, connection.slot) == ("basic", "revoked", None, None)
    assert [len(audited(app, action)) for action in ("pin.revoke", "access.reduce", "access.end")] == [1, 1, 1]
    assert audited(app, "access.end")[0].user_id == connection.user_id
    assert browser.get(browser.path).path.startswith("/settings/accounts/past/"), "of the account itself nothing is seen any more"


def test_whom_the_operator_cuts_off_is_said_before_it_is_done(app, seated, browser, connected, joined):
    connected(browser)
    joined(Browser(app.test_client()), EMAIL).submit(supplier="Пермь").submit(number="59000001")
    with app.app_context(), unit_of_work():
        for connection in db.session.scalars(db.select(Connection)):
            connection.access, connection.extended_at, connection.proof = "extended", clock.now(), "pin"
    desk = seated().get("/desk/accounts/").submit(supplier="perm", number="59000001")
    account_page, logins = desk.path, ["+7 912 ***-**-89", "m***@example.ru"]
    named = [control["aria-label"] for control in desk.page.select("main .button[aria-label]")]
    assert sorted(named) == sorted(
        f"{words}: {one}" for words in ("Вернуть основную версию", "Отключить от счёта") for one in logins
    )

    address = desk.page.select_one(f"a[aria-label='Отключить от счёта: {logins[1]}']")["href"]
    other = Browser(desk.client, htmx=desk.htmx).get(address)
    desk.get(address)
    assert desk.h1 == f"Отключить {logins[1]} от счёта 59000001?" and logins[0] not in desk.text
    assert "исчезнет из кабинета" in desk.text and not audited(app, "access.end")
    desk.click("Не отключать")
    assert desk.path == account_page and all(login in desk.text for login in logins) and not audited(app, "access.end")
    desk.get(address).submit("Отключить")
    assert desk.path == account_page and logins[0] in desk.text and logins[1] not in desk.text
    assert len(audited(app, "access.end")) == 1
    for late in (other.submit("Отключить"), desk.get(address)):
        assert late.path == account_page and "уже отключён" in late.text
    assert len(audited(app, "access.end")) == 1


def test_letters_of_access_by_mail(app, seated, connected, post):
    connected(Browser(app.test_client()), EMAIL)
    desk = seated().get("/desk/accounts/").submit(supplier="perm", number="59000001")
    desk.click("Отключить от счёта").submit("Отключить")
    assert "отключил счёт 59000001" in post(EMAIL)


def test_users_and_operators_are_never_mixed_up(app, seated, browser, connected):
    connected(browser)
    assert browser.get("/desk/").path.startswith("/desk/sign-in")
    desk = seated()
    assert desk.get("/accounts/").path.startswith("/?next=")
    key = desk.client.get_cookie("desk").value
    with app.test_client() as thief:
        thief.set_cookie("sid", key)
        assert thief.get("/accounts/").status_code == 303
    with app.test_client() as thief:
        thief.set_cookie("desk", browser.client.get_cookie("sid").value)
        assert thief.get("/desk/").status_code == 303


def test_the_desk_leads_back_where_it_was_asked_from(app, hired, asked):
    ref, totp = asked(), hired()
    browser = Browser(app.test_client()).get(f"/desk/requests/{ref}")
    assert browser.path == f"/desk/sign-in?next=/desk/requests/{ref}"
    assert browser.submit(login=OPERATOR, password=SECRET, code=totp.now()).path == f"/desk/requests/{ref}"


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/desk/", "/accounts/", "/desk/nowhere"])
def test_the_desk_leads_nowhere_else(app, hired, target):
    totp = hired()
    browser = Browser(app.test_client()).get(f"/desk/sign-in?next={target}")
    assert browser.submit(login=OPERATOR, password=SECRET, code=totp.now()).path == "/desk/"


def test_sign_in_says_not_what_was_wrong(app, hired):
    totp = hired()
    browser, texts = Browser(app.test_client()), set()
    for login, password, code in ((OPERATOR, "wrong", totp.now()), ("nobody", SECRET, totp.now()), (OPERATOR, SECRET, "000000")):
        sign_in(browser, code, login, password)
        assert browser.status == 422
        texts.add(re.sub(r"anna|nobody", "", str(browser.page.find(id="errors"))))
        assert browser.page.find(id="code").get("value") in ("", None), "a code is not kept"
    assert len(texts) == 1
    sign_in(browser, "12345")
    assert "шесть цифр" in browser.text
    assert sign_in(browser, f"{totp.now()[:3]} {totp.now()[3:]}", login=" Anna ").path == "/desk/"


def test_sign_out_ends_the_session_itself(app, seated):
    desk = seated()
    key = desk.client.get_cookie("desk").value
    desk.submit("Выйти")
    assert desk.path == "/desk/sign-in" and desk.client.get_cookie("desk") is None
    with app.test_client() as thief:
        thief.set_cookie("desk", key)
        assert thief.get("/desk/").status_code == 303


def test_the_cookie_over_tls(make_app):
    app = make_app(public_url="https://localhost")
    with app.app_context(), unit_of_work():
        totp = pyotp.parse_uri(operators.add(OPERATOR, "Анна", ("perm",), passwords.hashed(SECRET)))
    client = app.test_client()
    page = check_page(client.get("/desk/sign-in", base_url="https://localhost"))
    data = {
        "login": OPERATOR,
        "password": SECRET,
        "code": totp.now(),
        "csrf_token": page.select_one("[name=csrf_token]")["value"],
    }
    answer = client.post("/desk/sign-in", data=data, base_url="https://localhost", headers={"Referer": "https://localhost/"})
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-desk="))
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie and "Max-Age" not in cookie


def test_a_session_ends_by_itself(app, hired):
    totp, browser = hired(), Browser(app.test_client())
    start = clock.now()
    with time_machine.travel(start, tick=False) as clockwork:
        assert sign_in(browser, totp.now()).path == "/desk/"
        for _ in range(3):
            clockwork.shift(timedelta(minutes=14))
            assert browser.get("/desk/").path == "/desk/", "each page puts off the end"
        clockwork.shift(timedelta(minutes=15, seconds=1))
        assert browser.get("/desk/").path == "/desk/sign-in?next=/desk/", "idle for 15 minutes"
        assert sign_in(browser, totp.now()).path == "/desk/"
        clockwork.shift(timedelta(hours=8))
        with app.app_context(), unit_of_work():
            db.session.execute(db.update(OperatorSignIn).values(seen_at=clock.now()))
        assert browser.get("/desk/").path == "/desk/sign-in?next=/desk/", "eight hours in all"


def test_a_disabled_operator_is_out_at_once(app, seated):
    desk = seated()
    with app.app_context(), unit_of_work():
        assert operators.disable("ANNA")
    assert desk.get("/desk/").path.startswith("/desk/sign-in")
    with app.app_context():
        assert db.session.scalars(db.select(Operator)).one().disabled_at
