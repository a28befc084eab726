"""Receipts in the portal (instruction 004, point 7): a month is chosen, the file is made, saved, printed, made again."""

import gzip
import os
import re
import secrets
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from sqlalchemy import event

from mygas import clock
from mygas.domain import limits, pins, receipt_files, receipts
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db, transactions_may_write
from mygas.jobs import housekeeping, relay, shelf_sweeping
from mygas.jobs import receipts as jobs
from mygas.models import (
    Account,
    AccountCard,
    AuditEntry,
    Charge,
    Connection,
    Meter,
    Outgoing,
    Payment,
    Reading,
    ReceiptFile,
    Registry,
)
from mygas.suppliers import Catalogue
from tests.browser import Browser
from tests.documents.reading import text
from tests.domain.test_races import together
from tests.exchange.sending import paid
from tests.walks import EMAIL

NUMBER = "59000001"
NOW = "2026-11-21T09:00:00+00:00"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def home(app, browser, connected) -> str:
    """The browser stands at an account with the extended version open; its address."""
    connected(browser)
    set_access(app, "extended")
    return browser.path


def set_access(app, access: str) -> None:
    with app.app_context(), transactions_may_write():
        db.session.execute(db.update(Connection).values(access=access, extended_at=clock.now(), proof="pin"))
        db.session.commit()


def bring(app, *told: object, number: str = NUMBER) -> None:
    """A later registry with these rows about the account."""
    with app.app_context(), transactions_may_write():
        now = clock.now()
        registry = Registry(
            supplier="perm", digest=secrets.token_hex(32), state="complete", rows={}, started_at=now, completed_at=now
        )
        account = db.session.scalars(db.select(Account).filter_by(number=number)).one()
        db.session.add(registry)
        db.session.flush()
        for row in told:
            row.registry_id = registry.id
            if isinstance(row, Reading):
                row.meter_id = db.session.scalars(db.select(Meter.id).filter_by(account_id=account.id)).one()
            else:
                row.account_id = account.id
            db.session.add(row)
        db.session.commit()


def charge(period: int, sum_kop: int) -> Charge:
    return Charge(period=period, line=1, service="Газоснабжение природным газом", method="meter", volume_milli=50_000,
                  price_kop=769_000, sum_kop=sum_kop)  # fmt: skip


def work(app) -> None:
    with app.app_context():
        relay.round_of(app)


def known(app, model) -> list:
    with app.app_context():
        return list(db.session.scalars(db.select(model).order_by(model.id)))


def promised(app) -> list[str]:
    return [row.key for row in known(app, Outgoing) if row.kind == "receipt"]


def ask(browser: Browser, home: str, **chosen: str) -> str:
    """Ask for a receipt; the address of its page."""
    browser.get(f"{home}receipts").submit("Сформировать", **chosen)
    assert browser.status == 200, browser.text
    return f"{home}receipts/{browser.path.rpartition('/')[2]}"


def formed(app, browser: Browser, home: str, **chosen: str) -> bytes:
    """Ask for a receipt and have it made; its bytes. The browser stands at its page."""
    page = ask(browser, home, **chosen)
    work(app)
    return saved(browser, page)


def saved(browser: Browser, page: str) -> bytes:
    browser.get(page)
    assert browser.h1 == "Квитанция успешно сформирована"
    return browser.client.get(f"{page}/pdf").data


# --- as the instruction says


