"""The section «Приборы учёта»: what became of readings that were sent, consumption by month, messages, in few statements."""

import gzip
import re
from datetime import date

import pytest
import time_machine
from sqlalchemy import event

from mygas import clock
from mygas.domain.work import unit_of_work
from mygas.exchange import dispatching
from mygas.extensions import db
from mygas.models import Account, Charge, Connection, Registry
from mygas.web import charts, meters
from tests.domain.test_reading_history import judged, known
from tests.exchange.registry import SUPPLIER
from tests.exchange.sending import corrected, sent


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T09:00:00+00:00", tick=True):
        yield


@pytest.fixture
def place(browser, connected) -> str:
    """The address of the section; the account is connected, basic."""
    return f"{connected(browser).path}readings"


@pytest.fixture
def account(app, place) -> int:
    with app.app_context():
        return db.session.scalars(db.select(Account.id)).one()


def change(app, **changes: object) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Connection).values(**changes))


def extend(app) -> None:
    change(app, access="extended", extended_at=clock.now(), proof="serial")


def history_of(browser, address: str) -> list[list[str]]:
    rows = browser.get(address).page.select("tbody tr:not(.hint tr)")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])] for row in rows]


def test_the_way_of_a_reading_is_told(app, browser, place, account):
    extend(app)
    with app.app_context():
        known(account, (date(2026, 10, 20), 1_176_000, "inspector"))
        mine = db.session.scalars(db.select(Connection.user_id)).one()
        number = sent(account, 1_226_400, user_id=mine, consumed_milli=50_400)
        corrected(number, 1_230_000)
        dispatching.make(SUPPLIER, "readings", note=lambda _made: None)
    standing, replaced, before = history_of(browser, place)
    assert standing[0] == f"20.11.2026 абонент № {number + 1}: передано поставщику: реестр № 1 от 21.11.2026"
    assert replaced == [f"20.11.2026 абонент № {number}: заменено новым", "1 226,4", "50,4"]
    assert before == ["20.10.2026 контролёр", "1 176", "—"]
    with app.app_context():
        judged(account, number + 1, "rejected", "пломба сорвана")
    assert "отклонено поставщиком: пломба сорвана" in history_of(browser, place)[0][0]
    with app.app_context():
        known(account, (date(2026, 11, 20), 1_230_000, "subscriber"))
        judged(account, number + 1, "accepted")
    lines = history_of(browser, place)
    assert lines[0] == [f"20.11.2026 абонент № {number + 1}: учтено поставщиком", "1 230", "54"]
    assert len(lines) == 3, "what came back is the line that left"


def test_a_locked_history_shows_what_one_sent_oneself(app, browser, place, account):
    change(app, access="basic")
    with app.app_context():
        known(account, (date(2026, 10, 20), 1_176_000, "inspector"))
        mine = db.session.scalars(db.select(Connection.user_id)).one()
        sent(account, 1_226_400, user_id=mine, consumed_milli=50_400)
        sent(account, 7_000_000, period=202610)
    with_lock = app.extensions["suppliers"]["sever-tyumen"]
    app.extensions["suppliers"] = {**app.extensions["suppliers"], "perm": with_lock}
    lines = history_of(browser, place)
    assert [line[1] for line in lines] == ["1 226,4"] and "принято порталом" in lines[0][0]
    assert not [value for value in ("1 176", "50,4", "7 000", "<text", "0123456") if value in browser.client.get(place).text]
    assert "Подключить расширенную версию" in browser.text


def test_the_button_leads_to_the_form(browser, place):
    browser.get(place).click("Передать показания")
    assert browser.path.endswith("/readings/send") and browser.status == 200


def test_messages_are_chosen_here(app, browser, place):
    browser.get(place).submit("Сохранить", answer=True)
    assert (browser.path, browser.status) == (place, 200) and "Сохранено." in browser.text
    with app.app_context():
        mine = db.session.scalars(db.select(Connection)).one()
        assert (mine.answer, mine.remind) == (True, False)
    browser.submit("Сохранить", answer=False, remind=True)
    with app.app_context():
        mine = db.session.scalars(db.select(Connection)).one()
        assert (mine.answer, mine.remind) == (False, True)


@pytest.fixture
def two_years(app, account) -> None:
    """A charge of every month of two years, and readings with them."""
    months = [(2024 + (10 + at) // 12, (10 + at) % 12 + 1) for at in range(24)]
    with app.app_context():
        known(account, *((date(*month, 20), 1000 * at, "subscriber") for at, month in enumerate(months)))
        with unit_of_work():
            registry = db.session.scalars(db.select(Registry.id).order_by(Registry.id.desc())).first()
            for at, (year, month) in enumerate(months):
                db.session.add(
                    Charge(account_id=account, registry_id=registry, period=year * 100 + month, line=1, service="Газ",
                           method="meter", volume_milli=1000 * (at + 1), price_kop=769_000, sum_kop=769 * (at + 1))
                )  # fmt: skip
        sent(account, 900_000)


@pytest.mark.usefixtures("two_years")
def test_consumption_is_drawn_and_told(app, browser, place):
    extend(app)
    page = browser.get(place).page
    drawing = page.select_one("main svg")
    assert drawing["aria-hidden"] == "true" and drawing["viewBox"] == "0 -1 312 107"
    assert [text.string for text in drawing.find_all("text")][:3] == ["ноя", "дек", "янв"]
    assert " ".join(drawing.get_text().split()) == "ноя дек янв фев мар апр май июн июл авг сен окт", "in text browsers too"
    framed, filled, _base = drawing.find_all("path")[:3]
    assert (framed["fill"], filled.get("fill"), len(re.findall("M", filled["d"]))) == ("none", None, 12)
    assert "самый высокий столбик — 24 м³" in browser.text
    rows = [[cell.string for cell in row.find_all(["th", "td"])] for row in page.select(".hint tbody tr")]
    assert rows[0] == ["Октябрь 2026", "24", "12"] and rows[-1] == ["Ноябрь 2025", "13", "1"]
    assert "<text" not in browser.client.get(f"{place}?year=2025").text, "once is enough"


@pytest.mark.usefixtures("two_years")
def test_the_page_is_light_and_asks_little(app, browser, place):
    extend(app)
    seen = []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    answer = browser.client.get(place)
    assert 2 < len(seen) <= 5, seen
    assert len(gzip.compress(answer.data, 6)) < 13_000


@pytest.mark.parametrize(
    ("volumes", "wanted"),
    [
        ({}, []),
        ({202602: 5}, [(202602, 5, None)]),
        ({202602: 5, 202502: 7, 202512: 0}, [(202512, 0, None), (202601, None, None), (202602, 5, 7)]),
    ],
)
def test_months_are_paired_with_those_of_the_year_before(volumes, wanted):
    assert meters.by_month(volumes) == wanted


def test_a_chart_needs_something_to_compare():
    assert charts.bars([]) is None
    assert charts.bars([("01", 5, None)]) is None
    assert charts.bars([("01", 0, 0)]) is None


def test_bars_stand_on_their_base_in_proportion():
    drawn = charts.bars([("12", 1, 1000), ("01", 500, None), ("02", 0, 1000)])
    assert drawn is not None and (drawn.width, drawn.most) == (3 * charts.STEP, 1000)
    assert drawn.framed == "M2 90v-90h10v90zM54 90v-90h10v90z"
    assert drawn.filled == "M13 90v-1h10v1zM39 90v-45h10v45z", "a little is seen, nothing is not"
    assert drawn.labels == ((13, "12"), (39, "01"), (65, "02"))
