"""«Журнал»: what a user reads of his cabinet, and what nobody may read there."""

import csv
import io

import pytest
import time_machine

from mygas.domain import cash_desk, journal, operators, passwords, paying, serving, signing_in
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db, transactions_may_write
from mygas.models import Account, AuditEntry, Connection, Operator, User
from mygas.words import Refused
from tests.browser import Browser
from tests.walks import EMAIL, PASSWORD, PHONE

NUMBER = "59000001"


@pytest.fixture
def operator(app) -> Operator:
    with app.app_context(), unit_of_work():
        operators.add("anna", "Анна Ильина", ["perm"], passwords.hashed("correct horse"))
        return db.session.scalars(db.select(Operator)).one()


def read(browser: Browser, path: str = "/settings/journal") -> list[str]:
    """Rows of the journal, as words."""
    browser.get(path)
    return [" ".join(row.get_text(" ").split()) for row in browser.page.select("tbody tr")]


def set_access(app, access: str) -> None:
    with app.app_context(), unit_of_work():
        for connection in db.session.scalars(db.select(Connection)):
            connection.access, connection.extended_at = access, connection.created_at


def account_id(app) -> int:
    with app.app_context():
        return db.session.scalars(db.select(Account.id).filter_by(number=NUMBER)).one()


def test_own_deeds_stand_there_newest_first_by_kinds_and_in_a_file(browser, connected):
    connected(browser)
    rows = read(browser)
    assert ["Регистрация" in row for row in rows].index(True) == len(rows) - 1
    assert "Счёт подключён к кабинету" in rows[0] and NUMBER in rows[0] and "Вы" in rows[0] and "127.0.0.1" in rows[0]
    assert len(read(browser.get("/settings/").click("Журнал"), browser.path)) == len(rows)
    browser.click("Согласия и данные")
    assert "Дано согласие" in browser.text and "Вход в личный" not in browser.text
    answer = browser.client.get("/settings/journal.csv")
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")), delimiter=";"))
    assert len(table) == len(rows) + 1 and table[1][1:] == ["Счёт подключён к кабинету", "Вы", NUMBER, "127.0.0.1"]
    assert browser.get("/settings/journal?kind=desk").status == 404


def test_entries_and_failures_are_written_down_but_a_flood_is_counted(app, browser, joined):
    joined(browser).submit("Выйти")
    for _ in range(2):
        browser.get("/").submit(login=PHONE, password="wrong")
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"])
        for _ in range(signing_in.NOTED + 5):
            attempt = signing_in.Attempt(PHONE, user.id, user.password_hash)
            with pytest.raises(Refused), unit_of_work():
                signing_in.open_session(attempt, visitor, password_right=False)
    browser.get("/").submit(login=PHONE, password=PASSWORD)
    rows = read(browser, "/settings/journal?kind=entry")
    wrong = [row for row in rows if "неверный пароль" in row]
    assert len(wrong) == signing_in.NOTED and all("кто-то с Вашим логином" in row for row in wrong)
    assert f"неудачных попыток за сутки до него: {signing_in.NOTED + 7}" in rows[0]
    assert any("Выход из личного кабинета" in row for row in rows)


def test_unknown_logins_leave_nothing(app, browser):
    browser.get("/").submit(login=EMAIL, password="wrong")
    with app.app_context():
        assert not db.session.scalars(db.select(AuditEntry)).all()


def test_an_operators_look_is_told_once_an_hour_and_without_his_name(app, browser, connected, operator):
    with time_machine.travel("2026-11-27T09:50Z"):
        connected(browser)
    for moment in ("2026-11-27T10:00Z", "2026-11-27T10:59Z", "2026-11-27T11:01Z"):
        with time_machine.travel(moment), app.app_context(), unit_of_work():
            serving.note_look(operator, "203.0.113.9", account_id(app))
    with time_machine.travel("2026-11-27T11:30Z"):
        browser.get("/").submit(login=PHONE, password=PASSWORD)
        rows = [row for row in read(browser) if "Открыта страница лицевого счёта" in row]
    assert len(rows) == 2 and all("оператор поставщика" in row for row in rows)
    assert "16:01" in rows[0] and "15:00" in rows[1], "on the clock of Пермь"
    assert "Анна" not in browser.text and "203.0.113.9" not in browser.text


def test_what_another_user_of_the_account_did_is_seen_in_the_extended_version_alone(app, connected, joined):
    first, second = Browser(app.test_client()), Browser(app.test_client())
    connected(first)
    joined(second, EMAIL).submit(supplier="Пермь").submit(number=NUMBER).submit("Подключить расширенную версию позже")
    assert not [row for row in read(first) if "другой пользователь" in row]
    set_access(app, "extended")
    rows = [row for row in read(first) if "другой пользователь счёта" in row]
    assert len(rows) == 1 and "Счёт подключён" in rows[0] and "127.0.0.1" not in rows[0]
    assert EMAIL not in first.text and "maria" not in first.text
    assert not [row for row in read(second) if "другой пользователь" in row], "what was before him is not his"


def test_long_journals_have_pages(app, browser, joined):
    joined(browser)
    with app.app_context(), transactions_may_write():
        user = db.session.scalars(db.select(User)).one()
        row = {"at": user.created_at, "actor": "user", "actor_id": user.id, "user_id": user.id, "outcome": "done", "ip": ""}
        db.session.execute(db.insert(AuditEntry), [{**row, "action": "pay.begin", "detail": {"order": n}} for n in range(700)])
        db.session.commit()
    newest = read(browser)
    assert len(newest) == 30 and "№ 699" in newest[0]
    browser.click("Раньше")
    assert "№ 669" in browser.text and "№ 670" not in browser.text
    lines = browser.client.get("/settings/journal.csv").get_data(as_text=True).splitlines()
    assert len(lines) == 1 + 700 + 3


def test_the_journal_is_read_by_its_indexes(app, browser, connected):
    connected(browser)
    set_access(app, "extended")
    seen = []
    with app.app_context():
        engine = db.engine
        user = db.session.scalars(db.select(User)).one()
        mine = list(db.session.scalars(db.select(Connection)))

        @db.event.listens_for(engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, parameters, *_rest):
            seen.append((statement, parameters))

        journal.events(user, mine, limit=30)
        ((statement, parameters),) = [one for one in seen if "audit" in one[0]]
        if engine.dialect.name == "sqlite":
            plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            plan = " | ".join(row[3] for row in plan)
            assert "ix_audit_user" in plan and "ix_audit_account" in plan and "SCAN audit" not in plan


def test_a_payment_seen_at_the_desk_is_told_to_its_payer(app, operator, connected, browser):
    connected(browser)
    supplier = app.extensions["suppliers"]["perm"]
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user)
        sum_ = {"amount_kop": 50_000, "split": [(supplier.billing.services[0], 50_000)]}
        order = paying.begin(visitor, mine, supplier, **sum_, request_key="k" * 22, acquirer_name="fake").order
        cash_desk.note_look(operator, "", order)
    assert any(f"платеже № {order.id}" in row and "оператор поставщика" in row for row in read(browser))
