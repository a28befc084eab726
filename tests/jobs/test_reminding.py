"""Messages about readings: time to send them, taken, booked or rejected; each once, at decent hours, to those who want them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from mygas import clock
from mygas.domain import outbox, reading_letters, reminders
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import housekeeping, relay, reminding
from mygas.models import AccountCard, Connection, Meter, MeterCard, Outgoing, ReadingVerdict, Registry, SentReading, User
from tests.billing import hang, reading, tell
from tests.conftest import World
from tests.domain.test_reading_history import judged, known
from tests.exchange.sending import corrected, put, sent

EMAIL, PHONE = "ivanov@example.ru", "+79123456789"


@pytest.fixture(autouse=True)
def noon():
    with at("2026-11-21T12:00"):
        yield


@pytest.fixture
def account(app: Flask, region):
    with app.app_context():
        yield region("perm", "59000001")


@pytest.fixture
def connect(account: int) -> Callable[..., int]:
    """A user's live connection to the account, who wants all messages; the user's id."""

    def connect(login: str = EMAIL, **other: object) -> int:
        channel = "phone" if login.startswith("+") else "email"
        user = User(login=login, channel=channel, password_hash="", created_at=clock.now())
        put(user)
        wanted = {"account_id": account, "remind": True, "answer": True, "slot": 1, **other}
        put(Connection(user_id=user.id, supplier="perm", created_at=clock.now(), **wanted))
        return user.id

    return connect


def at(text: str) -> time_machine.travel:
    """That moment in Пермь, which is five hours ahead of UTC."""
    return time_machine.travel(datetime.fromisoformat(f"{text}+05:00"), tick=False)


def remind(app: Flask) -> int:
    db.session.rollback()
    return reminding.remind(app)


def outbox_keys() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Outgoing.key).order_by(Outgoing.id)))


@pytest.mark.parametrize(
    ("moment", "which"),
    [
        ("2026-11-17T12:00", None),
        ("2026-11-18T08:59", None),
        ("2026-11-18T09:00", "opens"),
        ("2026-11-19T19:59", "opens"),
        ("2026-11-19T20:00", None),
        ("2026-11-20T12:00", None),
        ("2026-11-25T12:00", None),
        ("2026-11-26T12:00", "closes"),
        ("2026-11-28T19:00", "closes"),
        ("2026-11-29T12:00", None),
    ],
)
def test_people_are_reminded_when_the_window_opens_and_before_it_closes(app, connect, moment, which):
    """Пермь takes readings from the 18th to the 28th."""
    connect()
    with at(moment):
        assert remind(app) == (1 if which else 0)
    mine = db.session.scalar(db.select(Connection.id))
    assert outbox_keys() == ([f"reading-reminder:{mine}:202611:{which}"] if which else [])


def test_each_reminder_is_sent_once(app, world: World, connect):
    connect()
    for day, hours in ((18, (9, 10, 19)), (19, (9, 19)), (26, (9, 15)), (27, (9,)), (28, (9,))):
        for hour in hours:
            with at(f"2026-11-{day}T{hour:02d}:00"):
                housekeeping.round_of(app)
                relay.round_of(app)
    assert [message["subject"] for message in world.sent] == ["Пора передать показания"] * 2
    assert "до 28.11.2026 включительно" in world.sent[0]["text"] and "59000001" in world.sent[0]["text"]


def test_who_has_sent_since_the_reminder_was_planned_hears_nothing(app, world: World, account, connect):
    connect()
    with at("2026-11-26T12:00"):
        assert remind(app) == 1
        sent(account, 1000)
        relay.round_of(app)
    assert world.sent == []


@pytest.mark.parametrize("comes", ["sent", "known", "rejected"])
def test_of_two_meters_one_is_enough_to_be_reminded(app, world: World, account, connect, comes):
    """Planned while none had come, and still sent when that of one meter has; what was rejected has not come."""
    connect()
    hang(app, "59000001", "777")
    with at("2026-11-26T12:00"):
        assert remind(app) == 1
        if comes == "known":
            tell(app, "59000001", reading("2026-11-25", 1, "inspector"))
        else:
            number = sent(account, 1000)
        if comes == "rejected":
            other = db.session.scalars(db.select(Meter.id).where(Meter.serial == "777")).one()
            sent(account, 2000, meter_id=other)
            judged(account, number, "rejected")
        relay.round_of(app)
    assert [message["subject"] for message in world.sent] == ["Пора передать показания"]


def test_who_sent_for_all_meters_since_hears_nothing(app, world: World, account, connect):
    connect()
    other = hang(app, "59000001", "777")
    with at("2026-11-26T12:00"):
        assert remind(app) == 1
        sent(account, 1000)
        sent(account, 2000, meter_id=other)
        relay.round_of(app)
    assert world.sent == []


def test_a_rejected_reading_is_reminded_of(app, account, connect):
    connect()
    number = sent(account, 1000)
    judged(account, number, "rejected", "пломба сорвана")
    with at("2026-11-26T12:00"):
        assert remind(app) == 1
        judged(account, number, "accepted")
    with at("2026-11-18T12:00"):
        assert remind(app) == 0, "the newest registry speaks"


def test_verdicts_wait_for_decent_hours(app, world: World, account, connect):
    number = sent(account, 1000, user_id=connect())
    judged(account, number, "accepted")
    for moment, told in (("2026-11-21T20:00", 0), ("2026-11-22T03:00", 0), ("2026-11-22T08:59", 0), ("2026-11-22T09:00", 1)):
        with at(moment):
            assert reminding.tell_verdicts(app) == told, moment
            relay.round_of(app)
            assert len(world.sent) == told


@pytest.mark.parametrize("why", ["sent", "known", "no wish", "ended", "no meter", "taken off", "closed"])
def test_who_need_not_be_reminded_is_not(app, account, connect, why):
    connect(remind=why != "no wish")
    changes = {
        "ended": db.update(Connection).values(ended_at=clock.now(), slot=None),
        "no meter": db.delete(MeterCard),
        "taken off": db.update(MeterCard).values(state="Снят 01.02.2026"),
        "closed": db.update(AccountCard).values(closed=True),
    }
    if why == "sent":
        corrected(sent(account, 1000), 2000)
    elif why == "known":
        known(account, (date(2026, 11, 18), 1000, "inspector"))
    elif why in changes:
        with unit_of_work():
            db.session.execute(changes[why])
    with at("2026-11-26T12:00"):
        assert remind(app) == 0
    assert outbox_keys() == []


def test_an_estimate_or_an_older_reading_keeps_nobody_from_being_reminded(app, account, connect):
    connect()
    known(account, (date(2026, 11, 17), 1000, "subscriber"), (date(2026, 11, 20), 1100, "estimate"))
    sent(account, 900, period=202610, taken_on=date(2026, 10, 20))
    with at("2026-11-26T12:00"):
        assert remind(app) == 1


def test_a_reminder_costs_few_statements_however_many_want_it(app, account, connect, monkeypatch):
    """Pages of connections: what is asked of the database grows with the pages, not with the people."""
    for index in range(7):
        connect(f"u{index}@example.ru")
    monkeypatch.setattr(reminders, "PAGE", 3)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    with at("2026-11-26T12:00"):
        assert remind(app) == 7
        reading = [statement for statement in asked if statement.startswith("SELECT")]
        assert len(reading) <= 4 * 3, reading
        assert remind(app) == 0
    assert len(set(outbox_keys())) == 7


def test_answers_fit_one_sms(app, world: World, account, connect):
    with at("2026-11-26T12:00"):
        user = connect(PHONE)
        mine = db.session.scalars(db.select(Connection)).one()
        one = sent(account, 999_999_999_999, user_id=user, period=202610)
        other = sent(account, 1000, user_id=user, period=202609)
        for numbers in ([one], [one, other]):
            with unit_of_work():
                reading_letters.promise_accepted(mine, [db.session.get_one(SentReading, number) for number in numbers])
        judged(account, one, "rejected", "пломба сорвана")
        judged(account, other, "accepted")
        reminding.tell_verdicts(app)
        remind(app)
        relay.round_of(app)
    texts = [message["text"] for message in world.sent]
    assert texts == [
        "Счёт …0001: принято 999999999,999 м³. Smorodina",
        "Счёт …0001: принято показаний: 2. Smorodina",
        "Счёт …0001: 999999999,999 м³ не учтено, причина в кабинете. Smorodina",
        "Счёт …0001: 1 м³ учтено. Smorodina",
        "Счёт …0001: передайте показания до 28.11.2026. Smorodina",
    ]
    assert all(len(text) <= 70 for text in texts)


def test_the_answer_to_readings_is_promised_once_and_only_to_who_wants_it(app, world: World, account, connect):
    user = connect()
    mine = db.session.scalars(db.select(Connection)).one()
    first, second = sent(account, 1000, user_id=user), sent(account, 2500, period=202612, user_id=user)
    for _ in range(2):
        with unit_of_work():
            both = db.session.scalars(db.select(SentReading).order_by(SentReading.id)).all()
            reading_letters.promise_accepted(mine, both)
    relay.round_of(app)
    (answer,) = world.sent
    assert answer["subject"] == "Показания приняты" and f"№ {first}: прибор 0123456, 20.11.2026, 1 м³" in answer["text"]
    assert f"№ {second}" in answer["text"] and "2,5 м³" in answer["text"]
    with unit_of_work():
        mine.answer = False
        third = SentReading(id=99)
        reading_letters.promise_accepted(mine, [third])
    assert len(outbox_keys()) == 1


def test_what_the_supplier_said_is_told_once(app, world: World, account, connect):
    user = connect()
    connect("stranger@example.ru")
    number = sent(account, 1000, user_id=user)
    judged(account, number, "rejected", "пломба сорвана")
    assert (reminding.tell_verdicts(app), reminding.tell_verdicts(app)) == (1, 0)
    relay.round_of(app)
    judged(account, number, "accepted")
    assert reminding.tell_verdicts(app) == 1
    relay.round_of(app)
    assert [(message["to"], message["subject"]) for message in world.sent] == [
        (EMAIL, "Показание отклонено"),
        (EMAIL, "Показание учтено"),
    ]
    assert "Причина: пломба сорвана." in world.sent[0]["text"]
    assert all(registry.told_at for registry in db.session.scalars(db.select(Registry)))


def test_a_reading_that_comes_back_is_told_of_as_booked_and_once(app, world: World, account, connect):
    user = connect()
    number = sent(account, 1_226_400, user_id=user)
    loaded(account, date(2026, 11, 20), 1_226_400)
    assert reminding.tell_verdicts(app) == 1
    judged(account, number, "accepted")
    loaded(account, date(2026, 11, 21), 1_226_400)
    assert reminding.tell_verdicts(app) == 0, "that is known already"
    relay.round_of(app)
    assert [message["subject"] for message in world.sent] == ["Показание учтено"]


def loaded(account: int, day: date, milli: int) -> None:
    """A registry with one reading of the subscriber, which says so in its tally."""
    known(account, (day, milli, "subscriber"))
    with unit_of_work():
        db.session.scalars(db.select(Registry).order_by(Registry.id.desc())).first().rows = {"readings": 1}


def test_a_killed_telling_goes_on_where_it_was(app, account, connect, monkeypatch):
    for index in range(5):
        user = connect(f"u{index}@example.ru")
        number = sent(account, 1000, user_id=user, period=202601 + index)
        known_registry = judged(account, number, "accepted")
    with unit_of_work():
        db.session.execute(db.update(ReadingVerdict).values(registry_id=known_registry))
    monkeypatch.setattr(reminders, "PAGE", 2)
    real, told = reading_letters.promise_verdicts, []

    def dies_at_the_second_page(page: object) -> None:
        real(page)
        if told:
            raise KeyboardInterrupt
        told.append(page)

    monkeypatch.setattr(reading_letters, "promise_verdicts", dies_at_the_second_page)
    with pytest.raises(KeyboardInterrupt):
        reminding.tell_verdicts(app)
    db.session.rollback()
    monkeypatch.setattr(reading_letters, "promise_verdicts", real)
    assert reminding.tell_verdicts(app) == 3
    assert len(set(outbox_keys())) == 5


def test_a_reminders_key_outlives_every_moment_at_which_it_may_be_planned():
    assert timedelta(days=max(reminders.FIRST_DAYS, reminders.LAST_DAYS)) < outbox.KEEP_DONE
