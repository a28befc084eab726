"""What was sent stands in the archive of its user: once, without secrets, for a year."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from mygas import clock
from mygas.domain import messages, outbox, pin_requests
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways import TryLater
from mygas.jobs import delivery, housekeeping, relay
from mygas.models import Account, Connection, Message, Operator, Outgoing, PinRequest, User
from tests.browser import Browser
from tests.conftest import World

EMAIL, PHONE = "ivanov@example.ru", "+79123456789"


def archived(app: Flask) -> list[Message]:
    with app.app_context():
        return list(db.session.scalars(db.select(Message).order_by(Message.id)))


def warn(app: Flask, login: str = EMAIL) -> int:
    """Promise a warning to a user; the id of the row."""
    with app.app_context(), unit_of_work():
        channel = "email" if "@" in login else "phone"
        user = User(login=login, channel=channel, password_hash="x", entry="", created_at=clock.now())
        db.session.add(user)
        db.session.flush()
        payload = {"note": "new-device", "user": user.id, "at": clock.now().isoformat()}
        row = outbox.promise("note", f"device:{user.id}", payload, expires_at=clock.now() + timedelta(hours=1))
        db.session.flush()
        return row.id


def test_a_message_is_kept_as_it_was_sent(app: Flask, world: World) -> None:
    for login in (EMAIL, PHONE):
        with app.app_context():
            delivery.deliver(warn(app, login))
    letter, short = archived(app)
    assert (letter.channel, letter.masked, letter.subject) == ("email", "i***@example.ru", "Вход с нового устройства")
    assert (short.channel, short.masked, short.subject) == ("phone", "+7 912 ***-**-89", "Вход с нового устройства")
    assert [one.text for one in (letter, short)] == [message["text"] for message in world.sent]


def test_what_was_not_sent_is_not_kept(app: Flask, world: World) -> None:
    world.be_away(times=1)
    with app.app_context():
        assert delivery.deliver(warn(app)) == "ready"
    assert archived(app) == []


def test_delivered_twice_it_is_kept_once(app: Flask, world: World) -> None:
    """The first worker was taken for dead while the gateway kept it waiting, and both of them sent."""
    row_id = warn(app)
    deliver = world.deliver

    def slowly(**message: str) -> str:
        world.deliver = deliver  # type: ignore[method-assign]
        with time_machine.travel(clock.now() + 2 * outbox.LEASE):
            assert delivery.deliver(row_id) == "done"
        return deliver(**message)

    world.deliver = slowly  # type: ignore[method-assign]
    with app.app_context():
        delivery.deliver(row_id)
    assert len(world.sent) == 2
    assert len(archived(app)) == 1


def test_killed_between_sending_and_marking_it_is_kept_once(app: Flask, world: World) -> None:
    row_id = warn(app)
    deliver = world.deliver

    def and_die(**message: str) -> str:
        deliver(**message)
        raise TryLater("the answer was cut off")

    world.deliver = and_die  # type: ignore[method-assign]
    with app.app_context(), time_machine.travel(clock.now(), tick=False) as time:
        assert delivery.deliver(row_id) == "ready"
        world.deliver = deliver  # type: ignore[method-assign]
        time.shift(timedelta(seconds=outbox.BACKOFF[0]))
        assert delivery.deliver(row_id) == "done"
    assert len(world.sent) == 2
    assert len(archived(app)) == 1


@pytest.mark.settings(captcha="off")
def test_codes_links_and_pins_never_come_into_the_archive(app: Flask, connected: Callable[..., Browser], world: World) -> None:
    """The canary: every secret that was sent, looked for in all that is kept."""
    for login, number in ((EMAIL, "59000001"), (PHONE, "59000002")):
        connected(Browser(app.test_client()), login, number)
        Browser(app.test_client()).get("/recover/contact").submit(login=login)
        Browser(app.test_client()).get("/join/contact").submit(login=login, password="Gaz2026x", password2="Gaz2026x")
        ask_for_pin(app, number)
    with app.app_context():
        relay.round_of(app)
        assert {row.state for row in db.session.scalars(db.select(Outgoing))} == {"done"}
    sent = " ".join(message["text"] for message in world.sent)
    secrets = set(re.findall(r"\b[0-9]{6}\b|/confirm/\S+|(?<=\n)\w{5,12}(?=\n\nВойдите)|\w+(?= — ПИН)", sent))
    assert len(secrets) == 2 * 4, "of each login: a code of joining, one of recovery, a PIN; two links of the letters"
    kept = archived(app)
    text = " ".join(f"{one.subject} {one.text}" for one in kept)
    assert {secret for secret in secrets if secret in text} == set()
    assert text.count("Код подтверждения отправлен на") == 2, "of recovery; who joined was no user when his code came"
    assert len([one for one in kept if "ПИН-код по лицевому счёту" in one.text]) == 2
    assert len([one for one in kept if one.subject == "Вы уже зарегистрированы"]) == 2


def ask_for_pin(app: Flask, number: str) -> None:
    """The user of that account asked, and an operator approved."""
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection).join(Account).where(Account.number == number)).one()
        operator = Operator(login=number, name="О", suppliers=["perm"], password_hash="x", totp=b"x", created_at=clock.now())
        asked = {"full_name": "И", "email": "", "phone": "", "created_at": clock.now()}
        request = PinRequest(user_id=mine.user_id, account_id=mine.account_id, supplier="perm", **asked)
        db.session.add_all([operator, request])
        db.session.flush()
        pin_requests.approve(request, operator, "")


def test_a_letter_to_who_is_no_user_is_not_kept(app: Flask, world: World) -> None:
    Browser(app.test_client()).get("/join/contact").submit(login=EMAIL, password="Gaz2026x", password2="Gaz2026x")
    with app.app_context():
        assert relay.round_of(app) == 1
    assert len(world.sent) == 1
    assert archived(app) == []


def test_after_a_year_it_is_gone(app: Flask) -> None:
    with app.app_context():
        delivery.deliver(warn(app))
        with time_machine.travel(clock.now() + messages.KEPT - timedelta(hours=1)):
            housekeeping.sweep(app)
        assert len(archived(app)) == 1
        with time_machine.travel(clock.now() + messages.KEPT + timedelta(hours=1)):
            housekeeping.sweep(app)
    assert archived(app) == []
