"""What acquirers tell by themselves of payments."""

import logging

from sqlalchemy import update

from mygas import clock
from mygas.acquiring import Heard
from mygas.domain import orders
from mygas.domain.work import rows_changed
from mygas.extensions import db
from mygas.models import Order, Refund

_log = logging.getLogger("mygas.payments")


def notification(acquirer_name: str, heard: Heard, digest: str) -> None:
    """The acquirer says that something has happened: a reason to ask him, and no more. Inside a unit of work.

    `digest` is the SHA-256 of the body. One of a payment that is not ours is not kept: whoever shares the acquirer's account
    with the portal would fill the database.
    """
    order = db.session.scalars(db.select(Order).filter_by(acquirer=acquirer_name, acquirer_id=heard.payment_id)).one_or_none()
    if order is None:
        _log.info("a notification of no payment of ours", extra={"acquirer": acquirer_name, "payment": heard.payment_id})
        return
    note = f"{heard.event} {heard.payment_id}"
    if orders.remember(order, source=acquirer_name, source_id=heard.source_id, note=note, digest=digest):
        soon = {"ask_at": clock.now()}
        rows_changed(update(Order).where(Order.id == order.id).values(**soon).execution_options(synchronize_session=False))
        refunds = update(Refund).where(Refund.order_id == order.id, Refund.state == "approved").values(**soon)
        rows_changed(refunds.execution_options(synchronize_session=False))
