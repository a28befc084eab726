"""Readings that are sent: what a meter stands at, taking, replacing, refusing; by whom, when, and how often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import time_machine

from mygas import clock
from mygas.domain import reading_history, readings
from mygas.domain.reading_facts import Entered
from mygas.domain.readings import Accepted, NotAccepted
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, Charge, Connection, Dispatch, MeterCard, Outgoing, ReadingVerdict, SentReading, User
from mygas.words import Refused
from tests.billing import account_of, card, hang, reading, tell
from tests.domain.test_races import together

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
            period = readings.window(supplier.readings, supplier.today()).period
            meters = readings.meters_now(connection.account_id, period, supplier.today())
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


def test_a_newer_one_replaces_and_both_are_kept(app, home, hold, send):
    who = hold()
    first, second, third = (send(who, value).readings[0].id for value in (2128, 2130, 2129))
    with app.app_context():
        rows = kept()
        assert [(row.id, row.value_milli, row.replaces_id) for row in rows] == [
            (first, 2_128_000, None),
            (second, 2_130_000, first),
            (third, 2_129_000, second),
        ]
        assert [row.replaced_at is None for row in rows] == [False, False, True]
        assert {row.previous_milli for row in rows} == {2_000_000}


def test_one_value_is_one_reading(app, home, hold, send):
    who = hold()
    first = send(who, 2128)
    again = send(who, 2128)
    assert again.readings[0].id == first.readings[0].id
    assert [note.name for note in again.notes] == ["same_value"]
    with app.app_context():
        assert len(kept()) == 1


def test_a_correction_is_not_compared_with_what_it_corrects(app, home, hold, send):
    """The supplier took the mistake into his billing before it was corrected."""
    who = hold()
    send(who, 2200)
    tell(app, NUMBER, reading("2026-11-20", 2200))
    with time_machine.travel("2026-11-24T09:00:00+00:00"):
        send(who, 2128)
    with time_machine.travel("2026-11-26T09:00:00+00:00"):
        tell(app, NUMBER, reading("2026-11-25", 2128))  # booked a day later
        send(who, 2127)
    with app.app_context():
        assert [(row.value_milli, row.previous_milli) for row in kept()] == [
            (2_200_000, 2_000_000),
            (2_128_000, 2_000_000),
            (2_127_000, 2_000_000),
        ]


def test_months_are_apart(app, home, hold, send):
    """After the window a reading is the next month's, and replaces nothing; in the new year too."""
    who = hold()
    send(who, 2128)
    with time_machine.travel("2026-11-29T09:00:00+00:00"):
        send(who, 2140)
    with time_machine.travel("2026-12-30T09:00:00+00:00"):
        send(who, 2150)
    with app.app_context():
        assert [(row.period, row.replaced_at) for row in kept()] == [(202611, None), (202612, None), (202701, None)]


def test_the_day_is_the_supplier_s(app, home, hold, send):
    """28 November is the last day; in Пермь it ends at 19:00 UTC."""
    who = hold()
    with time_machine.travel("2026-11-28T18:59:00+00:00"):
        assert send(who, 2128).readings[0].period == 202611
    with time_machine.travel("2026-11-28T19:01:00+00:00"):
        taken = send(who, 2129).readings[0]
        assert (taken.period, taken.taken_on) == (202612, date(2026, 11, 29))


def test_all_of_a_form_or_nothing(app, home, hold, send):
    hang(app, NUMBER, "777")
    who = hold()
    with pytest.raises(NotAccepted) as refusal:
        send(who, 2128, 123_456)
    assert not refusal.value.may_be_confirmed
    assert [finding.name for finding in refusal.value.findings] == ["digits"]
    with app.app_context():
        assert not kept() and not db.session.scalars(db.select(AuditEntry)).all()
    assert len(send(who, 2128, 12_345).readings) == 2