def test_a_receipt_is_formed_saved_and_printed(app, browser, home):
    browser.get(home).click("Квитанции")
    assert browser.page.select_one("#period option[selected]").text == "Октябрь 2026"
    assert [option.text for option in browser.page.select("#period option")] == ["Октябрь 2026", "Сентябрь 2026"]
    browser.submit("Сформировать")
    assert browser.h1 == "Квитанция формируется…"
    assert browser.path.startswith(f"{home}receipts/")
    work(app)
    browser.click("Проверить")
    assert browser.h1 == "Квитанция успешно сформирована"
    page = browser.path
    browser.click("Скачать PDF")
    named = browser.response.headers["Content-Disposition"]
    assert named.startswith("attachment; filename=\"receipt-59000001-202610.pdf\"; filename*=UTF-8''")
    assert unquote(named.rpartition("''")[2]) == "Квитанция 59000001 октябрь 2026.pdf"
    file = browser.response.data
    assert file.startswith(b"%PDF-")
    browser.get(page).click("Открыть для печати")
    assert browser.response.headers["Content-Disposition"].startswith("inline; ")
    assert (browser.response.mimetype, browser.response.data) == ("application/pdf", file)
    browser.get(f"{home}receipts").click("Октябрь 2026")
    assert browser.path == page, "it stays in the list"


def test_it_lies_on_the_disk_for_its_owner_alone(app, browser, home):
    formed(app, browser, home)
    [row] = known(app, ReceiptFile)
    path = app.extensions["settings"].data_dir / "receipts" / f"{row.ref}.pdf"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert row.size == path.stat().st_size
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_current_month_is_chosen_once_it_has_charges(app, browser, home):
    bring(app, charge(202611, 50_000))
    browser.get(f"{home}receipts")
    assert browser.page.select_one("#period option[selected]").text == "Ноябрь 2026"


def test_where_nothing_was_charged_there_is_nothing_to_choose(app, browser, home):
    with app.app_context(), transactions_may_write():
        db.session.execute(db.delete(Charge))
        db.session.commit()
    browser.get(f"{home}receipts")
    assert "ещё не передал начислений" in browser.text
    assert not browser.page.select("main form")


@pytest.mark.parametrize("period", ["202608", "209901", "2026", "", "<b>"])
def test_a_month_without_charges_is_refused_in_words(app, browser, home, period):
    browser.get(f"{home}receipts")
    browser.page.select_one("#period").append(option := browser.page.new_tag("option", value=period))
    option.string = "?"
    browser.submit("Сформировать", period=period, variant="large")
    assert browser.status == 422
    assert "За указанный период нет начислений" in browser.text
    assert browser.page.select_one("#variant-1").has_attr("checked"), "what was chosen stays"
    assert promised(app) == []


def test_in_large_print_it_is_another_file(app, browser, home):
    usual, large = formed(app, browser, home), formed(app, browser, home, variant="large")
    assert usual != large
    assert "крупный шрифт" in browser.text
    browser.click("Скачать PDF")
    assert unquote(browser.response.headers["Content-Disposition"]).endswith("Квитанция 59000001 октябрь 2026 крупно.pdf")


# --- waiting


def test_who_waits_is_told_once_it_is_ready(app, browser, home):
    page = ask(browser, home)
    poll = browser.page.select_one("[data-hx-trigger]")
    assert (poll["data-hx-get"], poll["id"]) == (page, "waiting")
    whole = Browser(browser.client).get(page).page
    assert whole.select_one("head noscript meta[http-equiv=refresh]")["content"] == "4"
    headers = {"HX-Request": "true", "HX-Target": "main", "HX-Trigger": poll["id"]}
    assert browser.client.get(page, headers=headers).status_code == 204, "nothing to say yet: the page stays as it is"
    work(app)
    told = browser.client.get(page, headers=headers)
    assert told.status_code == 200
    assert "Квитанция успешно сформирована" in told.text
    assert "data-hx-trigger" not in told.text, "there is nothing to wait for any more"
    assert "HX-Push-Url" not in told.headers


def test_the_file_is_not_there_before_it_is_made(app, browser, home):
    page = ask(browser, home)
    assert browser.client.get(f"{page}/pdf").headers["Location"] == page


def test_what_cannot_be_drawn_is_said_and_may_be_asked_for_again(app, browser, home):
    papers = app.extensions["papers"]
    app.extensions["papers"] = type("Broken", (), {**vars(papers), "receipt": staticmethod(lambda *_: 1 / 0)})
    page = ask(browser, home)
    work(app)
    browser.get(page)
    assert browser.h1 == "Квитанция не сформирована"
    app.extensions["papers"] = papers
    browser.submit("Сформировать ещё раз")
    assert browser.path == page
    with time_machine.travel(clock.now() + timedelta(seconds=5)):
        work(app)
    assert saved(browser, page).startswith(b"%PDF-")


