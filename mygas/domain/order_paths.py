"""Where a payment is: создан → оплачен → чек → передан поставщику → учтён (product.md K6), each with its time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select

from mygas.domain.orders import PAID
from mygas.extensions import db
from mygas.models import Dispatch, Order, OrderEvent, Payment, Registry

Name = Literal["created", "paid", "receipt", "sent", "booked"]


@dataclass(frozen=True)
class Step:
    """`at` is None for what has not happened (yet); `number` is the fiscal receipt's, the registry's, or "" where there is none.

    `failed`: it will not happen by itself.
    """

    name: Name
    at: datetime | None
    number: str = ""
    failed: bool = False


def path(order: Order) -> list[Step]:
    """The steps in their order; no `receipt` where the acquirer makes none. One statement."""
    receipt_at = select(func.min(OrderEvent.at)).where(OrderEvent.order_id == order.id, OrderEvent.source == "fiscal")
    sent = select(Dispatch).where(Dispatch.id == order.dispatch_id)
    booked_at = (
        select(func.min(Registry.completed_at))
        .join(Payment, Payment.registry_id == Registry.id)
        .where(Payment.account_id == order.account_id, Payment.portal_number == str(order.id), Registry.state == "complete")
    )
    known = db.session.execute(
        select(
            receipt_at.scalar_subquery(),
            sent.with_only_columns(Dispatch.made_at).scalar_subquery(),
            sent.with_only_columns(Dispatch.number).scalar_subquery(),
            booked_at.scalar_subquery(),
        )
    )
    receipted, sent_at, number, booked = known.one()
    steps = [Step("created", order.created_at), Step("paid", order.paid_at)]
    if order.fiscal or order.state not in PAID:
        steps.append(Step("receipt", receipted, order.fiscal_id, failed=order.fiscal == "failed"))
    return [*steps, Step("sent", sent_at, str(number or "")), Step("booked", booked)]
