"""«Мои данные»: an archive is asked for, made, saved, deleted; what is in it, and what is never there (product.md §4, row 49)."""

import csv
import io
import json
import os
import signal
import zipfile
from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine

from mygas import clock, spreadsheets
from mygas.domain import accounts, my_data, my_data_parts, paying, pins
from mygas.domain.my_data_accounts import PARTS
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import housekeeping, my_data_file
from mygas.jobs import my_data as jobs
from mygas.models import (
    Account,
    AuditEntry,
    Charge,
    Connection,
    Consent,
    Meter,
    MyData,
    Operator,
    Order,
    Outgoing,
    Payment,
    PinRequest,
    SentReading,
    SignIn,
    User,
)
from mygas.words import Refused
from tests.browser import Browser
from tests.documents.reading import text
from tests.domain.test_races import together
from tests.walks import EMAIL, PHONE

NUMBER = "59000001"


@pytest.fixture
def at_home(app, browser, connected):
    """The user with an extended account, a payment, a reading, a request; another user of the same account; an operator."""
    connected(browser)
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        now = mine.created_at
        mine.access, mine.extended_at, mine.proof, mine.alias = "extended", now, "pin", "=Дом"
        other = User(login=EMAIL, channel="email", password_hash="canary-other", created_at=now)
        who = Operator(login="anna", name="Анна Ильина", suppliers=["perm"], password_hash="canary", totp=b"", created_at=now)
        meter = db.session.scalars(db.select(Meter)).one()
        db.session.add_all([other, who])
        db.session.flush()
        own = {"account_id": mine.account_id, "supplier": "perm"}
        read = {**own, "meter_id": meter.id, "taken_on": now.date(), "value_milli": 2_128_500, "sent_at": now}
        db.session.add(SentReading(**read, user_id=mine.user_id, period=202610))
        db.session.add(SentReading(**read, user_id=other.id, period=202611))
        for user_id, name in ((mine.user_id, "Иванова"), (other.id, "Соседов")):
            filed = PinRequest(**own, user_id=user_id, full_name=name, email="", phone="", created_at=now, operator_id=who.id)
            db.session.add(filed)
        supplier = app.extensions["suppliers"]["perm"]
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user)
        sum_ = {"amount_kop": 50_000, "split": [(supplier.billing.services[0], 50_000)]}
        paying.begin(visitor, mine, supplier, **sum_, request_key="k" * 22, acquirer_name="fake")
    return browser


def made(app, browser: Browser, post) -> zipfile.ZipFile:
    """Ask for an archive, have it made, save it. The browser stands at its page."""
    browser.get("/settings/data").submit("Собрать архив")
    assert browser.h1 == "Архив собирается…"
    page = browser.path
    post(PHONE)
    browser.get(page)
    assert browser.h1 == "Архив готов", browser.text
    return zipfile.ZipFile(io.BytesIO(browser.client.get(f"{page}/file").data))


def known(app, model) -> list:
    with app.app_context():
        return list(db.session.scalars(db.select(model).order_by(model.id)))


