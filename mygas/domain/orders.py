"""The table of moves of a payment, and the one function that makes them (promises.md §6.2)."""

from typing import Any, Literal

from sqlalchemy import update

from mygas import clock
from mygas.domain import ledger
from mygas.domain.work import insert_or_update
from mygas.extensions import db
from mygas.models import Order, OrderEvent

MOVES: dict[str, frozenset[str]] = {
    "created": frozenset({"submitting", "canceled"}),
    "submitting": frozenset({"unknown", "pending", "succeeded", "canceled", "expired", "failed", "review"}),
    "unknown": frozenset({"pending", "succeeded", "canceled", "expired", "failed", "review"}),
    "pending": frozenset({"succeeded", "canceled", "expired", "review"}),
    "canceled": frozenset({"succeeded", "review"}),
    "expired": frozenset({"succeeded", "review"}),
    "failed": frozenset({"succeeded", "review"}),
    "review": frozenset({"succeeded", "canceled"}),
    "succeeded": frozenset({"refund_pending"}),
    "refund_pending": frozenset({"refunded", "succeeded"}),
    "refunded": frozenset(),
}
"""Where an order may go from each state. `review` is what people decide: the acquirer told something that cannot be."""

OPEN = frozenset({"created", "submitting", "unknown", "pending"})
"""One of an account and user at a time (index uq_pay_order_open)."""
PAID = frozenset({"succeeded", "refund_pending", "refunded"})
"""Credited in the ledger."""
UNPAID = frozenset({"canceled", "expired", "failed"})
"""Over without money, until the acquirer, asked, tells otherwise: then the move is noted as corrected."""


ASKED_ON = frozenset({"canceled", "expired"})
"""Over by our word alone while the order still has its `ask_at`: the acquirer has not said so, and may yet take the money."""


class WrongMove(Exception):
    """The table has no such move, or the order moved meanwhile. Nothing was changed."""

    def __init__(self, order: Order, to: str) -> None:
        super().__init__(f"order {order.id}: {order.state} -> {to}")


def find(order_id: int) -> Order:
    """The order as it is now."""
    return db.session.get_one(Order, order_id, populate_existing=True)


def hold(order_id: int) -> Order:
    """The order as it is now, kept so by the present transaction: who is to move it begins here."""
    return db.session.get_one(Order, order_id, populate_existing=True, with_for_update=True)


def settled(order: Order) -> bool:
    """Whether a person has decided that the order is over without money: what the acquirer says since is for people, too."""
    decided = db.select(OrderEvent.id).filter_by(order_id=order.id, source="operator", from_state="review")
    return order.state == "canceled" and db.session.execute(decided.limit(1)).first() is not None


def move(
    order: Order, to: str, *, source: str, source_id: str = "", note: str = "", asked: bool = False, **changes: Any
) -> Literal["done", "already"]:
    """Move the order and write the event, and what the ledger has of it, in the present transaction.

    One conditional UPDATE. `source` is who moves it, `source_id` names the occasion (by default the order's version);
    `asked`: the acquirer was asked and answered so, without which nothing leaves the states of UNPAID; `changes` are other
    columns of the order. Raises WrongMove.
    """
    before = order.state
    leaving = {state for state, following in MOVES.items() if to in following} - (frozenset() if asked else UNPAID)
    moved = (
        update(Order)
        .where(Order.id == order.id, Order.version == order.version, Order.state.in_(leaving))
        .values(state=to, version=Order.version + 1, updated_at=clock.now(), **changes)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if db.session.scalars(moved).one_or_none() is None:
        db.session.refresh(order)
        if order.state == to:
            return "already"
        raise WrongMove(order, to)
    said = "; ".join(filter(None, ("corrected" if before in UNPAID else "", note)))
    event = _event(order, source, source_id or f"{order.id}:{order.version}", said)
    db.session.execute(db.insert(OrderEvent).values(event | {"from_state": before}))
    if to == "succeeded" and before not in PAID:
        ledger.credit(order)
    elif to == "refunded":
        ledger.refund(order)
    return "done"


def remember(order: Order, *, source: str, source_id: str, note: str = "", digest: str = "") -> bool:
    """Write down what was heard of an order and moved nothing; False when it was heard before."""
    event = _event(order, source, source_id, note) | {"digest": digest}
    heard = insert_or_update(OrderEvent).values(event).on_conflict_do_nothing().returning(OrderEvent.id)
    return db.session.execute(heard).first() is not None


def _event(order: Order, source: str, source_id: str, note: str) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "source": source,
        "source_id": source_id,
        "from_state": order.state,
        "to_state": order.state,
        "note": note[:200],
        "at": clock.now(),
    }