def test_what_is_doubted_is_taken_once_confirmed_and_no_other_value(app, home, hold, send):
    who = hold()
    with pytest.raises(NotAccepted) as doubt:
        send(who, 2400)
    assert doubt.value.may_be_confirmed
    keys = tuple(finding.key for finding in doubt.value.findings)
    with pytest.raises(NotAccepted):
        send(who, 2401, confirmed=keys)
    assert send(who, 2400, confirmed=keys).readings[0].consumed_milli == 400_000


def test_a_newer_one_of_another_browser_is_not_overwritten_blindly(app, home, hold, send):
    who = hold()
    send(who, 2128)
    with pytest.raises(NotAccepted) as doubt:
        send(who, 2130, shown_id=None)
    (finding,) = doubt.value.findings
    assert (finding.name, finding.strength) == ("other_browser", "confirm")
    send(who, 2129)
    with pytest.raises(NotAccepted):
        send(who, 2130, shown_id=None, confirmed=(finding.key,))


def test_meters_taken_off_and_closed_accounts_take_nothing(app, home, hold, send):
    hang(app, NUMBER, "777", state="Снят")
    with app.app_context():
        (meter,) = readings.meters_now(home, PERIOD, TODAY)
    who = hold()
    tell(app, NUMBER, MeterCard(meter_id=meter.meter_id, model="BK-G4T", digits=5, state="демонтирован"))
    with app.app_context():
        assert readings.meters_now(home, PERIOD, TODAY) == []
    with app.app_context(), unit_of_work(), pytest.raises(Refused, match="снят с учёта"):
        connection = db.session.get_one(Connection, who)
        visitor = Visitor("192.0.2.1", "test", app.extensions["entry_rules"], connection.user)
        readings.accept(visitor, connection, app.extensions["suppliers"]["perm"], [Entered(meter.meter_id, 1)])
    tell(app, NUMBER, MeterCard(meter_id=meter.meter_id, model="BK-G4T", digits=5), card(closed=True))
    with app.app_context():
        assert readings.meters_now(home, PERIOD, TODAY) == []


def test_what_is_yet_to_come_and_what_is_superseded_does_not_count(app, home):
    tell(app, NUMBER, reading("2026-11-30", 9000, "estimate"), reading("2026-10-20", 2010))
    with app.app_context():
        (meter,) = readings.meters_now(home, PERIOD, TODAY)
    assert (meter.known_milli, meter.known_source) == (2_010_000, "subscriber")


def test_a_meter_silent_for_years_is_still_compared(app, region, hold, send):
    region("perm", NUMBER)
    tell(app, NUMBER, reading("2024-03-01", 500))
    with app.app_context():
        (meter,) = readings.meters_now(account_of(NUMBER), PERIOD, TODAY)
    assert (meter.known_milli, meter.last_year_milli) == (500_000, None)


def test_nothing_entered(home, hold, send):
    with pytest.raises(Refused, match="хотя бы одного"):
        send(hold())


def test_a_supplier_who_takes_none_outside_the_window(app, region, hold, send):
    """«Юг»: 11 to 20, late ones are rejected."""
    number = app.extensions["suppliers"]["yug"].account.generate(1)
    region("yug", number)
    who = hold(number=number, supplier="yug")
    with time_machine.travel("2026-11-21T09:00:00+00:00"), pytest.raises(Refused) as refusal:
        send(who, 5)
    assert refusal.value.values == {"opens": date(2026, 12, 11), "closes": date(2026, 12, 20)}
    with time_machine.travel("2026-11-20T09:00:00+00:00"):
        assert send(who, 5).readings[0].period == PERIOD


def test_a_basic_version_without_readings(app, region, hold, send):
    number = app.extensions["suppliers"]["izhevsk"].account.generate(1)
    region("izhevsk", number)
    with pytest.raises(Refused, match="в расширенной версии"):
        send(hold(number=number, supplier="izhevsk", access="basic"), 5)


