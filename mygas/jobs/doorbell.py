"""The doorbell: after a commit, the ids of what was promised are rung through rq. Nothing is lost when nobody hears."""

import logging
import time
from typing import Any

import redis
from flask import Flask, current_app
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from mygas.domain import outbox
from mygas.jobs import delivery

QUEUE = "mygas"  # one queue: with two, rq takes jobs by BLPOP and loses them on kill -9 (promises.md §2.1)
DEAF = 1.0  # seconds for which a Redis that did not answer is not asked again

_log = logging.getLogger("mygas.jobs")


class Doorbell:
    """Rings rq for outbox rows. `url` empty: there is no Redis, and the relay delivers alone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._deaf_until = 0.0
        self._redis = connect(url) if url else None

    def ring(self, row_ids: list[int]) -> bool:
        """Whether the ids were rung. Never raises: the relay finds what was not heard."""
        if self._redis is None or time.monotonic() < self._deaf_until:
            return False
        try:
            queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
            for row_id in row_ids:
                queue.enqueue("mygas.jobs.delivery.deliver_by_rq", row_id, result_ttl=0, failure_ttl=86400, description="outbox")
        except redis.RedisError:
            self._deaf_until = time.monotonic() + DEAF
            _log.warning("redis does not answer; the relay will deliver")
            return False
        return True


def connect(url: str) -> redis.Redis:
    """A client that gives up quickly: a page must not wait for the doorbell."""
    return redis.Redis.from_url(url, socket_connect_timeout=0.3, socket_timeout=0.5)


class Here:
    """In place of the bell: what was promised is done before the page goes out that promised it; the relay does what failed."""

    url = ""

    def ring(self, row_ids: list[int]) -> bool:
        """Whether all was done. Never raises. In an app context of its own: the session that promised is at its end."""
        with current_app._get_current_object().app_context():  # type: ignore[attr-defined]
            try:
                return [delivery.deliver(row_id) for row_id in row_ids] == ["done"] * len(row_ids)
            except SQLAlchemyError:
                _log.exception("nothing was delivered at once")
                return False


def init_app(app: Flask, url: str, *, at_once: bool = False) -> None:
    """Give the app its doorbell."""
    app.extensions["doorbell"] = Here() if at_once else Doorbell(url)


@event.listens_for(Session, "before_flush")
def _collect(session: Session, _context: Any, _instances: Any) -> None:
    session.info.setdefault("promised", []).extend(outbox.rows_of(session))


@event.listens_for(Session, "after_transaction_end")
def _ring(session: Session, transaction: SessionTransaction) -> None:
    """Rows that a rollback, or that of a savepoint, took back are not persistent any more."""
    if transaction.parent is None and (rows := session.info.pop("promised", None)):
        row_ids = [row.id for row in rows if inspect(row).persistent]
        if row_ids:
            current_app.extensions["doorbell"].ring(row_ids)
