"""Announcements by message: once to each whom they concern and who wants them, at decent hours, page by page."""

from datetime import datetime, timedelta

import pytest
import time_machine

from mygas import clock
from mygas.domain import announcement_letters, bulletins, operators
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import relay, reminding
from mygas.models import Bulletin, Connection, NoticeChoice, Operator, User
from tests.exchange.sending import put

EMAIL, PHONE = "ivanov@example.ru", "+79123456789"


@pytest.fixture(autouse=True)
def noon():
    with at("2026-11-21T12:00"):
        yield


def at(text):
    """That moment in Пермь, which is five hours ahead of UTC."""
    return time_machine.travel(datetime.fromisoformat(f"{text}+05:00"), tick=False)


@pytest.fixture
def owner(app, region):
    """A user with a live connection to an account of a supplier, in the extended version; his id."""
    with app.app_context():

        def connect(login, number, supplier="perm", **other):
            account = region(supplier, number)
            user = db.session.scalars(db.select(User).filter_by(login=login)).one_or_none()
            if user is None:
                channel = "phone" if login.startswith("+") else "email"
                put(user := User(login=login, channel=channel, password_hash="", created_at=clock.now()))
            slot = {"slot": int(number[-1]) or None}
            row = {"access": "extended", "proof": "pin", "extended_at": clock.now(), **slot, **other}
            put(Connection(user_id=user.id, account_id=account, supplier=supplier, created_at=clock.now(), **row))
            return user.id

        yield connect


def announce(app, **words):
    """Publish an announcement that is to be sent; its row."""
    known = app.extensions["suppliers"]
    with unit_of_work():
        author = db.session.scalars(db.select(Operator)).first()
        if author is None:
            operators.add("author", "Вера", list(known), "x")
            author = db.session.scalars(db.select(Operator)).one()
        told = {"supplier": "perm", "starts_at": None, "ends_at": None, "title": "Без газа завтра", "text": "С 9 до 17.", **words}
        one = bulletins.write(author, "", known, **{"tell": True, **told})
        bulletins.publish(author, "", one)
    return one


def sent(app, world):
    """Let the worker plan and deliver; whom something reached, in order."""
    world.sent.clear()
    db.session.rollback()
    reminding.announce(app)
    relay.round_of(app)
    return sorted(message["to"] for message in world.sent)


def test_each_user_is_told_once(app, owner, world):
    owner(EMAIL, "59000001"), owner(EMAIL, "59000002"), owner(PHONE, "59000003"), owner("y@example.ru", "100000000001", "yug")
    one = announce(app)
    assert sent(app, world) == [PHONE, EMAIL], "one message a user, however many accounts"
    letter = world.last(EMAIL)
    assert letter["subject"] == "Без газа завтра" and "С 9 до 17." in letter["text"] and "/announcements/" in letter["text"]
    assert world.last(PHONE)["text"] == "Мой газ: Без газа завтра"
    assert sent(app, world) == [] and db.session.get(Bulletin, one.id, populate_existing=True).told_at


def test_only_those_whom_it_concerns(app, owner, world):
    owner(EMAIL, "59000001")
    owner(PHONE, "59000002", access="basic", extended_at=None, proof="none")
    announce(app, prefix="г. Пермь, ул. Ленина")
    assert sent(app, world) == [EMAIL], "whoever may not know the address is not told it by a message"
    announce(app, prefix="г. Пермь, ул. Мира", title="Не здесь")
    assert sent(app, world) == []


def test_who_does_not_want_them_is_not_told(app, owner, world):
    put(NoticeChoice(user_id=owner(EMAIL, "59000001"), event="announcement", contact="login", wanted=False))
    announce(app)
    assert sent(app, world) == []


@pytest.mark.parametrize("words", [{"tell": False}, {"starts_at": "later"}])
def test_what_is_not_to_be_sent_now_waits(app, owner, world, words):
    owner(EMAIL, "59000001")
    announce(app, **{name: clock.now() + timedelta(hours=2) if value == "later" else value for name, value in words.items()})
    assert sent(app, world) == []


def test_nobody_is_woken_by_night(app, owner, world):
    owner(EMAIL, "59000001")
    with at("2026-11-22T03:00"):
        announce(app)
        assert sent(app, world) == []
    with at("2026-11-22T10:00"):
        assert sent(app, world) == [EMAIL]


def test_killed_half_way_it_goes_on_where_it_was(app, owner, world, monkeypatch):
    for number in range(1, 6):
        owner(f"u{number}@example.ru", f"5900000{number}")
    announce(app)
    monkeypatch.setattr(announcement_letters, "PAGE", 2)
    told = announcement_letters.notices.tell_all
    calls = iter((True, False))

    def dying(*args, **more):
        if not next(calls, True):
            raise KeyboardInterrupt
        told(*args, **more)

    monkeypatch.setattr(announcement_letters.notices, "tell_all", dying)
    with pytest.raises(KeyboardInterrupt):
        reminding.announce(app)
    monkeypatch.setattr(announcement_letters.notices, "tell_all", told)
    assert sent(app, world) == [f"u{number}@example.ru" for number in range(1, 6)]


def test_one_that_has_ended_meanwhile_is_not_delivered(app, owner, world):
    owner(EMAIL, "59000001")
    one = announce(app, ends_at=clock.now() + timedelta(hours=1))
    reminding.announce(app)
    with unit_of_work():
        bulletins.end(db.session.scalars(db.select(Operator)).one(), "", db.session.get(Bulletin, one.id))
    relay.round_of(app)
    assert world.sent == []
