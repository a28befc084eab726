"""Who is told of what, by which contact: defaults, choices, what cannot be switched off, one row of the outbox a contact."""

from datetime import timedelta

import pytest

from mygas import clock
from mygas.domain import access_letters, letters, notices, outbox
from mygas.domain.letters import note_letter
from mygas.domain.notices import CHOOSABLE, EVENTS, News
from mygas.domain.wording import Words, addressee
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import NoticeChoice, Outgoing, User

PHONE, EMAIL = "+79123456789", "ivanov@example.ru"


@pytest.fixture
def user(app):
    """A user with a phone for a login and a second contact; the app's context stays open."""
    with app.app_context():
        yield put(PHONE, "phone", second_login=EMAIL, second_channel="email", second_confirmed_at=clock.now())


def put(login: str, channel: str, **more: object) -> User:
    with unit_of_work():
        user = User(login=login, channel=channel, password_hash="x", entry="", created_at=clock.now(), **more)
        db.session.add(user)
    return user


def tell(user: User, event: str, key: str = "k") -> dict[str, str]:
    """Keys of the promises and which contact each is for."""
    with unit_of_work():
        notices.tell(user.id, event, "note", key, {"note": "new-device"}, expires_at=clock.now() + timedelta(hours=1))
    rows = db.session.scalars(db.select(Outgoing).order_by(Outgoing.id)).all()
    assert all(outbox.payload(row)["user"] == user.id for row in rows)
    return {row.key: outbox.payload(row)["contact"] for row in rows}


def choose(user: User, **wanted: bool) -> None:
    """`choose(…, payment_second=True)`: that, and nothing else, differs from the default."""
    named = {tuple(name.rsplit("_", 1)): value for name, value in wanted.items()}
    with unit_of_work():
        notices.choose(user.id, named)  # type: ignore[arg-type]


@pytest.mark.parametrize("event", EVENTS)
def test_by_default_the_login_hears_of_all_and_the_second_contact_of_what_is_mandatory(user, event):
    second = EVENTS[event].mandatory and event != "pin"
    assert tell(user, event) == ({"k": "login", "k:second": "second"} if second else {"k": "login"})


@pytest.mark.parametrize("event", EVENTS)
def test_who_has_no_second_contact_is_told_once(app, event):
    with app.app_context():
        assert tell(put("lone@example.ru", "email"), event) == {"k": "login"}


def test_a_choice_is_kept_where_it_differs_and_goes_with_a_new_one(user):
    choose(user, payment_second=True, reading_login=False, support_login=True)
    rows = db.session.scalars(db.select(NoticeChoice)).all()
    assert {(row.event, row.contact, row.wanted) for row in rows} == {("payment", "second", True), ("reading", "login", False)}
    assert notices.choices(user.id)["payment", "second"] is True
    assert tell(user, "payment") == {"k": "login", "k:second": "second"}
    choose(user)
    assert db.session.scalars(db.select(NoticeChoice)).all() == []


def test_the_only_contact_wanted_has_the_key_itself(user):
    """Whoever looks whether the key was promised (the planner of reminders) must find it."""
    choose(user, reminder_login=False, reminder_second=True)
    assert tell(user, "reminder") == {"k": "second"}
    assert outbox.is_promised("k")


def test_who_wants_nothing_is_promised_nothing(user):
    choose(user, reading_login=False)
    assert tell(user, "reading") == {}


def test_what_is_mandatory_cannot_be_switched_off(user):
    with unit_of_work():
        notices.choose(user.id, {(name, contact): False for name in EVENTS for contact in notices.CONTACTS})
        db.session.add(NoticeChoice(user_id=user.id, event="access", contact="login", wanted=False))  # and be it forged
    assert {name for name, _ in CHOOSABLE}.isdisjoint({"sign-in", "login", "access", "pin"})
    assert tell(user, "access") == {"k": "login", "k:second": "second"}


def test_who_is_gone_is_promised_nothing(user):
    with unit_of_work():
        db.session.execute(db.update(User).values(disabled_at=clock.now()))
    assert tell(user, "payment") == {}


def test_many_are_asked_about_in_one_statement(app, user):
    seen = []
    db.event.listen(db.engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    others = [put(f"{number}@example.ru", "email") for number in range(20)]
    seen.clear()
    with unit_of_work():
        news = [News(one.id, f"k{one.id}", {}) for one in [user, *others]]
        notices.tell_all("payment", "note", news, expires_at=clock.now())
        assert len([one for one in seen if one.startswith("SELECT")]) == 1, seen
    assert db.session.scalar(db.select(db.func.count()).select_from(Outgoing)) == 21


def test_a_letter_goes_to_the_contact_as_it_is_when_it_is_written(user):
    payload = {"user": user.id, "contact": "second", "note": "password-changed", "at": "2026-11-21T12:00:00+00:00"}
    letter = note_letter(payload, "https://gas.example")
    assert letter is not None
    assert (letter.to, letter.channel, letter.user_id) == (EMAIL, "email", user.id)
    short = note_letter({**payload, "contact": "login"}, "https://gas.example")
    assert short is not None
    assert (short.to, short.channel) == (PHONE, "phone")
    assert len(short.text) <= 70
    with unit_of_work():
        db.session.execute(db.update(User).values(second_login=None, second_channel=None, second_confirmed_at=None))
    db.session.expire_all()
    assert note_letter(payload, "https://gas.example") is None


def test_one_text_two_shapes(user):
    words = Words("О чём", "Коротко", "Длинно.", kept="Без тайны")
    letters = [words.to(found) for which in notices.CONTACTS if (found := addressee(user, {"contact": which}))]
    assert [(one.channel, one.text, one.kept) for one in letters] == [
        ("phone", "Коротко", "Без тайны"),
        ("email", "Здравствуйте!\n\nДлинно.\n\nSmorodina, портал «Мой газ»\n", "Без тайны"),
    ]


@pytest.mark.parametrize(
    "short", [*(one[1] for one in letters._NOTES.values()), *(one[1] for one in access_letters._NEWS.values())]
)
def test_a_short_message_is_one_part(short):
    assert len(short.format(tail="0001")) <= 70