def test_a_full_disk_is_waited_for(app, browser, home):
    shelf = app.extensions["receipts"]
    page = ask(browser, home)
    shelf.folder.write_text("not a folder")
    work(app)
    assert browser.get(page).h1 == "Квитанция формируется…"
    shelf.folder.unlink()
    with time_machine.travel(clock.now() + timedelta(seconds=5)):
        work(app)
    assert saved(browser, page).startswith(b"%PDF-")


def test_a_worker_killed_while_drawing_is_replaced(app, browser, home):
    papers = app.extensions["papers"]

    def die(*_paper: object) -> bytes:
        raise KeyboardInterrupt

    app.extensions["papers"] = type("Dying", (), {**vars(papers), "receipt": staticmethod(die)})
    page = ask(browser, home)
    with pytest.raises(KeyboardInterrupt):
        work(app)
    app.extensions["papers"] = papers
    work(app)
    assert browser.get(page).h1 == "Квитанция формируется…", "the dead man's lease still holds"
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        work(app)
    assert saved(browser, page).startswith(b"%PDF-")


def test_what_nobody_made_in_a_day_may_be_asked_for_again(app, browser, home):
    page = ask(browser, home)
    with app.app_context():
        with unit_of_work():
            db.session.execute(db.update(ReceiptFile).values(asked_at=clock.now() - timedelta(days=1)))
        housekeeping.round_of(app)
    assert browser.get(page).h1 == "Квитанция не сформирована"


# --- the same request


def test_the_same_request_is_the_same_file_and_one_job(app, browser, home):
    page = ask(browser, home)
    assert ask(browser, home) == page
    first = formed(app, browser, home)
    assert ask(browser, home) == page
    assert browser.h1 == "Квитанция успешно сформирована", "ready at once"
    assert saved(browser, page) == first
    assert len(promised(app)) == len(known(app, ReceiptFile)) == 1


def test_asked_for_by_many_at_once_it_is_one_row_and_one_job(app, browser, home):
    perm = app.extensions["suppliers"]["perm"]
    visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"])

    def press(_index: int) -> str:
        mine = db.session.scalars(db.select(Connection)).one()
        composed = next(receipts.compose(perm, 202610, [mine.account_id]))
        return receipt_files.ask(visitor, mine, perm, composed.paper, "a4", is_kept=app.extensions["receipts"].has).ref

    outcomes = together(app, press)
    assert len(set(outcomes)) == 1 and outcomes[0] is not None
    assert len(promised(app)) == len(known(app, ReceiptFile)) == 1
    work(app)
    app.extensions["receipts"].destroy(outcomes[0])
    assert set(together(app, press)) == set(outcomes)
    assert promised(app) == [f"receipt:{outcomes[0]}:1", f"receipt:{outcomes[0]}:2"], "a lost file is made again, once"


def test_old_files_go_and_come_again_with_the_same_bytes(app, browser, home):
    first = formed(app, browser, home)
    page = browser.path
    [row] = known(app, ReceiptFile)
    assert row.expires_at - row.made_at == timedelta(days=30)
    with app.app_context():
        with unit_of_work():
            db.session.execute(db.update(ReceiptFile).values(expires_at=clock.now()))
        housekeeping.round_of(app)
    assert list((app.extensions["settings"].data_dir / "receipts").iterdir()) == []
    assert "Запрошены раньше" not in browser.get(f"{home}receipts").text
    assert browser.get(page).h1 == "Этой квитанции больше нет"
    assert browser.client.get(f"{page}/pdf").status_code == 303
    browser.submit("Сформировать ещё раз")
    assert (browser.path, browser.h1) == (page, "Квитанция формируется…")
    work(app)
    assert saved(browser, page) == first


