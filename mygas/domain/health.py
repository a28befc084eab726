"""What the portal can say of its own health."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func

from mygas import clock
from mygas.domain import outbox
from mygas.extensions import db
from mygas.models import Order, Reconciliation

LAG_ALARM = 120.0  # seconds
RECONCILED_WITHIN = timedelta(hours=26)  # once a night, and it may take its time


def facts(bank: str | None) -> dict[str, Any]:
    """Whether the database answers, how long the oldest due message has been waiting, how many are dead; and, where payments
    were made through that bank, whether its register was not looked into for too long."""
    lag, dead = outbox.lag(clock.now())
    told = {"ready": lag < LAG_ALARM, "outbox_lag_seconds": round(lag, 1), "outbox_dead": dead}
    return told | ({"reconciliation_late": _is_late(bank)} if bank else {})


def _is_late(bank: str) -> bool:
    """Not before there is a payment old enough to have been compared."""
    since = clock.now() - RECONCILED_WITHIN
    begun = db.select(Order.id).where(Order.acquirer == bank, Order.created_at < since).limit(1)
    done_at = db.session.scalar(db.select(func.max(Reconciliation.done_at)).filter_by(acquirer=bank))
    return (done_at is None or done_at < since) and db.session.execute(begun).first() is not None