def test_the_blind_have_ten_tries_a_month_whatever_comes_of_them(app, region, hold, send):
    number = "018000001"
    region("sever-tyumen", number)
    tell(app, number, reading("2026-10-20", 2000), supplier="sever-tyumen")
    blind = {"number": number, "supplier": "sever-tyumen", "access": "basic"}
    one, other = hold(**blind), hold("b@example.ru", **blind)
    sees = hold("c@example.ru", number=number, supplier="sever-tyumen")
    for turn in range(readings.BLIND_TRIES - 1):
        with pytest.raises(NotAccepted) as refusal:
            send((one, other)[turn % 2], 1999)
        assert "2\u00a0000" not in str(refusal.value.findings)
    assert send(one, 2001).readings, "the tenth"
    for value in (1999, 2001, 2002):
        with pytest.raises(Refused) as refusal:
            send(other, value)
        assert not isinstance(refusal.value, NotAccepted), "no answer at all"
    with pytest.raises(NotAccepted) as doubt:
        send(sees, 2002)
    said = tuple(finding.key for finding in doubt.value.findings)
    assert send(sees, 2002, confirmed=said).readings, "the extended version has no such limit"
    with time_machine.travel("2026-12-21T09:00:00+00:00"):
        assert send(other, 2001).readings


def test_the_blind_see_what_they_sent_themselves(app, region, hold, send):
    number = "018000001"
    region("sever-tyumen", number)
    tell(app, number, reading("2026-10-20", 2000), supplier="sever-tyumen")
    blind = {"number": number, "supplier": "sever-tyumen", "access": "basic"}
    one, other = hold(**blind), hold("b@example.ru", **blind)
    send(one, 2001)
    with app.app_context():
        supplier = app.extensions["suppliers"]["sever-tyumen"]
        meters = readings.meters_now(account_of(number, "sever-tyumen"), PERIOD, TODAY)
        for who, sent_milli, count in ((one, 2_001_000, 1), (other, None, 0)):
            connection = db.session.get_one(Connection, who)
            (seen,) = readings.as_seen(meters, connection, supplier)
            assert (seen.known_milli, seen.known_on, seen.last_year_milli) == (None, None, None)
            assert seen.sent_milli == sent_milli and seen.sent_id is not None
            assert len(readings.sent(connection, supplier, PERIOD)) == count


def test_what_became_of_a_reading(app, home, hold, send):
    who = hold()
    taken = send(who, 2128).readings[0]

    def fate() -> reading_history.Sent:
        with app.app_context():
            (line,) = readings.sent(db.session.get_one(Connection, who), app.extensions["suppliers"]["perm"], PERIOD)
        assert line.sent is not None and line.consumed_milli == 128_000
        return line.sent

    assert (fate().number, fate().dispatched_at, fate().fate) == (taken.id, None, "taken")
    with app.app_context(), unit_of_work():
        left = Dispatch(supplier="perm", kind="readings", number=1, rows=1, total=1, digest="x" * 64, made_at=clock.now())
        db.session.add(left)
        db.session.flush()
        db.session.get_one(SentReading, taken.id).dispatch_id = left.id
    assert fate().dispatched_at is not None and fate().fate == "dispatched"
    tell(app, NUMBER, reading("2026-11-20", 2128))
    assert fate().fate == "booked"
    tell(app, NUMBER, ReadingVerdict(number=taken.id, verdict="rejected", reason="пломба"))
    assert (fate().fate, fate().reason) == ("rejected", "пломба")
    tell(app, NUMBER, ReadingVerdict(number=taken.id, verdict="accepted"))
    assert fate().fate == "booked", "the newest registry speaks"


