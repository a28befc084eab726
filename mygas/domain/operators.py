"""Operators of suppliers: who they are, what is theirs to see, how they come to the desk. Users are never operators."""

import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pyotp
from sqlalchemy import ColumnElement, delete, update

from mygas import clock
from mygas.domain import audit, limits
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db, keyring
from mygas.models import Operator, OperatorSignIn
from mygas.words import N_, Refused

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
WINDOW = timedelta(minutes=15)
TOUCH = timedelta(minutes=1)
CODES = 10  # in WINDOW, for whoever knows the password
STEP = 30  # seconds (RFC 6238); a code of the step before or after is taken too, for clocks differ

_log = logging.getLogger("mygas.security")
_WRONG = N_("Неверный логин, пароль или код. Каждый код действует один раз: дождитесь следующего и попробуйте снова.")
_TOO_OFTEN = N_("Слишком много попыток входа. Подождите и попробуйте снова.")


def within(operator: Operator, supplier: Any) -> ColumnElement[bool]:
    """The condition that binds a query to the operator's suppliers: what is not theirs does not exist for him (ASVS 8.4.1)."""
    condition: ColumnElement[bool] = supplier.in_(operator.suppliers)
    return condition


def add(login: str, name: str, suppliers: Sequence[str], password_hash: str) -> str:
    """A new operator; returns the otpauth:// address of his second factor, to be told once. Raises Refused on a taken login."""
    seed = pyotp.random_base32()
    operator = Operator(
        login=login.lower(),
        name=name,
        suppliers=sorted(set(suppliers)),
        password_hash=password_hash,
        totp=keyring.seal(seed.encode(), f"totp:{login.lower()}"),
        created_at=clock.now(),
    )
    with refused_if_taken("uq_operator_login", Refused(N_("Такой логин уже занят."), field="login")):
        db.session.add(operator)
    audit.by_system("operator.add", login=operator.login, suppliers=operator.suppliers)
    return pyotp.TOTP(seed).provisioning_uri(name=operator.login, issuer_name="Мой газ")


def disable(login: str) -> bool:
    """Shut the operator out at once, for good: his sessions end too. False when there is no such operator at work."""
    gone = update(Operator).where(Operator.login == login.lower(), Operator.disabled_at.is_(None))
    operator_id = db.session.scalar(gone.values(disabled_at=clock.now()).returning(Operator.id))
    if operator_id is None:
        return False
    db.session.execute(delete(OperatorSignIn).where(OperatorSignIn.operator_id == operator_id))
    audit.by_system("operator.disable", login=login.lower())
    return True


def everyone() -> list[Operator]:
    """All operators, those shut out as well, by login."""
    return list(db.session.scalars(db.select(Operator).order_by(Operator.login)))


@dataclass(frozen=True)
class Attempt:
    """An attempt that was counted and may be evaluated. Nothing in it tells the visitor whether the login exists."""

    login: str
    operator_id: int | None
    password_hash: str | None


def attempt(login: str, visitor: Visitor) -> Attempt:
    """Count an attempt to sign in. Raises Refused while a pause lasts.

    Per login and address, as for users: after 5 failures a growing pause (1, 2, 4 … 60 s), at most 10 in 15 minutes.
    """
    login = login.strip().lower()
    tally = limits.hit("desk-sign-in", login, visitor.network, per=WINDOW)
    pause = timedelta(seconds=min(2 ** max(tally.count - 6, 0), 60)) if tally.count > 5 else timedelta(0)
    too_soon = tally.previous_at is not None and clock.now() < tally.previous_at + pause
    if too_soon or tally.count > 10:
        _log.warning("sign-in to the desk paused", extra={"ip": visitor.ip, "count": tally.count})
        raise Refused(_TOO_OFTEN, field="password")
    operator = db.session.scalars(db.select(Operator).filter_by(login=login, disabled_at=None)).one_or_none()
    return Attempt(login, operator.id if operator else None, operator.password_hash if operator else None)


