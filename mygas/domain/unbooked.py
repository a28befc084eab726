"""What was paid here and is not in the supplier's books yet: the overlay over his balance (architecture.md §6)."""

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, cast, func, select

from mygas.models import Order, Payment, Registry


def _booked_numbers(account_id: ColumnElement[int] | int) -> Select[str]:
    """The portal's numbers (Order.id as text) of the account's payments that the supplier has told of. One he annulled is not."""
    told = select(Payment.portal_number).join(Registry, Registry.id == Payment.registry_id)
    return told.where(
        Payment.account_id == account_id, Payment.portal_number != "", Payment.sum_kop != 0, Registry.state == "complete"
    )


def waiting(account_id: ColumnElement[int] | int) -> tuple[ColumnElement[bool], ...]:
    """That an order is one of the account's, paid, and not booked by the supplier yet."""
    number = cast(Order.id, String(20))
    return Order.account_id == account_id, Order.state == "succeeded", number.not_in(_booked_numbers(account_id))


def unbooked_kop(account_id: ColumnElement[int] | int) -> ScalarSelect[int]:
    """What the account's payments through the portal come to, those apart that the supplier has booked: for another query."""
    total = select(func.coalesce(func.sum(Order.amount_kop), 0)).where(*waiting(account_id))
    return total.scalar_subquery()