def test_an_archive_holds_what_the_database_does(app, at_home, post):
    archive = made(app, at_home, post)
    assert archive.testzip() is None
    told = json.loads(archive.read("data.json"))
    assert set(told) == {"format", "made_at", *(part.name for part in PARTS)}
    (user,) = [one for one in known(app, User) if one.login == PHONE]
    assert told["user"] == [
        {
            "login": PHONE,
            "channel": "phone",
            "full_name": "",
            "second_login": None,
            "second_confirmed_at": None,
            "created_at": user.created_at.isoformat(),
        }
    ]
    assert [row["sha256"] for row in told["consents"]] == [one.sha256 for one in known(app, Consent)]
    assert [(row["account"], row["alias"], row["access"]) for row in told["connections"]] == [(NUMBER, "=Дом", "extended")]
    (order,) = known(app, Order)
    (paid,) = told["payments"]
    assert (paid["number"], paid["amount_kop"], paid["state"]) == (order.id, 50_000, "created")
    assert [row["full_name"] for row in told["pin_requests"]] == ["Иванова"]
    assert [(row["period"], row["value_milli"]) for row in told["sent_readings"]] == [(202610, 2_128_500)]
    assert {row["action"] for row in told["journal"]} >= {"register", "connect", "consent.give", "my-data.ask"}
    with app.app_context():
        charges = db.session.execute(db.select(Charge.period, Charge.sum_kop).order_by(Charge.period.desc())).all()
        booked = db.session.execute(db.select(Payment.number, Payment.sum_kop)).all()
        assert len(told["sign_ins"]) == len(db.session.scalars(db.select(SignIn)).all())
    assert [(row["period"], row["sum_kop"]) for row in told["charges"]] == [tuple(row) for row in charges]
    assert [(row["number"], row["sum_kop"]) for row in told["booked_payments"]] == [tuple(row) for row in booked]
    assert told["accounts"][0]["holder"] == "Иванова Мария Петровна"
    table = list(csv.reader(io.StringIO(archive.read("charges.csv").decode("utf-8-sig")), delimiter=";"))
    assert len(table) == 3 and table[1][0] == NUMBER and "833,00" in table[1]
    (paper,) = [name for name in archive.namelist() if name.startswith("consents/")]
    assert PHONE in text(archive.read(paper))


def test_the_readme_tells_of_every_key(app, at_home, post):
    archive = made(app, at_home, post)
    readme, told = archive.read("README.txt").decode("utf-8-sig"), json.loads(archive.read("data.json"))
    with app.app_context():
        whose = my_data_parts.of(known(app, User)[0].id, app.extensions["suppliers"])
        for part in PARTS:
            assert f"{part.name}" in readme and part.title in readme
            for row in part.rows(whose):
                assert set(row) == set(part.keys), part.name
            for row in told[part.name]:
                assert all(f"  {name} — " in readme for name in row)


def test_what_is_never_there(app, at_home, post):
    """Canaries: secrets of his own, and all that is others'."""
    archive = made(app, at_home, post)
    whole = b"".join(archive.read(name) for name in archive.namelist() if not name.endswith(".pdf")).decode()
    with app.app_context():
        account = db.session.scalars(db.select(Account)).one()
        secrets = [
            pins.current(account),
            *db.session.scalars(db.select(User.password_hash)),
            *db.session.scalars(db.select(SignIn.id_hash)),
        ]
        secrets += [key.hex() for key in db.session.scalars(db.select(Outgoing.sealed)) if key]
    for word in (*secrets, EMAIL, "Соседов", "Анна", "anna", "canary", "203.0.113", "request_key", "kkkkk"):
        assert word not in whole, word


def test_in_the_basic_version_there_is_as_much_as_on_the_pages(app, browser, connected, post):
    connected(browser)
    archive = made(app, browser, post)
    told = json.loads(archive.read("data.json"))
    assert told["meters"] == told["contracts"] == told["acts"] == []
    with app.app_context():
        mine = db.session.scalars(db.select(Connection)).one()
        assert bool(told["charges"]) is accounts.is_open("charges", mine, app.extensions["suppliers"]["perm"])
    (card,) = told["accounts"]
    assert card["holder"] is None and "Ленина" not in card["address"]
    assert "0123456" not in archive.read("data.json").decode()


def test_tables_cannot_be_formulas(app, at_home, post):
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Payment).values(source="=HYPERLINK(1)"))
    archive = made(app, at_home, post)
    assert '"\'=HYPERLINK(1)"' in archive.read("booked_payments.csv").decode("utf-8-sig")
    assert my_data_file.spreadsheets.guarded is spreadsheets.guarded