def open_session(attempted: Attempt, visitor: Visitor, *, password_right: bool, code: str) -> str:
    """The session key for the cookie. Raises Refused in the same words for a login, password or code that is wrong.

    Codes are counted per operator once the password is right, before they are compared: who knows the password cannot
    guess the code from many addresses, and who does not cannot shut the operator out.
    """
    operator = db.session.get(Operator, attempted.operator_id) if attempted.operator_id else None
    if operator is None or not password_right:
        _log.warning("sign-in to the desk failed", extra={"ip": visitor.ip, "operator": attempted.operator_id})
        raise Refused(_WRONG, field="password")
    if limits.hit("desk-code", operator.login, per=WINDOW).count > CODES:
        _log.warning("codes of the desk over the limit", extra={"ip": visitor.ip, "operator": operator.id})
        raise Refused(_TOO_OFTEN, field="password")
    if not _use_code(operator, code):
        audit.by_operator("desk.wrong-code", operator, visitor.ip)
        _log.warning("wrong code at the desk", extra={"ip": visitor.ip, "operator": operator.id})
        raise Refused(_WRONG, field="password")
    limits.forgive("desk-sign-in", attempted.login, visitor.network)
    limits.forgive("desk-code", operator.login)
    audit.by_operator("desk.sign-in", operator, visitor.ip)
    key, now = secrets.token_urlsafe(32), clock.now()
    db.session.add(OperatorSignIn(id_hash=_hash(key), operator_id=operator.id, created_at=now, seen_at=now, ip=visitor.ip))
    return key


def _use_code(operator: Operator, code: str) -> bool:
    """Whether the code is of a time step near now that is later than any used before; the step is then used.

    One conditional UPDATE: of two sign-ins with one code at once, one succeeds (ASVS 6.5.1).
    """
    totp = pyotp.TOTP(keyring.unseal(operator.totp, f"totp:{operator.login}").decode())
    present = int(clock.now().timestamp()) // STEP
    right = [step for step in (present - 1, present, present + 1) if hmac.compare_digest(totp.generate_otp(step), code)]
    used = update(Operator).where(Operator.id == operator.id, Operator.totp_step < max(right, default=0))
    return bool(right) and rows_changed(used.values(totp_step=max(right))) == 1


@dataclass(frozen=True)
class Session:
    """Who sits at the desk, and whether it is time to note that he was seen (once a minute at most)."""

    operator: Operator
    stale: bool


def session_of(key: str) -> Session | None:
    """The live session that the cookie's key names: seen within 15 minutes, begun within 8 hours."""
    now = clock.now()
    live = (
        db.select(Operator, OperatorSignIn.seen_at)
        .join(OperatorSignIn, OperatorSignIn.operator_id == Operator.id)
        .where(OperatorSignIn.id_hash == _hash(key), Operator.disabled_at.is_(None))
        .where(OperatorSignIn.seen_at > now - IDLE, OperatorSignIn.created_at > now - ABSOLUTE)
    )
    found = db.session.execute(live).one_or_none()
    return Session(found.Operator, now - found.seen_at > TOUCH) if found else None


def touch(key: str) -> None:
    """Note that the session was seen just now."""
    db.session.execute(update(OperatorSignIn).where(OperatorSignIn.id_hash == _hash(key)).values(seen_at=clock.now()))


def end_session(key: str) -> None:
    """Leave the desk: the row is gone, and a copied cookie with it."""
    db.session.execute(delete(OperatorSignIn).where(OperatorSignIn.id_hash == _hash(key)))


def sweep() -> int:
    """Delete sessions that are over; returns how many."""
    now = clock.now()
    over = (OperatorSignIn.seen_at <= now - IDLE) | (OperatorSignIn.created_at <= now - ABSOLUTE)
    return rows_changed(delete(OperatorSignIn).where(over))


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()
