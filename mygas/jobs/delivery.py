"""Delivering one row of the outbox: claim it, do the work outside of any transaction, settle it. Every step may be repeated."""

import logging
import os
import socket
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

from mygas import clock
from mygas.domain import (
    access_letters,
    announcement_letters,
    letters,
    messages,
    order_letters,
    outbox,
    own_letters,
    reading_letters,
    ticket_letters,
)
from mygas.domain.wording import Letter
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways import Gateways, TryLater, Undeliverable
from mygas.jobs import my_data, receipts
from mygas.models import Outgoing

_log = logging.getLogger("mygas.jobs")
_app: Flask | None = None
_HERE = socket.gethostname()[:40]

COMPOSERS: dict[str, Callable[[dict[str, Any], str], Letter | None]] = {
    "confirmation": letters.confirmation_letter,
    "note": letters.note_letter,
    "login-changed": own_letters.login_changed_letter,
    "second-contact": own_letters.second_contact_letter,
    "farewell": own_letters.farewell_letter,
    "pin": letters.pin_letter,
    "pin-refused": letters.pin_refused_letter,
    "newcomer": letters.newcomer_letter,
    "access-news": access_letters.access_letter,
    "order-news": order_letters.order_letter,
    "reading-accepted": reading_letters.accepted_letter,
    "reading-verdict": reading_letters.verdict_letter,
    "announcement": announcement_letters.announcement_letter,
    "reading-reminder": reading_letters.reminder_letter,
    "ticket-accepted": ticket_letters.accepted_letter,
    "ticket-answered": ticket_letters.answered_letter,
    "ticket-copy": ticket_letters.copy_letter,
}
WORKS: dict[str, Callable[[dict[str, Any]], None]] = {"receipt": receipts.make, "my-data": my_data.make}
"""Promises that are no letters: each takes its payload, opens its own units of work, and may be called twice."""


def serve(app: Flask) -> None:
    """The app for which this process delivers; rq calls `deliver_by_rq` with nothing but an id."""
    global _app  # noqa: PLW0603 - rq finds functions by name, so the process has one app
    _app = app


def deliver_by_rq(row_id: int) -> str:
    """What rq runs: an id in, a state out; the payload never passes through Redis."""
    assert _app is not None, "serve() was not called"  # noqa: S101 - a mistake of ours, not of the input
    with _app.app_context():
        return deliver(row_id)


def deliver(row_id: int) -> str:
    """Deliver the row if it is due and free. Returns `taken` (not ours), `done`, `ready` (will be retried) or `dead`."""
    letter = None
    owner = f"{_HERE}:{os.getpid()}:{os.urandom(4).hex()}"
    with unit_of_work():
        row = outbox.claim(row_id, owner)
    if row is None:
        return "taken"
    try:
        if row.expires_at <= clock.now():
            raise Undeliverable("too late: there is no point in it any more")
        if work := WORKS.get(row.kind):
            _work(work, row)
        else:
            letter = _write_and_send(row)
    except TryLater as error:
        return _failed(row, owner, error, for_good=False)
    except Exception as error:
        if not isinstance(error, Undeliverable):
            _log.exception("delivery failed", extra={"row": row.id, "kind": row.kind})
        return _failed(row, owner, error, for_good=isinstance(error, Undeliverable))
    with unit_of_work():
        if outbox.done(row, owner) and letter is not None:
            messages.keep(letter, row.key)
    return "done"


def release_what_the_dead_hold() -> int:
    """A worker that was killed on this machine need not be waited for till its lease runs out. Returns how many rows it held."""
    with unit_of_work():
        return sum(outbox.release(owner) for owner in outbox.holders() if _is_dead(owner))


def _is_dead(owner: str) -> bool:
    here, pid, _ = owner.rsplit(":", 2)
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return here == _HERE
    except PermissionError:  # somebody else's process lives under that number
        return False
    return False


def _work(work: Callable[[dict[str, Any]], None], row: Outgoing) -> None:
    told = outbox.payload(row)
    db.session.rollback()
    work(told)


def _write_and_send(row: Outgoing) -> Letter | None:
    letter = COMPOSERS[row.kind](outbox.payload(row), current_app.extensions["settings"].public_url)
    key = row.key
    db.session.rollback()  # no transaction is open while the gateway is asked; reading the row again would begin one
    if letter is not None:
        _send(current_app.extensions["gateways"], letter, key)
    return letter


def _send(gateways: Gateways, letter: Letter, key: str) -> None:
    if letter.channel == "phone":
        gateways.sms.send(letter.to, letter.text, key)
    else:
        gateways.mail.send(letter.to, letter.subject, letter.text, key)


def _failed(row: Outgoing, owner: str, error: Exception, *, for_good: bool) -> str:
    with unit_of_work():
        state = outbox.failed(row, owner, f"{type(error).__name__}: {error}", for_good=for_good)
    if state == "dead":
        _log.error("an outbox row is dead", extra={"row": row.id, "kind": row.kind})
    return state
