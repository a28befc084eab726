"""The relay: finds outbox rows that are due, rings for them, and delivers itself what nobody took."""

from datetime import timedelta

from flask import Flask

from mygas.domain import outbox
from mygas.extensions import db
from mygas.jobs import delivery

EVERY = 1.0  # seconds
GRACE = timedelta(seconds=2)  # a row just promised was rung by its request
PATIENCE = timedelta(seconds=4)  # after which the relay does not trust the bell any more


def round_of(app: Flask) -> int:
    """Ring for what was never heard; deliver what nobody took although it was rung. Returns how many were delivered here."""
    doorbell = app.extensions["doorbell"]
    late = outbox.due(PATIENCE) if doorbell.url else outbox.due()
    waiting = [row_id for row_id in outbox.due(GRACE) if row_id not in set(late)] if doorbell.url else []
    db.session.rollback()
    if waiting and not doorbell.ring(waiting):
        late += waiting
    return sum(delivery.deliver(row_id) != "taken" for row_id in late)
