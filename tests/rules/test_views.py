"""Every view says who may enter, and every route keeps the frame's promises. The matrix stands in routes.py."""

import io
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from mygas import clock
from mygas.domain import (
    addressees,
    bulletins,
    dispatches,
    messages,
    operators,
    passwords,
    paying,
    pin_requests,
    refunds,
    reply_templates,
    ticket_files,
    tickets,
)
from mygas.domain.visitors import Visitor
from mygas.domain.wording import Letter
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import (
    Account,
    Connection,
    Consent,
    Discrepancy,
    MyData,
    Operator,
    ReceiptFile,
    Reconciliation,
    ReplyTemplate,
    User,
)
from tests.browser import Browser, check_page
from tests.rules.routes import DESK, IN, PEOPLE, POSTED, ROUTES
from tests.walks import EMAIL, PHONE

CONNECTING = "018000001"


@pytest.fixture
def htmx():
    return False


@dataclass
class Town:
    """An account, its owner with an open request for a PIN, another user with an account of his own, two operators."""

    app: Flask
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def call(self, person: str, row: str, *, token: bool = True):
        """Open the row's address as the person would."""
        method = row.partition(" ")[0]
        address = str(ROUTES[row][1]).format(**self.places)
        data = {**POSTED, **({"csrf_token": self.token(person)} if token else {})} if method == "POST" else None
        return self.clients[person].open(address, method=method, data=data, buffered=True)

    def token(self, person: str) -> str:
        page = check_page(self.clients[person].get("/desk/sign-in" if person == "anonymous" else "/join/contact"))
        return str(page.select_one("main [name=csrf_token]")["value"])


@pytest.fixture
def town(app, connected, joined, region, bank):
    """The town as it is before anybody does anything; the owner has the basic version."""
    town = Town(app)
    owner, other = Browser(app.test_client()), Browser(app.test_client())
    connected(owner)
    town.places["home"] = owner.path
    connected(other, EMAIL, "59000002")
    region("sever-tyumen", CONNECTING)  # connecting is under way, so that the steps in its midst are open to the owner too
    owner.get("/connect/supplier").submit(supplier="sever-tyumen").submit(number=CONNECTING)
    town.clients = {PEOPLE[0]: app.test_client(), **dict.fromkeys(PEOPLE[1:3], owner.client), PEOPLE[3]: other.client}
    for person, suppliers in zip(PEOPLE[4:], (("yug", "volga"), ("perm",)), strict=True):
        town.clients[person] = at_desk(app, person[:11] + str(len(person)), suppliers)
    town.places |= ask_for_pin(app)
    town.places["receipt"] = ask_for_receipt(app, town.places["account"])
    town.places |= ask_supplier(app) | pay(app, bank)
    town.places["consent"] = consent_of(app, PHONE)
    town.places["message"] = write_to_owner(app)
    town.places |= connect_more(app, region)
    town.places["archive"] = ask_for_archive(app, PHONE)
    return town


def at_desk(app, login, suppliers):
    with app.app_context(), unit_of_work():
        totp = pyotp.parse_uri(operators.add(login, "Анна", suppliers, passwords.hashed("correct horse")))
    browser = Browser(app.test_client()).get("/desk/sign-in").submit(login=login, password="correct horse", code=totp.now())
    assert browser.path == "/desk/"
    return browser.client


def ask_for_pin(app):
    """File the owner's request for a PIN with a scan; what addresses say of it."""
    file = io.BytesIO()
    Image.new("RGB", (30, 20)).save(file, "JPEG")
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000001")).one()
        ref, key = app.extensions["gateways"].vault.keep(type("Jpeg", (), {"data": file.getvalue()}))
        filed = pin_requests.submit(
            Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user),
            mine,
            full_name="Иванова",
            email="",
            phone="",
            scan=pin_requests.KeptScan(ref, key, "image/jpeg", len(file.getvalue())),
        )
        return {"request": filed.ref, "scan": ref, "account": str(mine.account_id), "holder": mine.ref}


def consent_of(app, login):
    with app.app_context():
        return db.session.scalars(db.select(Consent.ref).filter_by(login=login)).one()


def ask_for_archive(app, login):
    """Let the worker have an archive of the owner's data to make; its ref."""
    now = clock.now()
    with app.app_context(), unit_of_work():
        user_id = db.session.scalars(db.select(User.id).filter_by(login=login)).one()
        db.session.add(row := MyData(user_id=user_id, ref="a" * 22, asked_at=now, expires_at=now))
        return row.ref


