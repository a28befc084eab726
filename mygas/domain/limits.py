"""Counters that survive restarts and races: one atomic statement moves and reads them (promises.md D5, §1.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete

from mygas import clock
from mygas.domain.work import insert_or_update, rows_changed
from mygas.extensions import db, keyring
from mygas.models import Counter


@dataclass(frozen=True)
class Tally:
    """A counter after it moved: how often within the window, when it moved before, when the window ends."""

    count: int
    previous_at: datetime | None
    resets_at: datetime


def hit(kind: str, *subject: str, per: timedelta) -> Tally:
    """Count one more `kind` for the subject within a window of `per` that opens at the first one. Atomic."""
    now = clock.now()
    over = Counter.resets_at <= now
    statement = (
        insert_or_update(Counter)
        .values(key=_key(kind, subject), count=1, last_at=now, previous_at=None, resets_at=now + per)
        .on_conflict_do_update(
            index_elements=[Counter.key],
            set_={
                "count": case((over, 1), else_=Counter.count + 1),
                "previous_at": case((over, None), else_=Counter.last_at),
                "resets_at": case((over, now + per), else_=Counter.resets_at),
                "last_at": now,
            },
        )
        .returning(Counter.count, Counter.previous_at, Counter.resets_at)
    )
    return Tally(*db.session.execute(statement).one())


def count(kind: str, *subject: str) -> int:
    """How often it was counted in the present window, without counting."""
    row: Any = db.session.execute(db.select(Counter.count, Counter.resets_at).filter_by(key=_key(kind, subject))).one_or_none()
    return row.count if row and row.resets_at > clock.now() else 0


def forgive(kind: str, *subject: str) -> None:
    """Forget the count: what it guarded has succeeded."""
    db.session.execute(delete(Counter).where(Counter.key == _key(kind, subject)))


def sweep() -> int:
    """Delete counters whose window is over; returns how many."""
    return rows_changed(delete(Counter).where(Counter.resets_at <= clock.now()))


def _key(kind: str, subject: tuple[str, ...]) -> str:
    return f"{kind}:{keyring.fingerprint(kind, *subject)}"
