"""What the acquirer's answers do to an order. All of them end here: of a submission, a question, a callback, a register.

`leased` is the order's `ask_at` while the acquirer is asked: a notification that came meanwhile has moved it, and stands.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update

from mygas import clock
from mygas.acquiring import Declined, Told
from mygas.domain import differences, order_letters, orders
from mygas.domain.asking_times import EXPIRES, next_ask
from mygas.domain.orders import OPEN, PAID, move
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Order

_CLOCKS_APART = timedelta(days=1)  # his and ours, at most

_log = logging.getLogger("mygas.payments")


def told(order_id: int, answer: Told, source: str, leased: datetime | None) -> Order:
    """The acquirer knows the payment and says how it stands."""
    with unit_of_work():
        order = orders.hold(order_id)
        before = order.state
        settled = orders.settled(order)
        if not settled:
            _obey(order, answer, source)
        if settled or (order.state in PAID and answer.refunded_kop):  # nothing but a task: people decide
            differences.compare(order, answer)
        _note_fiscal(order, answer)
        order_letters.tell(order, before)
        waits = order.state in OPEN or answer.state == "pending" or order.fiscal == "pending"
        just_paid = order.state in PAID and before not in PAID
        _plan(order, leased, next_ask(order, clock.now(), just_paid=just_paid) if waits else None)
    return order


def refused(order_id: int, no: Declined, source: str) -> Order:
    """The acquirer will not have the payment: nothing was done."""
    return _never_was(order_id, "failed", source, reason=no.reason[:60])


def never_heard_of(order_id: int, source: str) -> Order:
    """The acquirer has no such payment, and the key under which it was begun has died."""
    return _never_was(order_id, "expired", source, reason="not-in-register")


def nothing(order_id: int, source: str, leased: datetime | None) -> Order:
    """No answer: whatever was asked for may or may not have been done."""
    with unit_of_work():
        order = orders.hold(order_id)
        if order.state == "submitting":
            move(order, "unknown", source=source)
        _plan(order, leased, next_ask(order, clock.now()))
    return order


def _never_was(order_id: int, to: str, source: str, *, reason: str) -> Order:
    with unit_of_work():
        order = orders.hold(order_id)
        before = order.state
        if before in ("submitting", "unknown"):
            move(order, to, source=source, reason=reason, ask_at=None)
            order_letters.tell(order, before)
    return order


def _obey(order: Order, answer: Told, source: str) -> None:
    if answer.state != "canceled" and (strange := difference(order, answer)):
        _put_aside(order, answer, source, strange)
    else:
        _DEEDS[answer.state](order, answer, source)


def _succeeded(order: Order, answer: Told, source: str) -> None:
    if order.state not in PAID:
        paid: dict[str, Any] = {"paid_at": paid_at(order, answer), "acquirer_id": answer.id, "page": "", "reason": ""}
        move(order, "succeeded", source=source, asked=True, **paid)


def _canceled(order: Order, answer: Told, source: str) -> None:
    """By the payer at the acquirer's page, by the acquirer, or because the time was over there."""
    if order.state in PAID:
        _log.error("the acquirer takes back a payment that had succeeded", extra={"order": order.id})
    elif order.state in OPEN:
        to = "expired" if answer.reason.startswith("expired") else "canceled"
        move(order, to, source=source, acquirer_id=answer.id, page="", reason=answer.reason[:60])


def _pending(order: Order, answer: Told, source: str) -> None:
    if order.state in PAID:
        _log.error("the acquirer waits for a payment that had succeeded", extra={"order": order.id})
    elif order.state in ("submitting", "unknown"):
        move(order, "pending", source=source, acquirer_id=answer.id, page=answer.page)
    elif order.state == "pending" and clock.now() - order.created_at >= EXPIRES:
        move(order, "expired", source=source, page="", reason="")  # asked on: he may yet take the money


_DEEDS = {"succeeded": _succeeded, "canceled": _canceled, "pending": _pending}


def paid_at(order: Order, answer: Told) -> datetime:
    """When the payer paid, by the acquirer's word; now where that is a moment that cannot be, or no word."""
    now = clock.now()
    told = answer.paid_at or now
    return told if order.created_at - _CLOCKS_APART <= told <= now else now


def difference(order: Order, answer: Told) -> str:
    """What makes the answer one of another payment than ours, or of money that is gone again; empty when nothing does."""
    if answer.key != order.acquirer_key:
        return "another key"
    if order.acquirer_id not in (None, answer.id):
        return "another payment"
    if (answer.amount_kop, answer.currency) != (order.total_kop, order.currency):
        return f"{answer.amount_kop} {answer.currency} instead of {order.total_kop} {order.currency}"
    if answer.refunded_kop and order.state not in PAID:
        return f"{answer.refunded_kop} were given back"
    return ""


def _put_aside(order: Order, answer: Told, source: str, strange: str) -> None:
    """Nothing is credited: people decide (the desk lists such orders)."""
    _log.error("the acquirer's word differs from ours", extra={"order": order.id})
    if order.state != "review" and order.state not in PAID:
        known: dict[str, Any] = {"acquirer_id": answer.id} if answer.key == order.acquirer_key else {}
        move(order, "review", source=source, asked=True, note=f"{answer.state}: {strange}", page="", **known)


def _note_fiscal(order: Order, answer: Told) -> None:
    """The fiscal receipt goes only forward: an answer may be older than what is known."""
    if order.state not in PAID or order.fiscal == "done" or answer.fiscal in ("", order.fiscal):
        return
    _set(order, fiscal=answer.fiscal, fiscal_id=answer.fiscal_id)
    if answer.fiscal == "done":
        orders.remember(order, source="fiscal", source_id=str(order.id), note=answer.fiscal_id)


def _plan(order: Order, leased: datetime | None, at: datetime | None) -> None:
    _set(order, Order.ask_at.is_not_distinct_from(leased), ask_at=at)


def _set(order: Order, *only: ColumnElement[bool], **values: Any) -> None:
    """Columns that move nothing."""
    changed = update(Order).where(Order.id == order.id, *only).values(**values).returning(Order)
    db.session.scalars(changed.execution_options(synchronize_session=False, populate_existing=True)).one_or_none()
