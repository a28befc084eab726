"""Readings that are sent: what a meter stands at, taking, replacing, refusing; by whom, when, and how often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine

from mygas import clock
from mygas.domain import limits, readings
from mygas.domain.reading_checks import Entered
from mygas.domain.readings import Accepted, NotAccepted
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, Connection, MeterCard, Outgoing, SentReading, User
from mygas.words import Refused
from tests.billing import account_of, card, hang, reading, tell

NUMBER = "59000001"
TODAY = date(2026, 11, 20)
PERIOD = 202611


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-20T09:00:00+00:00", tick=True):
        yield


@pytest.fixture
def home(app, region) -> int:
    """The id of an account of Пермь with one meter, read in each of the last thirteen months."""
    account_id = region("perm", NUMBER)
    tell(
        app,
        NUMBER,
        reading("2025-10-20", 1000),
        reading("2025-11-20", 1100),
        reading("2026-09-20", 1900),
        reading("2026-10-20", 2000, "inspector"),
    )
    return account_id


@pytest.fixture
def hold(app) -> Callable[..., int]:
    """Connect a user to the account; returns the id of the connection."""

    def connect(login: str = "a@example.ru", number: str = NUMBER, supplier: str = "perm", **other: object) -> int:
        with app.app_context(), unit_of_work():
            now = clock.now()
            user = User(login=login, channel="email", password_hash="x", entry="", created_at=now)
            db.session.add(user)
            db.session.flush()
            own = {"account_id": account_of(number, supplier), "supplier": supplier, "slot": 1, "created_at": now}
            row = Connection(user_id=user.id, **{"access": "extended", **own, **other})
            db.session.add(row)
            db.session.flush()
            return row.id

    return connect


@pytest.fixture
def send(app) -> Callable[..., Accepted]:
    """Send readings of the account's meters by a connection, in whole m³ unless `milli`."""

    def send(connection_id: int, *values: int, confirmed: tuple[str, ...] = (), **entered: object) -> Accepted:
        with app.app_context(), unit_of_work():
            connection = db.session.get_one(Connection, connection_id)
            visitor = Visitor("192.0.2.1", "test", app.extensions["entry_rules"], connection.user)
            supplier = app.extensions["suppliers"][connection.supplier]
            period = readings.window(supplier.readings, readings.today_at(supplier)).period
            meters = readings.meters_now(connection.account_id, period, readings.today_at(supplier))
            entries = [
                replace(Entered(meter.meter_id, value * 1000, shown_id=meter.sent_id), **entered)
                for meter, value in zip(meters, values, strict=False)
            ]
            return readings.accept(visitor, connection, supplier, entries, confirmed)

    return send


def kept() -> list[SentReading]:
    return list(db.session.scalars(db.select(SentReading).order_by(SentReading.id)))


def test_a_meter_as_it_stands(app, home):
    with app.app_context():
        (meter,) = readings.meters_now(home, PERIOD, TODAY)
    assert (meter.known_milli, meter.known_on, meter.known_source) == (2_000_000, date(2026, 10, 20), "inspector")
    assert (meter.model, meter.digits, meter.serial) == ("BK-G4T", 5, "0123456")
    assert meter.last_year_milli == 100_000
    assert meter.sent_id is None and not meter.sent_rolled_over


def test_a_reading_is_kept_with_what_it_was_compared_with(app, home, hold, send):
    taken = send(hold(), 2128)
    assert not taken.notes
    with app.app_context():
        (row,) = kept()
        assert row.id == taken.readings[0].id
        assert (row.value_milli, row.previous_milli, row.consumed_milli) == (2_128_000, 2_000_000, 128_000)
        assert (row.period, row.taken_on, row.previous_on) == (PERIOD, TODAY, date(2026, 10, 20))
        assert row.replaces_id is row.replaced_at is row.dispatch_id is None
        note = db.session.scalars(db.select(AuditEntry)).one()
        assert (note.action, note.account_id, note.detail) == ("reading.send", home, {"numbers": [row.id]})
        assert not db.session.scalars(db.select(Outgoing)).all(), "no letter where none is wanted"
