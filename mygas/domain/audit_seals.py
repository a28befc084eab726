"""Seals over the audit: the entries of each day hashed, chained to the day before (promises.md §6.4).

Triggers keep the audit from being changed; who goes behind their back cannot do so unseen, unless he changes every seal after it
too. A digest noted elsewhere (the log, paper) tells that as well: `flask audit verify --seal`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from mygas import clock
from mygas.domain.newest import rows, table
from mygas.domain.work import insert_or_update
from mygas.extensions import db
from mygas.models import AuditEntry, AuditSeal

SETTLED = timedelta(hours=1)
"""After the end of a day no transaction begun in it is still open: its entries are all there."""
PAGE = 1000
_TOLD = ("id", "at", "actor", "actor_id", "ip", "action", "outcome", "user_id", "account_id", "detail")


@dataclass(frozen=True)
class Seal:
    """What a seal says; fields as in models.AuditSeal."""

    day: date
    last_id: int
    rows: int
    digest: str


@dataclass(frozen=True)
class Broken:
    """A seal that its entries do not fit: from which id to which something was changed, put in or taken away."""

    day: date
    after_id: int
    last_id: int


@dataclass(frozen=True)
class Verified:
    """What came of looking: how many seals and entries, the newest digest, and what does not fit."""

    seals: int
    rows: int
    digest: str
    broken: tuple[Broken, ...]


def reckon() -> Seal | None:
    """The seal that is due, over all entries of the days that are over; None when there is nothing to seal.

    It reads without end where there is much: call it in no unit of work, and `keep` in one.
    """
    today = (clock.now() - SETTLED).astimezone(UTC).date()
    begins = datetime.combine(today, time(), UTC)
    last_id = db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.at < begins).order_by(AuditEntry.id.desc()).limit(1))
    before = _newest()
    if last_id is None or (before and last_id <= before.last_id):
        return None
    count, digest = _reckoned(before.last_id if before else 0, last_id, before.digest if before else "")
    return Seal(today - timedelta(days=1), last_id, count, digest)


def keep(seal: Seal) -> bool:
    """Write the seal down; False when another worker has sealed that day."""
    row = {"day": seal.day, "last_id": seal.last_id, "rows": seal.rows, "digest": seal.digest, "sealed_at": clock.now()}
    statement = insert_or_update(AuditSeal).values(**row).on_conflict_do_nothing().returning(AuditSeal.day)
    return db.session.scalar(statement) is not None


def verify() -> Verified:
    """Reckon every seal again. Each is compared on the digest that is kept before it, so that what is broken is found where
    it is."""
    broken, total, after, digest, seals = [], 0, 0, "", 0
    for seal in db.session.scalars(db.select(AuditSeal).order_by(AuditSeal.last_id)):
        count, reckoned = _reckoned(after, seal.last_id, digest)
        if (count, reckoned) != (seal.rows, seal.digest):
            broken.append(Broken(seal.day, after, seal.last_id))
        after, digest, total, seals = seal.last_id, seal.digest, total + count, seals + 1
    return Verified(seals, total, digest, tuple(broken))


def knows(digest: str) -> bool:
    """Whether there is a seal of that digest."""
    return db.session.scalar(db.select(AuditSeal.day).filter_by(digest=digest.lower())) is not None


def _newest() -> AuditSeal | None:
    return db.session.scalars(db.select(AuditSeal).order_by(AuditSeal.last_id.desc()).limit(1)).one_or_none()


def _reckoned(after: int, last_id: int, before: str) -> tuple[int, str]:
    """How many entries there are after that id up to the last one, and the digest over them and the digest before."""
    count, digest = 0, sha256(before.encode())
    for line in _lines(after, last_id):
        digest.update(line)
        count += 1
    return count, digest.hexdigest()


def _lines(after: int, last_id: int) -> Iterator[bytes]:
    entry = table(AuditEntry)
    told = db.select(*(entry.c[name] for name in _TOLD)).where(entry.c.id <= last_id).order_by(entry.c.id).limit(PAGE)
    while found := rows(told.where(entry.c.id > after)):
        yield from (_line([row[name] for name in _TOLD]) for row in found)
        after = found[-1]["id"]


def _line(values: list[Any]) -> bytes:
    """The same bytes whatever the database and however it keeps JSON."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=datetime.isoformat).encode() + b"\n"