def test_a_file_lost_with_its_folder_is_made_again(app, browser, home):
    first = formed(app, browser, home)
    page = browser.path
    app.extensions["receipts"].destroy(page.rpartition("/")[2])
    assert browser.get(page).h1 == "Этой квитанции больше нет"
    browser.submit("Сформировать ещё раз")
    work(app)
    assert saved(browser, page) == first


def test_who_left_while_it_was_made_finds_it_in_the_list(app, browser, home):
    page = ask(browser, home)
    browser.get(f"{home}receipts")
    assert "Запрошены раньше Октябрь 2026 формируется" in browser.text
    browser.click("Октябрь 2026")
    assert browser.path == page
    work(app)
    assert "Октябрь 2026 хранится до" in browser.get(f"{home}receipts").text


def age(shelf) -> None:
    """The files were written today, as the test reckons: a disk does not travel in time."""
    today = clock.now().timestamp()
    for path in shelf.folder.iterdir():
        os.utime(path, (today, today))


def test_many_old_files_are_asked_about_in_few_statements(app, browser, home, monkeypatch):
    formed(app, browser, home)
    [kept] = known(app, ReceiptFile)
    shelf, seen = app.extensions["receipts"], []
    for at in range(30):
        shelf.put(f"{at:022}", b"left behind")
    age(shelf)
    monkeypatch.setattr(shelf_sweeping, "BATCH", 10)
    with time_machine.travel(clock.now() + timedelta(days=2)), app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
        jobs.sweep(app)
    assert len([statement for statement in seen if "ref IN (" in statement]) == 4, "of 31 files, ten at once"
    assert [path.stem for path in shelf.folder.iterdir()] == [kept.ref]


def test_requests_whose_file_went_a_year_ago_are_forgotten(app, browser, home):
    first = formed(app, browser, home)
    page = browser.path
    later = clock.now() + receipt_files.KEPT
    with app.app_context():
        with time_machine.travel(later + timedelta(days=364)):
            jobs.sweep(app)
        assert [row.state for row in known(app, ReceiptFile)] == ["gone"]
        with time_machine.travel(later + timedelta(days=365, minutes=1)):
            jobs.sweep(app)
    assert known(app, ReceiptFile) == []
    assert browser.client.get(page).status_code == 404
    assert formed(app, browser, home) == first, "it is made anew"
    assert browser.path != page


def test_purged_while_it_is_asked_for_again_it_begins_anew(app, browser, home):
    """What was read of the row is a promise of nothing: the row that is written may be another."""
    perm, visitor = app.extensions["suppliers"]["perm"], Visitor("192.0.2.1", "", app.extensions["entry_rules"])
    formed(app, browser, home)

    def purge(_ref: str) -> bool:
        db.session.execute(db.delete(ReceiptFile))
        return False

    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        composed = next(receipts.compose(perm, 202610, [mine.account_id]))
        file = receipt_files.ask(visitor, mine, app.extensions["suppliers"]["perm"], composed.paper, "a4", is_kept=purge)
        assert (file.state, file.generation) == ("waiting", 1)
    assert len(promised(app)) == 2


def test_files_that_no_row_wants_are_swept(app, browser, home):
    formed(app, browser, home)
    shelf = app.extensions["receipts"]
    shelf.put("x" * 22, b"left behind")
    age(shelf)
    with time_machine.travel(clock.now() + timedelta(days=2)), app.app_context():
        housekeeping.round_of(app)
    assert not shelf.has("x" * 22)
    assert len(list(shelf.folder.iterdir())) == 1


def test_what_changed_since_is_another_file(app, browser, home):
    formed(app, browser, home)
    page = browser.path
    bring(app, charge(202610, 90_000))
    assert ask(browser, home) != page
    assert saved(browser, page), "the one that was made is still what it was"


