"""The document of one payment (чек), ready to be drawn."""

from mygas.domain import visible
from mygas.domain.accounts import masked_address
from mygas.domain.orders import PAID
from mygas.domain.receipts import payee
from mygas.models import Order
from mygas.papers import PaymentPaper
from mygas.suppliers import Supplier

_STATES = {
    "succeeded": "Платёж проведён",
    "refund_pending": "Платёж проведён, деньги возвращаются",
    "refunded": "Деньги возвращены",
}


def has_paper(order: Order) -> bool:
    """Only what was paid has a document."""
    return order.state in PAID and order.paid_at is not None


def compose(order: Order, supplier: Supplier, *, extended: bool) -> PaymentPaper:
    """The document of a payment that has one. Whoever has the basic version of the account reads its address masked."""
    assert order.paid_at is not None, "only what was paid has a document"  # noqa: S101 - a mistake of ours
    card = visible.card(order.account_id)
    address = card.address if card else ""
    return PaymentPaper(
        payee=payee(supplier),
        number=str(order.id),
        account_number=order.account.number,
        address=address if extended else masked_address(address),
        amount_kop=order.amount_kop,
        commission_kop=order.commission_kop,
        split=tuple((service, kopecks) for service, kopecks in order.split),
        paid_at=order.paid_at.astimezone(supplier.time_zone),
        acquirer_id=order.acquirer_id or "",
        fiscal_id=order.fiscal_id,
        state=_STATES[order.state],
    )
