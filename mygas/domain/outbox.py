"""Promises to the outside world, written in the transaction of the fact that needs them (architecture.md §5)."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, text, update

from mygas import clock
from mygas.domain.work import rows_changed
from mygas.extensions import db, keyring
from mygas.models import Outgoing

BACKOFF = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)  # seconds; the last one repeats till the row expires
LEASE = timedelta(seconds=30)  # longer than any gateway may take
NAMES_ONLY = frozenset({"pin", "pin-refused"})  # kinds whose payload is an id: kept when dead, so that it can be sent again
KEEP_DONE, KEEP_DEAD = timedelta(days=7), timedelta(days=90)
_UNDER_WAY = text("outbox.state IN ('ready', 'leased')")  # as the index ix_outbox_due has it: bound values would not match


def promise(kind: str, key: str, payload: Mapping[str, Any], *, expires_at: datetime) -> Outgoing:
    """Promise `kind` once: `key` is unique. The payload is sealed at rest.

    It is wiped when the row is done; or dead, unless the kind is of NAMES_ONLY.
    The doorbell rings for the row after the commit (jobs.doorbell).
    """
    now = clock.now()
    sealed = keyring.seal(json.dumps(dict(payload), ensure_ascii=False).encode(), f"outbox:{key}")
    row = Outgoing(kind=kind, key=key, sealed=sealed, state="ready", tries=0, next_at=now, expires_at=expires_at, created_at=now)
    db.session.add(row)
    return row


def is_promised(key: str) -> bool:
    """Whether it was promised already; for who may come with the same fact twice."""
    return db.session.scalar(db.select(Outgoing.id).filter_by(key=key)) is not None


def payload(row: Outgoing) -> dict[str, Any]:
    """What was promised. Raises keyring.Unsealable when the row was tampered with."""
    if row.sealed is None:
        raise ValueError("the payload is wiped")
    return dict(json.loads(keyring.unseal(row.sealed, f"outbox:{row.key}")))


def claim(row_id: int, owner: str) -> Outgoing | None:
    """Take the row for LEASE, counting a try; None when it is not due, is somebody else's, or is over.

    One conditional UPDATE, so two workers never hold it at once.
    """
    now = clock.now()
    claimed = (
        update(Outgoing)
        .where(Outgoing.id == row_id, _is_due(now, now))
        .values(state="leased", lease_owner=owner, lease_until=now + LEASE, tries=Outgoing.tries + 1)
        .returning(Outgoing)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return db.session.scalars(claimed).one_or_none()


def done(row: Outgoing, owner: str) -> bool:
    """Mark the row done and wipe its payload; False when the lease was lost meanwhile."""
    return _settle(row, owner, state="done", sealed=None, done_at=clock.now(), lease_until=None)


def failed(row: Outgoing, owner: str, error: str, *, for_good: bool = False) -> str:
    """After a failed try: `ready` again with a growing pause, or `dead` when there is no point in trying. Returns the state."""
    pause = timedelta(seconds=BACKOFF[min(row.tries, len(BACKOFF)) - 1])
    next_at = clock.now() + pause
    dead = for_good or next_at >= row.expires_at
    state = "dead" if dead else "ready"
    changes: dict[str, Any] = {"sealed": None} if dead and row.kind not in NAMES_ONLY else {}
    _settle(row, owner, state=state, next_at=next_at, lease_until=None, last_error=error[:300], **changes)
    return state


def send_again(key: str, *, expires_at: datetime) -> bool:
    """Bring a dead row back to life, its tries uncounted; False when it is not dead, or its payload is wiped."""
    dead = update(Outgoing).where(Outgoing.key == key, Outgoing.state == "dead", Outgoing.sealed.is_not(None))
    changes = {"state": "ready", "tries": 0, "next_at": clock.now(), "expires_at": expires_at}
    return bool(rows_changed(dead.values(**changes).execution_options(synchronize_session=False)))


def last_error(key: str) -> str:
    """Why the last try failed; empty when none did. Tells neither contacts nor texts (docs/gateways.md)."""
    return db.session.scalar(db.select(Outgoing.last_error).filter_by(key=key)) or ""


def sweep() -> int:
    """Delete what was done a week ago, or given up a quarter ago; returns how many. By then no key of theirs can recur."""
    now = clock.now()
    old = [
        and_(Outgoing.state == "done", Outgoing.created_at < now - KEEP_DONE),
        and_(Outgoing.state == "dead", Outgoing.created_at < now - KEEP_DEAD),
    ]
    return rows_changed(delete(Outgoing).where(or_(*old)).execution_options(synchronize_session=False))


def holders() -> list[str]:
    """Who holds leases now."""
    return list(db.session.scalars(db.select(Outgoing.lease_owner).where(_UNDER_WAY, Outgoing.state == "leased").distinct()))


def release(owner: str) -> int:
    """What `owner` holds is due at once, for he is dead; returns how many rows."""
    held = update(Outgoing).where(_UNDER_WAY, Outgoing.state == "leased", Outgoing.lease_owner == owner)
    return rows_changed(held.values(state="ready", lease_until=None).execution_options(synchronize_session=False))


def due(patience: timedelta = timedelta(0), limit: int = 200) -> list[int]:
    """Ids of rows that have waited for a worker for `patience`: never rung, pause over, or lease run out. Oldest first."""
    now = clock.now()
    waiting = db.select(Outgoing.id).where(_UNDER_WAY, _is_due(now - patience, now)).order_by(Outgoing.next_at)
    return list(db.session.scalars(waiting.limit(limit)))


def lag(now: datetime) -> tuple[float, int]:
    """(seconds that the oldest due row has been waiting, number of dead rows)."""
    oldest = db.session.scalar(db.select(func.min(Outgoing.next_at)).where(_UNDER_WAY, Outgoing.state == "ready"))
    dead = db.session.scalar(db.select(func.count()).select_from(Outgoing).where(Outgoing.state == "dead"))
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0, int(dead or 0)


def rows_of(session: Any) -> Iterator[Outgoing]:
    """The promises that are being written in this session's transaction."""
    return (row for row in session.new if isinstance(row, Outgoing))


def _is_due(since: datetime, now: datetime) -> ColumnElement[bool]:
    """Whether a row may be claimed, and might have been at `since`. What lies too far ahead was written by a clock that
    has since been set back, and is void: a promise of the future, a pause over the longest, a lease over twice its length.
    """
    promised_later = and_(Outgoing.tries == 0, Outgoing.created_at > now)
    pause_is_void = Outgoing.next_at > now + timedelta(seconds=BACKOFF[-1])
    lease_is_void = Outgoing.lease_until > now + 2 * LEASE
    return or_(
        and_(Outgoing.state == "ready", or_(Outgoing.next_at <= since, promised_later, pause_is_void)),
        and_(Outgoing.state == "leased", or_(Outgoing.lease_until < now, lease_is_void)),
    )


def _settle(row: Outgoing, owner: str, **changes: Any) -> bool:
    statement = update(Outgoing).where(Outgoing.id == row.id, Outgoing.state == "leased", Outgoing.lease_owner == owner)
    return bool(rows_changed(statement.values(**changes).execution_options(synchronize_session=False)))
