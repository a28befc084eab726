"""Giving money back: asked for by one operator, approved by another, done by the cashier, the whole sum at once."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import aliased

from mygas import clock
from mygas.acquiring import Declined, OutcomeUnknown, RefundAsked, ToldRefund
from mygas.domain import audit, order_letters, orders, paying
from mygas.domain.asking_times import KEY_LIVES, LEASE
from mygas.domain.operators import within
from mygas.domain.paying import Till
from mygas.domain.work import refused_if_taken, rows_changed, unit_of_work
from mygas.extensions import db
from mygas.models import Operator, Order, Refund
from mygas.words import N_, Refused

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_LIVE = N_("Возврат по этому платежу уже оформляется или сделан.")
_NOT_PAID = N_("Вернуть можно только прошедший платёж.")
_DECIDED = N_("По этому возврату уже принято решение.")
_SECOND_PAIR = N_("Возврат одобряет другой сотрудник, не тот, кто его запросил.")


def ask(operator: Operator, ip: str, order: Order, reason: str) -> Refund:
    """Ask that the payment be given back. Audited. Raises Refused when it cannot be, or is being already."""
    if orders.hold(order.id).state != "succeeded" or order.supplier not in operator.suppliers:
        raise Refused(_NOT_PAID)
    refund = Refund(
        order_id=order.id, supplier=order.supplier, reason=reason, asked_by=operator.id, asked_at=clock.now(), state="asked"
    )
    with refused_if_taken("uq_refund_live", Refused(_LIVE)):
        db.session.add(refund)
    audit.by_operator("refund.ask", operator, ip, **_touched(order), reason=reason)
    return refund


def approve(operator: Operator, ip: str, refund: Refund) -> None:
    """Let the cashier give the money back. Audited. Raises Refused for who asked himself, and when it is decided already."""
    if refund.asked_by == operator.id:
        raise Refused(_SECOND_PAIR)
    order = orders.hold(refund.order_id)
    if order.state != "succeeded":
        raise Refused(_NOT_PAID)
    _decide(operator, refund, "approved", ask_at=clock.now())
    orders.move(order, "refund_pending", source="operator")
    audit.by_operator("refund.approve", operator, ip, **_touched(order))


def refuse(operator: Operator, ip: str, refund: Refund, note: str) -> None:
    """Let the payment stand; he who asked may take it back so. Audited. Raises Refused when it is decided already."""
    _decide(operator, refund, "refused", note=note[:200])
    audit.by_operator("refund.refuse", operator, ip, **_touched(orders.find(refund.order_id)), note=note)


def find(ref: str, supplier_slugs: Sequence[str]) -> Refund | None:
    """The refund of that ref with its order, if it is of one of these suppliers."""
    query = db.select(Refund).options(db.joinedload(Refund.order).joinedload(Order.account))
    return db.session.scalars(query.where(Refund.ref == ref, Refund.supplier.in_(supplier_slugs))).one_or_none()


def queue(supplier_slugs: Sequence[str], state: str = "asked", limit: int = 50) -> list[Refund]:
    """Refunds of these suppliers in that state, newest first, with orders and accounts.

    Of those that failed only where the payment still stands and nobody has asked for its refund anew.
    """
    query = db.select(Refund).options(db.joinedload(Refund.order).joinedload(Order.account))
    query = query.where(Refund.supplier.in_(supplier_slugs), Refund.state == state)
    if state == "failed":
        newer = aliased(Refund)
        asked_anew = db.select(newer.id).where(newer.order_id == Refund.order_id, newer.state.in_(("asked", "approved", "done")))
        query = query.where(Refund.order.has(state="succeeded"), ~asked_anew.exists())
    return list(db.session.scalars(query.order_by(Refund.id.desc()).limit(limit)))


def of_order(order_id: int) -> list[Refund]:
    """All refunds of a payment, newest first."""
    return list(db.session.scalars(db.select(Refund).filter_by(order_id=order_id).order_by(Refund.id.desc())))


def due(acquirer_name: str, limit: int = 100) -> list[int]:
    """Refunds that the cashier is to carry out, or to ask about, by now."""
    waiting = db.select(Refund.id).join(Refund.order).where(Refund.state == "approved", Refund.ask_at <= clock.now())
    waiting = waiting.where(Order.acquirer == acquirer_name)
    return list(db.session.scalars(waiting.order_by(Refund.ask_at).limit(limit)))


def carry_out(refund_id: int, till: Till) -> Refund | None:
    """Give the money back, or ask how that stands; outside any transaction. None when it is not due, or somebody else does it."""
    now = clock.now()
    taken = (
        update(Refund)
        .where(Refund.id == refund_id, Refund.state == "approved", Refund.ask_at <= now)
        .values(ask_at=now + LEASE, asks=Refund.asks + 1)
        .returning(Refund)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    with unit_of_work():
        refund = db.session.scalars(taken).one_or_none()
        if refund is None:
            return None
    question, look = _question(refund, till), _look(refund, till)  # a fault here leaves the lease: the others do not wait
    db.session.rollback()
    try:
        told = _answer(question, look)
    except OutcomeUnknown:
        return _later(refund_id)
    if told.state == "pending":
        return _later(refund_id, acquirer_id=told.id)
    return _end(refund_id, "done" if told.state == "succeeded" else "failed", note=told.reason, acquirer_id=told.id or None)


def _answer(question: Callable[[], ToldRefund], look: Callable[[], ToldRefund | None]) -> ToldRefund:
    """What became of it. Before a no is believed the payment is looked at: all may be given back already, here or there."""
    try:
        told = question()
    except Declined as no:
        told = ToldRefund("", "", "canceled", 0, no.reason)
    return (look() or told) if told.state == "canceled" else told


def _question(refund: Refund, till: Till) -> Callable[[], ToldRefund]:
    """How to have it done, or learn of it: the key dies in a day, and after that only the payment tells."""
    order, decided_at = refund.order, refund.decided_at
    if refund.acquirer_id is not None:
        return partial(till.acquirer.ask_refund, refund.acquirer_id)
    if decided_at and clock.now() - decided_at < KEY_LIVES:
        what = f"Возврат по платежу № {order.id}"
        sums = order.acquirer_id or "", order.total_kop
        asked = RefundAsked(f"refund-{refund.ref}", *sums, order.buyer, paying.items(order), what)
        return partial(till.acquirer.refund, asked)
    return lambda: ToldRefund("", "", "canceled", 0, "not-at-bank")


def _look(refund: Refund, till: Till) -> Callable[[], ToldRefund | None]:
    """How the payment stands: done where all of it was given back, None where it was not."""
    payment_id, whole = refund.order.acquirer_id or "", refund.order.total_kop

    def look() -> ToldRefund | None:
        given_back = till.acquirer.ask(payment_id).refunded_kop
        return ToldRefund("", payment_id, "succeeded", given_back) if given_back >= whole else None

    return look


def _decide(operator: Operator, refund: Refund, state: str, **values: Any) -> None:
    """One conditional UPDATE: of two operators at once, one decides."""
    decided = update(Refund).where(Refund.id == refund.id, Refund.state == "asked", within(operator, Refund.supplier))
    values |= {"state": state, "decided_by": operator.id, "decided_at": clock.now()}
    if not rows_changed(decided.values(**values).execution_options(synchronize_session=False)):
        raise Refused(_DECIDED)
    db.session.refresh(refund)


def _later(refund_id: int, **known: str) -> Refund:
    """Ask again after a pause as long as the decision is old, an hour at most."""
    with unit_of_work():
        refund = _hold(refund_id)
        if refund.state == "approved" and refund.decided_at:
            now = clock.now()
            refund.ask_at = now + min(max(now - refund.decided_at, _MINUTE), _HOUR)
            refund.acquirer_id = known.get("acquirer_id", refund.acquirer_id)
    return refund


def _end(refund_id: int, state: str, *, note: str, acquirer_id: str | None = None) -> Refund:
    """Done, or failed: then the payment stands again, and people may ask anew."""
    with unit_of_work():
        order = orders.hold(
            db.session.get_one(Refund, refund_id).order_id
        )  # first the order, as everywhere: nobody waits in a ring
        refund = _hold(refund_id)
        if refund.state == "approved":
            refund.state, refund.ask_at, refund.note = state, None, note[:200]
            refund.done_at = clock.now() if state == "done" else None
            refund.acquirer_id = acquirer_id or refund.acquirer_id
            orders.move(order, "refunded" if state == "done" else "succeeded", source="cashier", note=note)
            order_letters.promise(order, "refunded" if state == "done" else "refund-failed")
    return refund


def _hold(refund_id: int) -> Refund:
    return db.session.get_one(Refund, refund_id, populate_existing=True, with_for_update=True)


def _touched(order: Order) -> dict[str, int]:
    return {"user_id": order.user_id, "account_id": order.account_id, "order": order.id}
