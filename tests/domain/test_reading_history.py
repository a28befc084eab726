"""One history out of what the billing knows and what was sent; and what became of the latter."""

import secrets
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event

from mygas import clock
from mygas.domain import reading_history
from mygas.domain.work import unit_of_work
from mygas.exchange import dispatching
from mygas.extensions import db
from mygas.models import Charge, Meter, Reading, ReadingVerdict, Registry
from tests.exchange.registry import SUPPLIER
from tests.exchange.sending import corrected, sender, sent


@pytest.fixture
def account(app: Flask, region):
    number = region("perm", "59000001")
    with app.app_context():
        yield number


def registry(**rows: object) -> int:
    now = clock.now()
    with unit_of_work():
        row = Registry(
            supplier="perm", digest=secrets.token_hex(32), state="complete", rows=rows, started_at=now, completed_at=now
        )
        db.session.add(row)
    return row.id


def known(account_id: int, *readings: tuple[date, int, str]) -> None:
    """The billing knows these readings (day, thousandths of m³, source)."""
    brought = registry()
    with unit_of_work():
        meter = db.session.scalars(db.select(Meter.id).filter_by(account_id=account_id)).one()
        for day, milli, source in readings:
            db.session.add(Reading(meter_id=meter, taken_on=day, registry_id=brought, value_milli=milli, source=source))


def judged(account_id: int, number: int, verdict: str, reason: str = "") -> int:
    """The supplier says so in a registry; its id."""
    brought = registry(verdicts=1)
    with unit_of_work():
        row = ReadingVerdict(account_id=account_id, number=number, registry_id=brought, verdict=verdict, reason=reason)
        db.session.add(row)
    return brought


def fates(account_id: int) -> list[tuple[int, str | None]]:
    return [(line.value_milli, line.sent and line.sent.fate) for line in reading_history.lines(account_id)]


def test_a_reading_goes_its_way(account: int) -> None:
    number = sent(account, 1_226_400)
    assert fates(account) == [(1_226_400, "taken")]
    dispatching.make(SUPPLIER, "readings", note=lambda _made: None)
    told = reading_history.lines(account)[0].sent
    assert told is not None and (told.fate, told.dispatch, told.number) == ("dispatched", 1, number)
    assert told.dispatched_at is not None and told.dispatched_at.tzinfo is not None
    judged(account, number, "rejected", "пломба сорвана")
    told = reading_history.lines(account)[0].sent
    assert told is not None and (told.fate, told.reason) == ("rejected", "пломба сорвана")
    judged(account, number, "accepted")
    assert fates(account) == [(1_226_400, "booked")], "the newest registry speaks"


def test_the_same_day_and_value_is_one_reading(account: int) -> None:
    known(account, (date(2026, 10, 20), 1_176_000, "inspector"))
    sent(account, 1_226_400)
    known(account, (date(2026, 11, 20), 1_226_400, "subscriber"))
    now, before = reading_history.lines(account)
    assert (now.value_milli, now.consumed_milli, now.sent.fate) == (1_226_400, 50_400, "booked")
    assert (before.source, before.sent) == ("inspector", None)


@pytest.mark.parametrize(
    ("day", "milli", "source", "fate"),
    [
        (date(2026, 11, 21), 1_226_400, "subscriber", "booked"),
        (date(2026, 11, 21), 1_226_000, "subscriber", "booked"),  # a billing that drops the decimals
        (date(2026, 11, 21), 1_226_400, "estimate", "taken"),
        (date(2026, 11, 19), 1_226_400, "subscriber", "taken"),
        (date(2026, 11, 21), 1_226_500, "subscriber", "taken"),
    ],
)
def test_what_the_billing_knows_of_the_subscriber_is_booked(account: int, day: date, milli: int, source: str, fate: str) -> None:
    sent(account, 1_226_400)
    known(account, (day, milli, source))
    lines = reading_history.lines(account)
    assert len(lines) == 2, "another day or another value is another line"
    assert [line.sent.fate for line in lines if line.sent] == [fate]


def test_what_was_replaced_stays_in_the_history(account: int) -> None:
    corrected(corrected(sent(account, 1000), 2000), 1000)
    assert fates(account) == [(1000, "taken"), (2000, "replaced"), (1000, "replaced")]
    known(account, (date(2026, 11, 20), 1000, "subscriber"))
    assert sorted(fates(account)) == [(1000, "booked"), (1000, "replaced"), (2000, "replaced")]


def test_pages_of_the_history(account: int) -> None:
    known(account, *((date(2026, month, 20), month * 1000, "subscriber") for month in range(1, 11)))
    for month in range(1, 11):
        sent(account, month * 1000, period=202600 + month, taken_on=date(2026, month, 20))
    lines = reading_history.lines(account, limit=3)
    assert [line.taken_on.month for line in lines[:3]] == [10, 9, 8] and all(line.sent for line in lines[:3])
    lines = reading_history.lines(account, since=date(2026, 2, 1), before=date(2026, 4, 1))
    assert [line.taken_on.month for line in lines] == [3, 2]
    assert lines[0].consumed_milli == 1000, "the reading before is known though it is on no page"


def test_the_basic_version_sees_what_it_sent_itself(account: int) -> None:
    known(account, (date(2026, 10, 20), 1_176_000, "inspector"))
    mine = sent(account, 1_226_400)
    lines = reading_history.own(account, sender())
    assert [(line.sent.number, line.sent.fate, line.consumed_milli) for line in lines] == [(mine, "taken", None)]
    assert reading_history.own(account, sender() + 1) == []


def test_the_overview_tells_years_and_volumes(account: int) -> None:
    known(account, (date(2024, 10, 20), 1000, "inspector"), (date(2025, 10, 20), 2000, "inspector"))
    sent(account, 3000)
    with unit_of_work():
        db.session.add(Charge(account_id=account, registry_id=registry_of_region(), period=202610, line=2, service="ТО",
                              method="fixed", volume_milli=7000, price_kop=0, sum_kop=94_050))  # fmt: skip
    told = reading_history.overview(account, since_period=202610)
    assert told.years == (2026, 2025, 2024)
    assert told.volumes == {202610: 50_000}


def registry_of_region() -> int:
    return int(db.session.scalars(db.select(Charge.registry_id)).first() or 0)


@pytest.mark.parametrize("ask", ["lines", "own", "overview"])
def test_each_question_is_one_statement(account: int, ask: str) -> None:
    sent(account, 1000)
    arguments = {"lines": (), "own": (sender(),), "overview": (202601,)}[ask]
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert getattr(reading_history, ask)(account, *arguments)
    assert len(asked) == 1
