"""Operators of suppliers: who they are, what is theirs to see, how they come to the desk. Users are never operators."""

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from sqlalchemy import ColumnElement, delete, update

from mygas import clock
from mygas.domain import audit, limits
from mygas.domain.sessions import WINDOW, Sessions, must_wait
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken, rows_changed
from mygas.extensions import db, keyring
from mygas.models import PORTAL, Operator, OperatorSignIn
from mygas.words import N_, Refused

SESSIONS = Sessions(Operator, OperatorSignIn, idle=timedelta(minutes=15), absolute=timedelta(hours=8))
CODES = 10  # in WINDOW, for whoever knows the password
STEP = 30  # seconds (RFC 6238); a code of the step before or after is taken too, for clocks differ

_log = logging.getLogger("mygas.security")
_WRONG = N_("Неверный логин, пароль или код. Каждый код действует один раз: дождитесь следующего и попробуйте снова.")
_TOO_OFTEN = N_("Слишком много попыток входа. Подождите и попробуйте снова.")


def within(operator: Operator, supplier: Any) -> ColumnElement[bool]:
    """The condition that binds a query to the operator's suppliers: what is not theirs does not exist for him (ASVS 8.4.1)."""
    condition: ColumnElement[bool] = supplier.in_(operator.suppliers)
    return condition


def addressees(operator: Operator) -> list[str]:
    """Whose questions he answers: his suppliers', and the portal's own support's where he serves that."""
    return [*([PORTAL] if operator.portal_support else []), *operator.suppliers]


def serves(operator: Operator, addressee: Any) -> ColumnElement[bool]:
    """As `within`, of questions to the support: binds a query to the operator's addressees."""
    condition: ColumnElement[bool] = addressee.in_(addressees(operator))
    return condition


def add(login: str, name: str, suppliers: Sequence[str], password_hash: str, *, portal_support: bool = False) -> str:
    """A new operator; returns the otpauth:// address of his second factor, to be told once. Raises Refused on a taken login."""
    seed = pyotp.random_base32()
    operator = Operator(
        login=login.lower(),
        name=name,
        suppliers=sorted(set(suppliers)),
        portal_support=portal_support,
        password_hash=password_hash,
        totp=keyring.seal(seed.encode(), f"totp:{login.lower()}"),
        created_at=clock.now(),
    )
    with refused_if_taken("uq_operator_login", Refused(N_("Такой логин уже занят."), field="login")):
        db.session.add(operator)
    audit.by_system("operator.add", login=operator.login, suppliers=operator.suppliers, portal_support=portal_support)
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
    if must_wait(tally):
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
    return SESSIONS.begin(operator_id=operator.id, ip=visitor.ip)


def _use_code(operator: Operator, code: str) -> bool:
    """Whether the code is of a time step near now that is later than any used before; the step is then used.

    One conditional UPDATE: of two sign-ins with one code at once, one succeeds (ASVS 6.5.1).
    """
    totp = pyotp.TOTP(keyring.unseal(operator.totp, f"totp:{operator.login}").decode())
    present = int(clock.now().timestamp()) // STEP
    right = [step for step in (present - 1, present, present + 1) if hmac.compare_digest(totp.generate_otp(step), code)]
    used = update(Operator).where(Operator.id == operator.id, Operator.totp_step < max(right, default=0))
    return bool(right) and rows_changed(used.values(totp_step=max(right))) == 1