def ask_for_receipt(app, account_id):
    """Let the worker have a receipt of the account to make; its ref."""
    now = clock.now()
    row = {"period": 202610, "variant": "a4", "extended": True, "digest": "0" * 40, "asked_at": now, "expires_at": now}
    with app.app_context(), unit_of_work():
        db.session.add(file := ReceiptFile(account_id=account_id, ref="r" * 22, **row))
        return file.ref


def connect_more(app, region):
    """The owner has one account more, and had another one; refs of the connections."""
    more = {name: region("izhevsk", number) for name, number in (("other", "70000001"), ("left", "70000002"))}
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000001")).one()
        by = {"user_id": mine.user_id, "supplier": "izhevsk", "created_at": clock.now()}
        other = Connection(**by, account_id=more["other"], slot=1)
        left = Connection(**by, account_id=more["left"], slot=None, ended_at=clock.now())
        db.session.add_all([other, left])
        db.session.flush()
        return {"other": other.ref, "left": left.ref}


def write_to_owner(app):
    """A message of the owner's; its ref."""
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000001")).one()
        messages.keep(Letter(mine.user.login, "phone", "Проба", "Проба", mine.user_id), "test")
        return messages.of_user(mine.user_id)[0].ref


def ask_supplier(app):
    """The owner has asked his supplier and sent a file; what addresses say of it."""
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000001")).one()
        ref, key = app.extensions["gateways"].vault.keep(type("Pdf", (), {"data": b"%PDF-"}))
        kept = ticket_files.seal(pin_requests.KeptScan(ref, key, "application/pdf", 5))
        to = addressees.of(app.extensions["suppliers"]["perm"])
        question = tickets.Question("q" * 22, "Проба", "Проба", to, account_id=mine.account_id, files=[kept])
        ticket = tickets.send(Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user), question)
        reply_templates.provide_samples(["perm"])
        reply = db.session.scalars(db.select(ReplyTemplate.ref).limit(1)).one()
        return {"ticket": ticket.ref, "ticket_file": ref, "reply": reply}


def pay(app, bank):
    """The owner has paid once; what addresses say of it."""
    with app.app_context():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000001")).one()
        supplier = app.extensions["suppliers"]["perm"]
        till = paying.Till(bank, app.extensions["suppliers"], "http://localhost")
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user)
        with unit_of_work():
            sum_ = {"amount_kop": 50_000, "split": [(supplier.billing.services[0], 50_000)]}
            order = paying.begin(visitor, mine, supplier, **sum_, request_key="k" * 22, acquirer_name=bank.name).order
        bank.pay(paying.submit(order.id, till).acquirer_id)
        return {"payment": paying.refresh(order.id, till, "test").ref, **tell_the_desk(order)}


def tell_the_desk(order):
    """The payment has left in a registry, its refund waits for a second operator, the bank knows it otherwise."""
    now = clock.now()
    with unit_of_work():
        operators.add("boss", "Вера", ["perm"], passwords.hashed("correct horse"))
        boss = db.session.scalars(db.select(Operator).filter_by(login="boss")).one()
        refund = refunds.ask(boss, "", order, "ошибка")
        dispatches.make("perm", "payments")
        report = Reconciliation(acquirer="fake", day=now.date(), ran_at=now, done_at=now)
        db.session.add(report)
        db.session.flush()
        found = {"supplier": "perm", "order_id": order.id, "kind": "state_differs", "key": "k", "found_at": now}
        db.session.add(task := Discrepancy(reconciliation_id=report.id, **found))
        db.session.flush()
        told = {"supplier": "perm", "starts_at": None, "ends_at": None, "title": "Проба", "text": "Проба"}
        bulletin = bulletins.write(boss, "", ["perm", "yug"], **told)
        bulletins.publish(boss, "", bulletin)
        return {"refund": refund.ref, "difference": str(task.id), "bulletin": bulletin.ref}


def outcome(answer):
    """The status; for a redirection to a sign-in, which one."""
    if answer.status_code != 303:
        return answer.status_code
    return {"/": IN, "/desk/sign-in": DESK}.get(urlsplit(answer.headers["Location"]).path, 303)


def extend(app):
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == "59000001")).one()
        mine.access, mine.extended_at, mine.proof = "extended", clock.now(), "pin"


