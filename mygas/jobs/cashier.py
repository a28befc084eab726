"""The cashier: asks the acquirer of every payment and refund that is due, until he has said how it ended."""

import logging
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from mygas import clock
from mygas.domain import ledger, limits, paying, reconciling, refunds, restorations
from mygas.domain.paying import Till
from mygas.domain.work import unit_of_work
from mygas.extensions import db

EVERY = 1.0  # seconds
NIGHTLY = 2  # the hour (UTC) from which yesterday may be compared: what was open at midnight is over by then

_log = logging.getLogger("mygas.jobs")


def till_of(app: Flask) -> Till | None:
    """None where nothing is paid through the portal."""
    bank = app.extensions["gateways"].bank
    return Till(bank, app.extensions["suppliers"], app.extensions["settings"].public_url) if bank else None


def round_of(app: Flask) -> int:
    """Ask of all that is due; how many were asked of here. One that goes wrong does not keep the others waiting."""
    till = till_of(app)
    if till is None:
        return 0
    payments, returns = paying.due(till.acquirer.name), refunds.due(till.acquirer.name)
    db.session.rollback()  # no transaction is open while the acquirer is asked
    asked = [_ask(paying.refresh_due, order_id, till) for order_id in payments]
    return sum(asked + [_ask(refunds.carry_out, refund_id, till) for refund_id in returns])


def reconcile(app: Flask) -> int:
    """Compare what is left, through yesterday, with the acquirer's register, once a night; how many days were compared now."""
    till, now = till_of(app), clock.now()
    if till is None or now.hour < NIGHTLY:
        return 0
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    left = reconciling.left(till.acquirer.name, midnight)
    db.session.rollback()
    for day in left:
        reconciling.reconcile(till, day)
    return len(left)


def look_back(app: Flask) -> int:
    """After a restore, at once: compare the time that the database has lost with the acquirer's register; how many days it was.

    What was paid in it and is not known here becomes a difference at the desk. Days that were compared when the bank fell silent
    are not compared again.
    """
    till, restored = till_of(app), restorations.to_compare()
    if till is None or restored is None:
        return 0
    days = reconciling.lost(till.acquirer.name, restored.made_at, restored.restored_at)
    generation = restored.generation
    db.session.rollback()
    for day in days:
        reconciling.reconcile(till, day)
    with unit_of_work():
        restorations.note_compared(generation)
    return len(days)


def check_books(_app: Flask) -> None:
    """Once a night: whatever should never be in the ledger, and is, is an error each."""
    now = clock.now()
    if now.hour < NIGHTLY:
        return
    with unit_of_work():
        first = limits.hit("books-checked", f"{now:%Y-%m-%d}", per=timedelta(days=1)).count == 1
    for violation in ledger.invariants() if first else ():
        _log.error("the books are wrong", extra={"violation": violation})
    db.session.rollback()


def _ask(question: Callable[[int, Till], object | None], row_id: int, till: Till) -> bool:
    try:
        return question(row_id, till) is not None
    except Exception:
        _log.exception("a question to the acquirer failed", extra={"question": question.__name__, "row": row_id})
        return False
