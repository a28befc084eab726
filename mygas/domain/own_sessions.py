"""The sessions of a user as he sees them himself, and how he ends them (ASVS 7.5.2)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from mygas.domain import audit, present_password
from mygas.domain.sessions import hash_of
from mygas.domain.signing_in import SESSIONS
from mygas.domain.visitors import Visitor
from mygas.domain.work import rows_changed
from mygas.extensions import db, keyring
from mygas.models import SignIn
from mygas.words import N_, Refused

MOST_SHOWN = 30  # he who has more ends them all at once

_OVER = N_("Этот сеанс уже завершён.")


@dataclass(frozen=True)
class Seen:
    """A live session. `ref` names it on pages: the hash of its key stays in the table. `here`: it is that of this browser."""

    ref: str
    user_agent: str
    ip: str
    began_at: datetime
    seen_at: datetime
    here: bool


def live(user_id: int, key: str) -> list[Seen]:
    """The user's sessions, this browser's first, then the one seen last; `key` is this browser's."""
    mine = db.select(SignIn).where(SignIn.user_id == user_id, ~SESSIONS.over())
    rows, here = db.session.scalars(mine.order_by(SignIn.seen_at.desc()).limit(MOST_SHOWN)), hash_of(key)
    seen = [Seen(_ref(one), one.user_agent, one.ip, one.created_at, one.seen_at, one.id_hash == here) for one in rows]
    return sorted(seen, key=lambda one: not one.here)


def end(visitor: Visitor, key: str, ref: str, proof: str) -> None:
    """End the one session, or all but this browser's where `ref` is empty. Audited. Raises Refused when it is over already, and
    as present_password.hold does.
    """
    user = present_password.hold(present_password.the_user(visitor).id, proof)
    others = (SignIn.user_id == user.id, SignIn.id_hash != hash_of(key))
    doomed = [one.id_hash for one in db.session.scalars(db.select(SignIn).where(*others)) if _ref(one) == ref]
    ended = rows_changed(delete(SignIn).where(*others, *([SignIn.id_hash.in_(doomed)] if ref else [])))
    if ref and not ended:
        raise Refused(_OVER)
    audit.by_user("sessions.end", visitor, ended=ended)


def _ref(session: SignIn) -> str:
    return keyring.fingerprint("session", session.id_hash)