def test_what_the_supplier_rejected_is_sent_again(app, home, hold, send):
    """The same value too: a new reading in place of the rejected one, which has another answer to come."""
    who = hold(answer=True)
    first = send(who, 2128).readings[0].id
    tell(app, NUMBER, ReadingVerdict(number=first, verdict="rejected", reason="пломба"))
    with app.app_context():
        (meter,) = readings.meters_now(home, PERIOD, TODAY)
    assert (meter.is_sent, meter.sent_rejected, meter.sent_reason, meter.sent_milli) == (False, True, "пломба", 2_128_000)
    again = send(who, 2128, shown_id=None)
    assert again.readings[0].id != first and not again.notes
    with app.app_context():
        assert [(row.value_milli, row.replaces_id, row.replaced_at is None) for row in kept()] == [
            (2_128_000, None, False),
            (2_128_000, first, True),
        ]
        assert len(db.session.scalars(db.select(Outgoing)).all()) == 2
        (meter,) = readings.meters_now(home, PERIOD, TODAY)
    assert meter.is_sent and not meter.sent_reason
    tell(app, NUMBER, ReadingVerdict(number=first, verdict="accepted"))
    with app.app_context():
        assert readings.meters_now(home, PERIOD, TODAY)[0].is_sent


def test_an_overestimate_is_no_dead_end(app, home, hold, send):
    tell(app, NUMBER, reading("2026-11-01", 2500, "estimate"))
    who = hold()
    with pytest.raises(NotAccepted) as doubt:
        send(who, 2128)
    assert doubt.value.may_be_confirmed
    taken = send(who, 2128, confirmed=tuple(finding.key for finding in doubt.value.findings)).readings[0]
    assert (taken.value_milli, taken.consumed_milli, taken.rolled_over) == (2_128_000, None, False)


def test_another_user_s_reading_is_replaced_knowingly(app, home, hold, send):
    one, other = hold(), hold("b@example.ru")
    send(one, 2128)
    with pytest.raises(NotAccepted) as doubt:
        send(other, 2130)
    (finding,) = doubt.value.findings
    assert (finding.name, finding.strength) == ("other_user", "confirm")
    send(other, 2130, confirmed=(finding.key,))
    with app.app_context():
        assert [row.replaced_at is None for row in kept()] == [False, True]
        assert len({row.user_id for row in kept()}) == 2


def test_the_blind_replace_nothing_of_another_user_s(app, region, hold, send):
    """A stranger who knows the number of the account cannot spoil what stands; what was rejected, anybody may mend."""
    number = "018000001"
    region("sever-tyumen", number)
    tell(app, number, reading("2026-10-20", 2000), supplier="sever-tyumen")
    blind = {"number": number, "supplier": "sever-tyumen", "access": "basic"}
    holder, stranger = hold(**blind), hold("b@example.ru", **blind)
    first = send(holder, 2001).readings[0].id
    for value in (2001, 2002, 1):
        with pytest.raises(NotAccepted) as refusal:
            send(stranger, value)
        assert [finding.name for finding in refusal.value.findings] == ["other_user"]
        assert not refusal.value.may_be_confirmed
    assert send(holder, 2003).readings, "one's own is corrected as before"
    with app.app_context():
        last = kept()[-1].id
        assert [row.replaces_id for row in kept()] == [None, first]
    tell(app, number, ReadingVerdict(number=last, verdict="rejected"), supplier="sever-tyumen")
    assert send(stranger, 2002).readings


def test_the_price_is_of_the_last_line_charged_by_the_meter(app, home):
    by = {"line": 1, "service": "Газ", "volume_milli": 1, "sum_kop": 1}
    tell(app, NUMBER, Charge(period=202611, method="average", price_kop=900_000, **by))
    with app.app_context():
        assert readings.price(home) == readings.Price(769_000, 0)
    tell(app, NUMBER, Charge(period=202611, method="meter", price_kop=831_203, coefficient_micro=1_083_200, **by))
    with app.app_context():
        assert readings.price(home) == readings.Price(831_203, 1_083_200)