def test_what_changed_while_it_waited_is_not_passed_off_as_what_was_asked_for(app, browser, home):
    page = ask(browser, home)
    bring(app, charge(202610, 90_000))
    work(app)
    browser.get(page)
    assert browser.h1 == "Этой квитанции больше нет"
    browser.submit("Сформировать ещё раз")
    assert browser.path != page


def test_no_more_than_thirty_a_day(app, browser, home):
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        for _ in range(receipt_files.MOST_A_DAY):
            limits.hit("receipt", str(mine.user_id), per=timedelta(days=1))
    browser.get(f"{home}receipts").submit("Сформировать")
    assert browser.status == 422
    assert "не более 30 квитанций" in browser.text
    assert promised(app) == []


# --- whose it is


def test_others_have_no_such_receipt(app, browser, home, connected):
    formed(app, browser, home)
    page = browser.path
    other = Browser(app.test_client())
    connected(other, EMAIL, "59000002")
    set_access(app, "extended")
    own = other.path
    for address in (page, f"{page}/pdf", f"{home}receipts", f"{home}receipts/202610/view", page.replace(home, own)):
        assert other.client.get(address).status_code == 404, address
    assert other.client.get(f"{page.replace(home, own)}/pdf").status_code == 404
    assert "Запрошены раньше" not in other.get(f"{own}receipts").text


def test_the_basic_version_has_none(app, browser, home):
    formed(app, browser, home)
    page = browser.path
    set_access(app, "basic")
    for address in (f"{home}receipts", page, f"{page}/pdf", f"{home}receipts/202610/view"):
        answer = browser.client.get(address)
        assert answer.status_code == 403
        assert "Нужна расширенная версия" in answer.text


def test_where_the_basic_version_has_receipts_they_tell_nothing_of_the_household(app, browser, home):
    formed(app, browser, home)
    page = browser.path
    allow_in_basic(app)
    set_access(app, "basic")
    assert browser.client.get(page).status_code == 404, "what was made for the extended version is closed again"
    shown = browser.get(f"{home}receipts/202610/view").text
    assert "833,00" in shown
    assert not [secret for secret in ("Иванова", "Ленина", "0123456", "ПИН-код") if secret in shown]
    plain = formed(app, browser, home)
    assert browser.path != page
    assert plain.startswith(b"%PDF-")
    set_access(app, "extended")
    assert len(browser.get(f"{home}receipts").page.select("main ul li")) == 2


def allow_in_basic(app) -> None:
    catalogue = app.extensions["suppliers"]
    perm = catalogue["perm"]
    others = [supplier for supplier in catalogue.values() if supplier is not perm]
    app.extensions["suppliers"] = Catalogue([*others, replace(perm, lite=replace(perm.lite, receipt=True))])


# --- on the screen


def test_the_same_stands_on_the_screen(app, browser, home):
    bring(
        app,
        AccountCard(holder="Иванова Мария Петровна", address="г. Пермь, ул. Ленина, д. 12, кв. 5", united_number="20АА000001",
                    area_cm2=543_000, residents=3, balance_kop=124_530, balance_on=date(2026, 11, 1)),
        Reading(taken_on=date(2026, 9, 20), value_milli=1_176_400, source="inspector"),
        Reading(taken_on=date(2026, 10, 20), value_milli=1_226_400, source="subscriber"),
        Payment(number="P2", paid_on=date(2026, 11, 10), sum_kop=24_530, source="Сбербанк"),
    )  # fmt: skip
    formed(app, browser, home)
    browser.click("То же на экране")
    assert browser.h1 == "Квитанция за газ: октябрь 2026"
    for words in (
        "К оплате 1 000,00 ₽ до 10.11.2026", "20АА000001", "54,3 м²", "Платежи учтены по 10.11.2026",
        "Газоснабжение природным газом по прибору учёта, 50 м³ × 7,69 ₽ 833,00",
        "На начало месяца долг 824,60 ₽ Начислено 833,00 ₽", "Оплачено 657,60 ₽ По данным поставщика долг 1 000,00 ₽",
        "Газ начислен по показаниям прибора учёта.", "№ 0123456, BK-G4T", "1 226,4 м³ на 20.10.2026 (абонент)",
        "1 176,4 м³ на 20.09.2026", "сумма 1 000,00 ₽", "ООО «Межрегионгаз Пермь»", "40702810900000000007",
    ):  # fmt: skip
        assert words in browser.text, words
    assert browser.page.select_one("[role=img] svg path")
    browser.click("отдельная страница")
    assert browser.h1 == "ПИН-код", "the PIN is shown where each look is written down"


