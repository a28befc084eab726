"""Where the acquirer's word and ours differ: each difference becomes a task for the desk, once.

Its key says what differs, and from what.
"""

import logging

from mygas import clock, money
from mygas.acquiring import Told
from mygas.domain import orders
from mygas.domain.orders import OPEN, UNPAID
from mygas.domain.work import insert_or_update
from mygas.extensions import db
from mygas.models import Discrepancy, Order

_PARTLY = "partly refunded"
_FITS = {
    "pending": OPEN | {"canceled", "expired", "review"},  # what was let go may be open there for a while
    "canceled": UNPAID | {"review"},
    "succeeded": frozenset({"succeeded", "refund_pending", "review"}),
    "refunded": frozenset({"refunded", "refund_pending", "review"}),
    _PARTLY: frozenset({"review"}),  # the portal gives the whole sum back, so that was not the portal
}
"""Their state, and which of ours agree with it. An order in review is a task already."""

_log = logging.getLogger("mygas.payments")


def compare(order: Order, told: Told, report_id: int | None = None) -> bool:
    """Raise what differs, inside a unit of work; whether the states agree. `report_id` is the comparison that found it."""
    state = _state(told)
    if state == "refunded" and orders.settled(order):
        return True  # a person has written it down so
    if (told.amount_kop, told.currency) != (order.total_kop, order.currency):
        ours, theirs = f"{money.plain(order.total_kop)} {order.currency}", f"{money.plain(told.amount_kop)} {told.currency}"
        note("sum_differs", order.acquirer, told.id, order, ours=ours, theirs=theirs, report_id=report_id)
    fits = order.state in _FITS[state]
    if not fits:
        theirs = f"{state} {money.plain(told.refunded_kop)}" if state == _PARTLY else state
        note("state_differs", order.acquirer, told.id, order, ours=order.state, theirs=theirs, report_id=report_id)
    return fits


def note(
    kind: str,
    acquirer: str,
    acquirer_id: str,
    order: Order | None = None,
    *,
    ours: str = "",
    theirs: str = "",
    report_id: int | None = None,
) -> None:
    """Make a task of it, unless it is or was one."""
    _log.error("the acquirer's word differs from ours", extra={"kind": kind, "payment": acquirer_id})
    row = {
        "key": f"{kind}:{acquirer}:{acquirer_id}:{theirs}"[:120], "reconciliation_id": report_id, "kind": kind,
        "supplier": order.supplier if order else "", "order_id": order.id if order else None, "acquirer_id": acquirer_id,
        "ours": ours, "theirs": theirs, "found_at": clock.now(),
    }  # fmt: skip
    db.session.execute(insert_or_update(Discrepancy).values(row).on_conflict_do_nothing())


def _state(told: Told) -> str:
    if not told.refunded_kop:
        return told.state
    return "refunded" if told.refunded_kop >= told.amount_kop else _PARTLY
