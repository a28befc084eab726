"""Sign-in and sign-out: attempts counted before the password is looked at, sessions as rows (promises.md D4, D5, §1.3)."""

import logging
import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from mygas import contacts
from mygas.contacts import Contact
from mygas.domain import audit, limits, notices
from mygas.domain.sessions import WINDOW, Sessions, must_wait, wait
from mygas.domain.visitors import Visitor
from mygas.extensions import db
from mygas.models import SignIn, User
from mygas.words import N_, Refused

SESSIONS = Sessions(User, SignIn, idle=timedelta(minutes=30), absolute=timedelta(hours=12))

NOTED = 20
"""Wrong passwords to one login that are written down a day; the rest are only counted, so that a flood fills no disk."""
MOST_DEVICES_TOLD = 5
"""Messages of a new device that a user is sent a day."""
_log = logging.getLogger("mygas.security")
_WRONG = N_("Неверный логин или пароль. Проверьте раскладку клавиатуры и попробуйте ещё раз.")
_PAUSED_SECONDS = N_("Слишком много попыток входа. Попробуйте снова через %(left)s сек. или восстановите пароль.")
_PAUSED_MINUTES = N_("Слишком много попыток входа. Попробуйте снова через %(left)s мин. или восстановите пароль.")


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted and may be evaluated. Nothing in it tells the visitor whether the login exists."""

    login: str
    user_id: int | None
    password_hash: str | None


def attempt(contact: Contact, visitor: Visitor) -> Attempt:
    """Count an attempt to sign in. Raises Refused while a pause lasts.

    Per login and address: after 5 failures a growing pause (1, 2, 4 … 60 s), at most 10 in 15 minutes. Never a lock of the
    login itself, which would let anybody shut its owner out (ASVS 6.1.1).
    """
    tally = limits.hit("sign-in", contact.value, visitor.network, per=WINDOW)
    limits.hit("sign-in-login", contact.value, per=WINDOW)
    if must_wait(tally):
        _log.info("sign-in paused", extra={"ip": visitor.ip, "count": tally.count})
        raise _paused(wait(tally))
    user = db.session.scalars(db.select(User).filter_by(login=contact.value, disabled_at=None)).one_or_none()
    return Attempt(contact.value, user.id if user else None, user.password_hash if user else None)


def needs_riddle(login: str, visitor: Visitor) -> bool:
    """Whether «Я не робот» is asked for: 20 attempts at the login, or 10 failures from the address, within 15 minutes.

    Where the entry's rule is «off» it never is. Only failures count against an address: half a village may share one.
    `login` is as typed, in any spelling.
    """
    if visitor.rules.captcha == "off":
        return False
    if limits.count("sign-in-failed", visitor.network) >= 10:
        return True
    try:
        return limits.count("sign-in-login", contacts.parse(login).value) >= 20
    except ValueError:
        return False


def open_session(attempted: Attempt, visitor: Visitor, *, password_right: bool, new_hash: str | None = None) -> str:
    """The session key for the cookie. Raises Refused on a wrong password, in the same words for a login that is unknown, and for
    a password that was changed while it was compared."""
    user = _still_the_same(attempted) if password_right else None
    if user is None:
        _log.info("sign-in failed", extra={"ip": visitor.ip})
        limits.hit("sign-in-failed", visitor.network, per=WINDOW)
        _note_wrong_password(attempted, visitor)
        raise Refused(_WRONG, field="password")
    limits.forgive("sign-in", attempted.login, visitor.network)
    limits.forgive("sign-in-login", attempted.login)
    if new_hash:
        user.password_hash = new_hash
    return begin_session(user, visitor, tell=True)


def begin_session(user: User, visitor: Visitor, *, tell: bool = False) -> str:
    """A new row, 256 fresh random bits for the cookie; any session id known before means nothing afterwards.

    `tell`: send the user a message when this browser was not seen with him before; it makes up for the short password. Not
    without end: a browser may call itself anything, and an SMS costs money (promises.md §1.3).
    """
    db.session.flush()
    unseen = limits.hit("device", str(user.id), visitor.user_agent, per=timedelta(days=90)).count == 1
    if unseen and tell and limits.hit("device-told", str(user.id), per=timedelta(days=1)).count <= MOST_DEVICES_TOLD:
        notices.warn(user.id, "sign-in", "new-device", browser=visitor.user_agent)
    audit.by_user("sign-in", visitor, user=user, failed=limits.count("wrong-password", str(user.id)))
    _log.info("signed in", extra={"user": user.id, "ip": visitor.ip})
    return SESSIONS.begin(user_id=user.id, ip=visitor.ip, user_agent=visitor.user_agent)


def end_session(key: str, visitor: Visitor) -> None:
    """Sign out."""
    SESSIONS.end(key)
    audit.by_user("sign-out", visitor)


def _paused(left: timedelta) -> Refused:
    """Known by the login as typed and the address alone, so it tells nobody whether there is such a login."""
    seconds = max(math.ceil(left.total_seconds()), 1)
    if seconds < 60:
        return Refused(_PAUSED_SECONDS, field="password", left=seconds)
    return Refused(_PAUSED_MINUTES, field="password", left=math.ceil(seconds / 60))


def _still_the_same(attempted: Attempt) -> User | None:
    """The user, kept as he was when his password was compared: a change of it, an undone login, a closed cabinet end all
    sessions, and none may begin right after by what was true before."""
    if attempted.user_id is None:
        return None
    user = db.session.get_one(User, attempted.user_id, populate_existing=True, with_for_update=True)
    return user if user.disabled_at is None and user.password_hash == attempted.password_hash else None


def _note_wrong_password(attempted: Attempt, visitor: Visitor) -> None:
    """For the journal of the login's owner, where it has one."""
    if attempted.user_id is None:
        return
    if limits.hit("wrong-password", str(attempted.user_id), per=timedelta(days=1)).count <= NOTED:
        audit.by_user("sign-in", visitor, user=db.session.get_one(User, attempted.user_id), outcome="wrong")


def end_all_sessions(user: User) -> None:
    """After a change of password nobody stays signed in with the old one (ASVS 7.4.3)."""
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))


def go_on_alone(user: User, visitor: Visitor) -> str:
    """Every session of the user ends; the key by which this browser goes on (ASVS 7.2.4, 7.4.3)."""
    end_all_sessions(user)
    return begin_session(user, visitor)
