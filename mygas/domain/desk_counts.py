"""How much waits for an operator at the desk."""

from sqlalchemy import func, select

from mygas.domain.operators import serves, within
from mygas.extensions import db
from mygas.models import Discrepancy, Operator, Order, Refund, Ticket


def waiting(operator: Operator) -> dict[str, int]:
    """Of his suppliers: `reviews`, payments that a person must decide; `refunds` that nobody has approved; `differences` with
    the bank, those of no known supplier too. Of his addressees: `tickets`, questions that wait for an answer.

    One statement, each count from an index of what waits or a short table.
    """
    reviews = select(func.count(Order.id)).where(within(operator, Order.supplier), Order.state == "review")
    refunds = select(func.count(Refund.id)).where(within(operator, Refund.supplier), Refund.state == "asked")
    mine = Discrepancy.supplier.in_([*operator.suppliers, ""])
    tickets = select(func.count(Ticket.id)).where(serves(operator, Ticket.addressee), Ticket.state == "open")
    differences = select(func.count(Discrepancy.id)).where(mine, Discrepancy.settled_at.is_(None))
    counts = {"reviews": reviews, "refunds": refunds, "differences": differences, "tickets": tickets}
    row = db.session.execute(select(*(count.scalar_subquery().label(name) for name, count in counts.items()))).one()
    return dict(zip(counts, map(int, row), strict=True))
