"""Where the money of payments stands: double entry in kopecks, append-only (promises.md §6.3).

A payment takes from the acquirer's book and gives to the supplier's and to that of the commission; a refund gives it back.
So the books of one deed add up to 0, and the supplier's book tells what the portal has taken for him.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from mygas import clock
from mygas.extensions import db
from mygas.models import LedgerEntry, Order

_MOST_TOLD = 20  # violations of one kind


def credit(order: Order) -> None:
    """The payer's money is here. A second credit of the order violates a constraint."""
    _write(order, "credit", 1)


def refund(order: Order) -> None:
    """The whole of it was given back. A second refund of the order violates a constraint."""
    _write(order, "refund", -1)


def invariants(session: Session | None = None) -> list[str]:
    """What should never be and is: empty while all is well. Read in one transaction; in that of another database's session."""
    reader = session or db.session
    total = reader.scalar(select(func.sum(LedgerEntry.amount_kop))) or 0
    found = [f"the ledger adds up to {total}"] if total else []
    for words, query in _VIOLATIONS.items():
        found += [f"{words}: {name}" for name in reader.scalars(query.limit(_MOST_TOLD))]
    return found


def _write(order: Order, kind: str, sign: int) -> None:
    books = {
        f"acquirer:{order.acquirer}": -order.total_kop,
        f"supplier:{order.supplier}": order.amount_kop,
        "commission": order.commission_kop,
    }
    common = {"deed": f"{kind}:{order.id}", "order_id": order.id, "kind": kind, "at": clock.now()}
    rows = [{**common, "book": book, "amount_kop": sign * kopecks} for book, kopecks in books.items() if kopecks]
    db.session.execute(db.insert(LedgerEntry), rows)


def _entry(kind: str, *wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(LedgerEntry.order_id == Order.id, LedgerEntry.kind == kind, *wanted)


def _taken(kind: str, sign: int) -> ColumnElement[bool]:
    """That the order's entry in the supplier's book is of its amount."""
    book = "supplier:" + Order.supplier
    return _entry(kind, LedgerEntry.book == book, LedgerEntry.amount_kop == sign * Order.amount_kop)


_PAID = Order.state.in_(("succeeded", "refund_pending", "refunded"))
_VIOLATIONS: dict[str, Select[Any]] = {
    "a deed does not add up to 0": (
        select(LedgerEntry.deed).group_by(LedgerEntry.deed).having(func.sum(LedgerEntry.amount_kop) != 0)
    ),
    "paid and not credited": select(Order.id).where(_PAID, ~_taken("credit", 1)),
    "credited and not paid": select(Order.id).where(~_PAID, _entry("credit")),
    "refunded without an entry, or an entry without a refund": select(Order.id).where(
        or_(
            and_(Order.state == "refunded", ~_taken("refund", -1)),
            and_(Order.state != "refunded", _entry("refund")),
        )
    ),
}