def test_no_price_where_the_meters_are_charged_by_different_ones(app, home):
    by = {"service": "Газ", "volume_milli": 1, "sum_kop": 1, "method": "meter"}
    lines = [Charge(line=line, period=202611, price_kop=kop, **by) for line, kop in ((1, 769_000), (2, 769_000))]
    tell(app, NUMBER, *lines)
    with app.app_context():
        assert readings.price(home) == readings.Price(769_000, 0)
    lines = [Charge(line=line, period=202611, price_kop=kop, **by) for line, kop in ((1, 769_000), (2, 831_203))]
    tell(app, NUMBER, *lines)
    with app.app_context():
        assert readings.price(home) is None


def test_who_wants_to_be_told_is_told(app, home, hold, send):
    send(hold(answer=True), 2128)
    with app.app_context():
        (promised,) = db.session.scalars(db.select(Outgoing)).all()
        assert promised.kind == "reading-accepted"


def test_many_at_once_leave_one_standing_and_a_whole_chain(app, home, hold):
    """Every one of them has seen the form before anybody sent."""
    who = hold()

    def send_one(index: int) -> object:
        connection = db.session.get_one(Connection, who)
        visitor = Visitor("192.0.2.1", "test", app.extensions["entry_rules"], connection.user)
        entered = Entered(meter_id, (2100 + index) * 1000)
        return readings.accept(visitor, connection, app.extensions["suppliers"]["perm"], [entered])

    with app.app_context():
        meter_id = readings.meters_now(home, PERIOD, TODAY)[0].meter_id
    outcomes = together(app, send_one)
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 1
    doubts = [outcome for outcome in outcomes if isinstance(outcome, NotAccepted)]
    assert len(doubts) == len(outcomes) - 1, "the others are asked"
    assert {finding.name for doubt in doubts for finding in doubt.findings} == {"other_browser"}
    with app.app_context():
        assert len(kept()) == 1


def test_the_same_pressed_many_times_at_once_is_one_reading(app, home, hold):
    who = hold()
    with app.app_context():
        meter_id = readings.meters_now(home, PERIOD, TODAY)[0].meter_id

    def press(_index: int) -> object:
        connection = db.session.get_one(Connection, who)
        visitor = Visitor("192.0.2.1", "test", app.extensions["entry_rules"], connection.user)
        return readings.accept(visitor, connection, app.extensions["suppliers"]["perm"], [Entered(meter_id, 2_128_000)])

    outcomes = together(app, press)
    assert {outcome.readings[0].id for outcome in outcomes} == {outcomes[0].readings[0].id}
    with app.app_context():
        assert len(kept()) == 1


def test_corrections_at_once_lose_nothing(app, home, hold):
    """A supplier who does not ask: each replaces the one before it, none is lost."""
    who = hold()
    perm = app.extensions["suppliers"]["perm"]
    careless = replace(perm, checks=replace(perm.checks, other_browser="off"))
    with app.app_context():
        meter_id = readings.meters_now(home, PERIOD, TODAY)[0].meter_id

    def correct(index: int) -> object:
        connection = db.session.get_one(Connection, who)
        visitor = Visitor("192.0.2.1", "test", app.extensions["entry_rules"], connection.user)
        return readings.accept(visitor, connection, careless, [Entered(meter_id, (2100 + index) * 1000)])

    outcomes = together(app, correct)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    with app.app_context():
        rows = kept()
        assert len(rows) == len(outcomes)
        assert [row.replaces_id for row in rows] == [None, *(row.id for row in rows[:-1])]
        assert [row.replaced_at is None for row in rows] == [False] * (len(rows) - 1) + [True]


def test_the_index_is_the_rule(app, home, hold, send):
    """Even a writer that takes no turn cannot leave two standing."""
    first = send(hold(), 2128).readings[0]
    with app.app_context(), unit_of_work(), pytest.raises(Refused, match="в другом окне"):
        twin = {column.name: getattr(first, column.name) for column in SentReading.__table__.columns if column.name != "id"}
        with readings.one_standing():
            db.session.add(SentReading(**twin))