def test_every_route_has_a_row(app):
    routes = {f"{method} {rule.endpoint}": rule for rule in app.url_map.iter_rules() for method in rule.methods & {"GET", "POST"}}
    assert routes.keys() == ROUTES.keys()
    for name, (audience, *_) in ROUTES.items():
        assert getattr(app.view_functions[name.split()[1]], "audience", None) == audience


def test_a_view_that_says_nothing_answers_nobody(app):
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    assert app.test_client().get("/forgotten").status_code == 404


LAST = ("POST settings.withdraw", "POST start.sign_out", "POST desk.sign_out")
"""In this order: after each the rest of the cabinet, or of the desk, is closed."""


@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_do_what(town, person):
    """The IDOR matrix (promises.md T18): what is not one's own does not exist, nor is it touched."""
    if person == "owner, extended":
        extend(town.app)
    before = belongings(town.app)
    rows = sorted(ROUTES, key=lambda row: (LAST.index(row) + 1 if row in LAST else 0, row.startswith("POST")))
    wrong = []
    for row in rows:
        found, wanted = outcome(town.call(person, row)), ROUTES[row][2 + PEOPLE.index(person)]
        if found != wanted:
            wrong.append(f"{row} answered {found}, not {wanted}")
    assert not wrong, wrong
    if not person.startswith("owner") and person != "operator":
        assert belongings(town.app) == before


BELONGINGS = ("connection", "pin", "pin_request", "scan", "pay_order", "pay_event", "ledger", "refund", "dispatch", "discrepancy",
              "audit", "message", "ticket", "ticket_message", "ticket_file", "reply_template")  # fmt: skip


OWN_DEEDS = ("'sign-out'", "'my-data.ask'")
"""What anybody writes into his own journal by them."""


def belongings(app) -> dict[str, list]:
    """What an account and its owner have, as the database tells it."""
    found = dump(app, BELONGINGS)
    return {**found, "audit": [row for row in found["audit"] if not any(deed in row for deed in OWN_DEEDS)]}


def dump(app, tables=None) -> dict[str, list]:
    with app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(table.select().with_only_columns(
                *[column for column in table.columns if column.name != "seen_at"]))))
            for table in db.metadata.sorted_tables if tables is None or table.name in tables
        }  # fmt: skip


WITHOUT_CONSENT = {"settings.consents", "settings.consent", "settings.consent_pdf", "settings.withdraw", "settings.close",
                   "settings.my_data", "settings.archive", "settings.archive_file", "orders.one", "orders.check",
                   "orders.go_on", "orders.give_up", "orders.document"}  # fmt: skip


def test_without_consent_the_cabinet_leads_to_it(town):
    """Whatever view is open to users, but for the few that say otherwise; and nothing of what was sent is done."""
    town.call("owner, basic", "POST settings.withdraw")
    before, led = belongings(town.app), set()
    for row in (row for row in ROUTES if ROUTES[row][0] == "user"):
        answer = town.call("owner, basic", row)
        if urlsplit(answer.headers.get("Location", "")).path == "/settings/consents":
            led.add(row.split()[1])
    assert led - WITHOUT_CONSENT == {row.split()[1] for row in ROUTES if ROUTES[row][0] == "user"} - WITHOUT_CONSENT
    assert belongings(town.app) == before


@pytest.mark.parametrize("person", PEOPLE)
def test_no_get_changes_anything(town, person):
    """But for the audit, which writes down that an operator looked at a scan or a file, an account, a payment."""
    if person == "owner, extended":
        extend(town.app)
    before = dump(town.app)
    for row in ROUTES:
        if row.startswith("GET"):
            town.call(person, row)
            town.clients[person].head(str(ROUTES[row][1]).format(**town.places))
    after = dump(town.app)
    looked = set(after.pop("audit")) - set(before.pop("audit"))
    assert after == before
    seen = ("'scan.view'", "'ticket.file'", "'account.view'", "'payment.view'")
    assert len(looked) == (6 if person == "operator" else 0)
    assert all(any(action in entry for action in seen) for entry in looked)


