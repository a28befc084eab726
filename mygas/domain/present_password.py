"""The present password, asked for once more before what a stranger at an open browser must not do (ASVS 7.5.1)."""

import logging

from mygas.domain import limits, passwords
from mygas.domain.sessions import WINDOW, must_wait
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.models import User
from mygas.words import N_, Refused

FIELD = "present"

_log = logging.getLogger("mygas.security")
_WRONG = N_("Неверный пароль. Проверьте раскладку клавиатуры и попробуйте ещё раз.")
_TOO_MANY = N_("Слишком много попыток. Подождите и попробуйте снова.")
_CHANGED = N_("Кабинет только что изменили в другом окне. Войдите снова и начните сначала.")


def check(visitor: Visitor, password: str) -> str:
    """Compare, outside of any transaction; what proves the comparison to `hold` later on.

    The attempt is counted before, with the pauses of sign-in. Raises Refused on the field FIELD.
    """
    user = the_user(visitor)
    with unit_of_work():
        user_id, known = user.id, user.password_hash
        if must_wait(limits.hit("present-password", str(user_id), per=WINDOW)):
            _log.info("present password paused", extra={"user": user_id, "ip": visitor.ip})
            raise Refused(_TOO_MANY, field=FIELD)
    if not passwords.verify(known, password):
        _log.info("wrong present password", extra={"user": user_id, "ip": visitor.ip})
        raise Refused(_WRONG, field=FIELD)
    with unit_of_work():
        limits.forgive("present-password", str(user_id))
    return _proof(user_id, known)


def hold(user_id: int, proof: str) -> User:
    """The user, kept as he is by the present transaction. Raises Refused when the password is no longer the one that was
    checked, or the cabinet is closed: what was begun before that must not end after it.
    """
    user = db.session.get_one(User, user_id, populate_existing=True, with_for_update=True)
    if user.disabled_at is not None or proof != _proof(user.id, user.password_hash):
        raise Refused(_CHANGED)
    return user


def the_user(visitor: Visitor) -> User:
    """Who is signed in, in what is open to users only."""
    assert visitor.user is not None, "the page is open to users only"  # noqa: S101
    return visitor.user


def _proof(user_id: int, password_hash: str) -> str:
    """Tells of a password that it is the same, and nothing else: it may stand in a draft."""
    return keyring.fingerprint("present-password", str(user_id), password_hash)