def test_a_file_is_given_to_its_owner_alone_for_three_days(app, at_home, post, joined):
    at_home.get("/settings/").click("Мои данные")
    made(app, at_home, post)
    address = f"{at_home.path}/file"
    answer = at_home.client.get(address)
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert f"Мои данные {clock.now():%d.%m.%Y}.zip" in unquote(answer.headers["Content-Disposition"])
    stranger = joined(Browser(app.test_client()), "+79120000000")
    assert stranger.client.get(address).status_code == stranger.client.get(at_home.path).status_code == 404
    ref = known(app, MyData)[0].ref
    with time_machine.travel(clock.now() + timedelta(days=2)), app.app_context():
        jobs.sweep(app)
        assert app.extensions["my_data"].has(ref)
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1)), app.app_context():
        jobs.sweep(app)
        assert not app.extensions["my_data"].has(ref)
    at_home.get(at_home.path)
    assert at_home.h1 == "Этого архива больше нет"
    at_home.submit("Собрать ещё раз")
    assert at_home.h1 == "Архив собирается…"


def test_a_page_that_waits_is_told_when_there_is_more(app, at_home, post):
    at_home.get("/settings/data").submit("Собрать архив")
    polls = {"HX-Request": "true", "HX-Trigger": "waiting", "HX-Target": "main"}
    assert at_home.client.get(at_home.path, headers=polls).status_code == 204
    post(PHONE)  # makes it, and promises to say so
    assert "готов" in post(PHONE)
    assert "Скачать архив" in at_home.client.get(at_home.path, headers=polls).get_data(as_text=True)


def test_two_requests_at_once_are_one_and_a_day_has_three(app, joined, post):
    joined(Browser(app.test_client()))

    def ask(_turn: int = 0) -> str:
        user = db.session.scalars(db.select(User)).one()
        return my_data.ask(Visitor("192.0.2.1", "", app.extensions["entry_rules"], user), user).ref

    assert len(set(together(app, ask))) == 1
    promised = [row.key for row in known(app, Outgoing) if row.kind == "my-data"]
    assert len(promised) == len(known(app, MyData)) == 1
    outcomes = []
    for _ in range(my_data.MOST_A_DAY + 8):
        post(PHONE)
        with app.app_context():
            try:
                with unit_of_work():
                    outcomes.append(ask())
            except Refused as refusal:
                outcomes.append(refusal)
    assert len(known(app, MyData)) <= my_data.MOST_A_DAY and isinstance(outcomes[-1], Refused)
    assert len([one for one in known(app, AuditEntry) if one.action == "my-data.ask"]) == len(known(app, MyData))


@pytest.mark.parametrize("step", ["data.json", "made"])
def test_a_worker_killed_on_the_way_is_replaced_and_one_file_comes_of_it(app, at_home, post, step, monkeypatch):
    at_home.get("/settings/data").submit("Собрать архив")
    child = os.fork()
    if child == 0:
        die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
        with app.app_context():
            db.engine.dispose(close=False)
            monkeypatch.setattr(*((my_data_file, "_json") if step == "data.json" else (my_data, "made")), die)
            row = db.session.scalars(db.select(MyData)).one()
            db.session.rollback()
            jobs.make({"ref": row.ref})
        os._exit(1)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert known(app, MyData)[0].state == "waiting"
    post(PHONE)
    assert known(app, MyData)[0].state == "ready"
    ref, folder = known(app, MyData)[0].ref, app.extensions["my_data"].folder
    assert zipfile.ZipFile(folder / f"{ref}.zip").testzip() is None
    with time_machine.travel(clock.now() + timedelta(days=2)), app.app_context():
        jobs.sweep(app)
    assert [path.name for path in folder.iterdir() if path.suffix == ".zip"] == [f"{ref}.zip"]
    with time_machine.travel(clock.now() + timedelta(days=4)), app.app_context():
        jobs.sweep(app)
    assert not list(folder.iterdir()), "what the dead one left goes with the file"
    assert jobs.sweep in housekeeping.DEEDS


def test_what_cannot_be_made_is_said(app, at_home, monkeypatch):
    def broken(*_):
        raise ValueError("spoiled")

    monkeypatch.setattr(my_data_file, "_json", broken)
    at_home.get("/settings/data").submit("Собрать архив")
    with app.app_context(), pytest.raises(ValueError, match="spoiled"):
        jobs.make({"ref": known(app, MyData)[0].ref})
    at_home.get(at_home.path)
    assert at_home.h1 == "Архив не собран" and not list(app.extensions["my_data"].folder.iterdir())