def test_what_was_paid_here_is_asked_for_nowhere(app, browser, home):
    """What the account's first page says, the paper says and its code."""
    first = formed(app, browser, home)
    with app.app_context():
        paid(db.session.scalars(db.select(Account.id)).one(), 124_530)
    page = browser.path
    said = browser.get(f"{home}receipts/202610/view").text
    assert "К оплате 0,00 ₽ платить не нужно" in said
    assert "Оплачено через портал, ещё не учтено поставщиком: 1 245,30 ₽." in said
    assert "По данным поставщика долг 1 245,30 ₽ Оплачено через портал 1 245,30 ₽ Остаётся долга нет" in said
    assert "сумму введёте сами" in said
    second = formed(app, browser, home)
    assert browser.path != page
    printed = " ".join(text(second).split())
    assert "Платить не нужно Долга нет" in printed and "Оплачено через портал" in printed
    assert "Платить не нужно" not in " ".join(text(first).split())


def test_a_past_month_says_where_things_stand_today(app, browser, home):
    browser.get(f"{home}receipts/202609/view")
    assert "На конец месяца: долг 824,60 ₽." in browser.text
    assert "по ней не платят Сегодня: долг 1 245,30 ₽." in browser.text
    assert not re.search("К оплате|до 10.10.2026|Код для приложения", browser.text)
    assert not browser.page.select("[role=img]")
    browser.click("Квитанция за последний месяц")
    assert browser.h1 == "Квитанция за газ: октябрь 2026"
    printed = " ".join(text(formed(app, browser, home, period="202609")).split())
    assert "На конец месяца Долг 824,60 ₽" in printed and "оплате" not in printed


def test_the_pin_is_printed_before_the_breakdown_where_the_supplier_prints_it(app, browser, home):
    """Instruction 004, point 5. Who asked for such a paper is written down."""
    printed = " ".join(text(formed(app, browser, home)).split())
    with app.app_context():
        pin = pins.current(db.session.scalars(db.select(Account)).one())
    assert 0 < printed.index(pin) < printed.index("Начислено за октябрь")
    assert pin not in browser.get(f"{home}receipts/202610/view").text
    [asked] = [entry for entry in known(app, AuditEntry) if entry.action == "receipt.ask"]
    assert (asked.detail["period"], asked.detail["file"]) == (202610, known(app, ReceiptFile)[0].ref)


def test_a_pin_is_not_printed_elsewhere(app, browser, joined, region):
    region("sever-tyumen", "018000001")
    joined(browser).submit(supplier="sever-tyumen").submit(number="018000001").submit("Подключить расширенную версию позже")
    set_access(app, "extended")
    home = browser.path
    assert "ПИН" not in text(formed(app, browser, home))
    assert "ПИН" not in browser.get(f"{home}receipts/202610/view").text


def test_a_month_without_a_receipt_has_no_page(browser, home):
    for period in ("202608", "202600", "202699", "000001", "000000", "999912"):
        assert browser.client.get(f"{home}receipts/{period}/view").status_code == 404


def test_few_statements_and_few_bytes(app, browser, home):
    formed(app, browser, home)
    page, seen = browser.path, []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    for address in (f"{home}receipts", page, f"{page}/pdf", f"{home}receipts/202610/view"):
        seen.clear()
        answer = browser.client.get(address)
        assert 3 <= len(seen) <= 5, (address, seen)
        assert answer.mimetype == "application/pdf" or len(gzip.compress(answer.data, 9)) < 14_000
