"""Sessions as rows, for users and operators alike, and the pauses between attempts to begin one (promises.md D4, §1.3).

The cookie holds 256 random bits, the row their hash: who reads the database cannot enter, and a row taken away ends the
session wherever its cookie was copied to.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, delete, true, update

from mygas import clock
from mygas.domain.limits import Tally
from mygas.domain.work import rows_changed
from mygas.extensions import db
from mygas.models import Operator, OperatorSignIn, SignIn, User

WINDOW = timedelta(minutes=15)  # in which attempts are counted
MOST = 10  # attempts in it
TOUCH = timedelta(minutes=1)

Person = TypeVar("Person", User, Operator)


@dataclass(frozen=True)
class Session(Generic[Person]):
    """Whose session it is, whether it is time to note that he was seen (once a minute at most), what was asked beside."""

    person: Person
    stale: bool
    fact: bool


@dataclass(frozen=True)
class Sessions(Generic[Person]):
    """The sessions of one kind of people: rows of `model`, over after `idle` without a page, and after `absolute` in any case."""

    person: type[Person]
    model: type[SignIn] | type[OperatorSignIn]
    idle: timedelta
    absolute: timedelta

    def begin(self, **columns: object) -> str:
        """A new row; the key for the cookie. Any key known before means nothing afterwards."""
        key, now = secrets.token_urlsafe(32), clock.now()
        db.session.add(self.model(id_hash=hash_of(key), created_at=now, seen_at=now, **columns))
        return key

    def find(self, key: str, fact: ColumnElement[bool] | None = None) -> Session[Person] | None:
        """The live session that the cookie's key names, of somebody who is not shut out. `fact` is asked along with it."""
        row = self.model
        asked = db.select(self.person, row.seen_at, true() if fact is None else fact)
        live = asked.select_from(row).join(self.person).where(row.id_hash == hash_of(key))
        found = db.session.execute(live.where(~self.over(), self.person.disabled_at.is_(None))).one_or_none()
        return Session(found[0], clock.now() - found[1] > TOUCH, bool(found[2])) if found else None

    def touch(self, key: str) -> None:
        """Note that the session was seen just now."""
        db.session.execute(update(self.model).where(self.model.id_hash == hash_of(key)).values(seen_at=clock.now()))

    def end(self, key: str) -> None:
        """The row is gone, and a copied cookie with it (ASVS 7.4.1)."""
        db.session.execute(delete(self.model).where(self.model.id_hash == hash_of(key)))

    def sweep(self) -> int:
        """Delete sessions that are over; returns how many."""
        return rows_changed(delete(self.model).where(self.over()))

    def over(self) -> ColumnElement[bool]:
        """Whether a row's session has ended by itself, swept or not."""
        now = clock.now()
        return (self.model.seen_at <= now - self.idle) | (self.model.created_at <= now - self.absolute)


def must_wait(tally: Tally) -> bool:
    """Whether the attempt just counted came too soon: after 5 a growing pause (1, 2, 4 … 60 s), at most 10 in WINDOW."""
    too_soon = tally.previous_at is not None and clock.now() < tally.previous_at + _pause(tally.count)
    return too_soon or tally.count > MOST


def wait(tally: Tally) -> timedelta:
    """How long after an attempt that came too soon the next one is let through. It has moved the counter too: the pause is the
    next one's, from now on; after MOST, to the end of the window."""
    return _pause(tally.count + 1) if tally.count < MOST else tally.resets_at - clock.now()


def _pause(count: int) -> timedelta:
    return timedelta(seconds=min(2 ** max(count - 6, 0), 60)) if count > 5 else timedelta(0)


def hash_of(key: str) -> str:
    """What the table knows the cookie's key by."""
    return sha256(key.encode()).hexdigest()