@pytest.mark.parametrize("person", ["owner, extended", "operator"])
def test_no_number_however_long_breaks_a_page(town, person):
    """A database does not compare with what no row of it can hold."""
    if person == "owner, extended":
        extend(town.app)
    long = "9" * 30
    for row in (row for row in ROUTES if row.startswith("GET") and not row.endswith("demo.messages")):
        address = str(ROUTES[row][1]).format(**town.places).partition("?")[0]
        query = "&".join(f"{name}={long}" for name in ("before", "after", "year"))
        assert town.clients[person].get(f"{address}?{query}").status_code < 500, row
    for address in ("accounts/{}/", "accounts/{}/payments", "differences/{}", "registries/perm/payments/{}"):
        assert town.clients["operator"].get("/desk/" + address.format(long)).status_code == 404


@pytest.mark.parametrize("person", ["anonymous", "owner, basic", "operator"])
def test_every_post_needs_its_token(town, person):
    before = dump(town.app)
    posts = [row for row in ROUTES if row.startswith("POST") and ROUTES[row][0] != "machine"]  # those prove themselves
    assert len(posts) > 20
    for row in posts:
        found = outcome(town.call(person, row, token=False))
        turned_away = (found == IN and person != "owner, basic") or (found == DESK and person != "operator")
        assert found in (400, 422) or turned_away, f"{row} answered {found} without a token"
    assert dump(town.app) == before


@pytest.mark.parametrize("person", ["owner, extended", "operator"])
def test_headers_on_every_answer(town, person):
    extend(town.app)
    addresses = [str(row[1]).format(**town.places) for name, row in ROUTES.items() if name.startswith("GET")]
    for address in [*addresses, "/nowhere", "/static/nothing.js"]:
        answer = town.clients[person].get(address)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'", "form-action '"):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.mimetype != "text/html" or answer.headers["Content-Type"] == "text/html; charset=utf-8"
        static = address.startswith("/static") and answer.status_code == 200
        assert ("no-store" in answer.headers["Cache-Control"]) is not static
        assert static or "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "address", ["/", "/s/perm/", "/join/contact", "/help/", "/consent", "/recover/contact", "/demo/messages", "/nowhere"]
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_frame(app, address, headers):
    check_page(app.test_client().get(address, headers=headers))


def test_cookies_over_tls(make_app):
    app = make_app(public_url="https://localhost")
    client = app.test_client()
    answer = client.get("/", base_url="https://localhost")
    cookies = answer.headers.getlist("Set-Cookie")
    form = next(cookie for cookie in cookies if cookie.startswith("__Host-form="))
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in form
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_foreign_host_names_are_not_answered(make_app):
    app = make_app(demo=False, public_url="https://gas.example.ru", mail_url="screen:", sms_url="screen:")
    client = app.test_client()
    assert client.get("/", base_url="https://gas.example.ru").status_code == 200
    for host in ("evil.example", "gas.example.ru.evil.example", "127.0.0.1"):
        assert client.get("/", base_url=f"https://{host}").status_code == 400


def test_ready_is_for_this_machine_only(app):
    assert app.test_client().get("/readyz").get_json()["ready"] is True
    assert app.test_client().get("/readyz", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404


def test_requests_are_limited_by_address(make_app):
    app = make_app(requests="5 per minute")
    client = app.test_client()
    assert [client.get("/help/").status_code for _ in range(6)] == [200] * 5 + [429]
    assert client.get("/consent").status_code == 429, "all pages share one account"
    assert client.get("/healthz").status_code == 200
    assert client.get("/help/", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200
    homes = [client.get("/help/", environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{index}"}).status_code for index in range(6)]
    assert homes == [200] * 5 + [429], "a household has a whole /64"


def test_a_broken_page_shows_no_trace(app, monkeypatch):
    monkeypatch.setattr("mygas.web.help.render_template", lambda *_args, **_more: 1 / 0)
    answer = app.test_client().get("/help/")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    check_page(answer)


def test_a_database_that_is_away_is_said_so(make_app, tmp_path):
    app = make_app(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'mygas.db'}")
    answer = app.test_client().get("/", headers={"Cookie": "sid=anything"})
    assert answer.status_code == 503
    check_page(answer)


def test_values_stay_out_of_errors_and_so_out_of_the_log(app, browser, caplog, monkeypatch):
    monkeypatch.setattr("mygas.domain.confirmations.secrets.token_bytes", lambda _length: object())
    browser.get("/join/contact").submit(login=EMAIL, password="gaz2026", password2="gaz2026")
    assert browser.status == 500
    assert "confirmation" in caplog.text, "the failed statement is named"
    assert EMAIL not in caplog.text
