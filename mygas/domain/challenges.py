"""The challenge: a connected user proves that the account is his, and its extended version opens.

What can be asked is weak knowledge (a serial is read in a stairwell, a charge on a receipt in the bin), so each try is
counted before it is compared, for the user and account, for the user, and for the account over all users.
"""

import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import update

from mygas import clock
from mygas.domain import audit, common_charges, limits, notices, pins, visible
from mygas.domain.folding import fold
from mygas.domain.notices import News
from mygas.domain.visitors import Visitor
from mygas.domain.work import rows_changed
from mygas.extensions import db
from mygas.models import Account, Connection
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

Method = Literal["serial", "charge", "pin"]

PER = timedelta(hours=24)
LIMITS = {"challenge": 5, "challenge-user": 20, "challenge-account": 10}  # tries in PER (promises.md §1.3)
ALARM = 50  # wrong answers an hour in the whole installation
NEWS_LIFE = timedelta(days=3)

_log = logging.getLogger("mygas.security")
_WRONG = N_("Ответ не подошёл. Осталось попыток: %(left)s.")
_WRONG_LAST = N_("Ответ не подошёл, попытки закончились. Снова ответить можно %(day)s после %(time)s (местное время поставщика).")
_LOCKED = N_("Попытки закончились. Снова ответить на контрольный вопрос можно %(day)s после %(time)s (местное время поставщика).")
_NOT_OFFERED = N_("Этим способом ответить сейчас нельзя. Выберите другой.")


def methods(connection: Connection, supplier: Supplier) -> list[Method]:
    """How the account's holder may answer: as the supplier allows, and where there is something to ask. One statement.

    By the PIN only, once an operator took access to the account back from this user: what can be known of a stranger's
    account he may know still, and the PIN an operator can make void.
    """
    access = supplier.access
    weak = (access.serial or access.charge) and connection.proof != "revoked"
    asked = common_charges.asked(connection.account, this_period(supplier)) if weak else None
    offered: dict[Method, bool] = {
        "serial": access.serial and asked is not None and asked.has_meter,
        "charge": access.charge and asked is not None and bool(asked.sums),
        "pin": access.pin,
    }
    return [method for method, possible in offered.items() if possible]


def answer(connection: Connection, visitor: Visitor, *, supplier: Supplier, method: Method, reply: str) -> None:
    """Open the extended version by the right reply; to "charge" it is kopecks in digits. Audited.

    Raises Refused on the field `reply`: when it is wrong, in the same words for every method; when the tries are
    over, saying until when. Users that have the extended version of the account already are told of a success.
    """
    if connection.access == "extended":
        return
    if method not in methods(connection, supplier):
        raise Refused(_NOT_OFFERED, field="method")
    left, until = _count(connection, visitor, supplier)
    if not _RIGHT[method](connection.account, supplier, reply):
        _note_wrong(connection, visitor, method)
        if left == 0:
            raise Refused(_WRONG_LAST, field="reply", **until)
        raise Refused(_WRONG, field="reply", left=left)
    _extend(connection, visitor, method)
    limits.forgive("challenge", *_pair(connection))


def let_try_again(account_id: int, *user_ids: int) -> None:
    """An operator has just given out the PIN: whoever spent his tries before must be able to enter it."""
    limits.forgive("challenge-account", str(account_id))
    for user_id in user_ids:
        limits.forgive("challenge", str(user_id), str(account_id))
        limits.forgive("challenge-user", str(user_id))


def was_revoked(user_id: int, account_id: int) -> bool:
    """Whether an operator took access to the account back from the user, on an earlier connection to it."""
    revoked = db.exists().where(Connection.user_id == user_id, Connection.account_id == account_id, Connection.proof == "revoked")
    return db.session.scalar(db.select(revoked)) is True


def this_period(supplier: Supplier) -> int:
    """The month that is not over yet, in the supplier's zone: year * 100 + month."""
    today = clock.now().astimezone(supplier.time_zone)
    return today.year * 100 + today.month


def _count(connection: Connection, visitor: Visitor, supplier: Supplier) -> tuple[int, dict[str, Any]]:
    """Count one try; (tries left, from when there will be more). Raises Refused when there is none left.

    The user's own limits come first, so that he who is locked out does not use up the tries of others.
    """
    left, until = max(LIMITS.values()), clock.now()
    subjects = (_pair(connection), (str(connection.user_id),), (str(connection.account_id),))
    for (kind, most), subject in zip(LIMITS.items(), subjects, strict=True):
        tally = limits.hit(kind, *subject, per=PER)
        if tally.count > most:
            if tally.count == most + 1:
                audit.by_user("challenge", visitor, outcome="locked", account_id=connection.account_id, limit=kind)
                _log.warning("challenge locked", extra={"limit": kind, "account": connection.account_id})
            raise Refused(_LOCKED, field="reply", **_said(tally.resets_at, supplier))
        if most - tally.count < left:
            left, until = most - tally.count, tally.resets_at
    return left, _said(until, supplier)


def _said(moment: datetime, supplier: Supplier) -> dict[str, Any]:
    local = moment.astimezone(supplier.time_zone)
    return {"day": local.date(), "time": f"{local:%H:%M}"}


def _pair(connection: Connection) -> tuple[str, str]:
    return str(connection.user_id), str(connection.account_id)


def _note_wrong(connection: Connection, visitor: Visitor, method: Method) -> None:
    audit.by_user("challenge", visitor, outcome="wrong", account_id=connection.account_id, method=method)
    _log.info("wrong answer to a challenge", extra={"account": connection.account_id, "method": method})
    if limits.hit("challenge-wrong", per=timedelta(hours=1)).count == ALARM + 1:
        _log.warning("more than %s wrong answers to challenges within an hour", ALARM)


def _extend(connection: Connection, visitor: Visitor, method: Method) -> None:
    """One conditional UPDATE: answered twice at once, it is opened, audited and told once."""
    now = clock.now()
    opened = (
        update(Connection)
        .where(Connection.id == connection.id, Connection.access == "basic", Connection.ended_at.is_(None))
        .values(access="extended", extended_at=now, proof=method)
    )
    if not rows_changed(opened):
        return
    audit.by_user("challenge", visitor, account_id=connection.account_id, method=method)
    _log.info("extended access", extra={"account": connection.account_id, "method": method})
    payload = {"newcomer": connection.user_id, "account": connection.account_id, "at": now.isoformat()}
    key = f"newcomer:{connection.id}:{now.timestamp():.0f}"
    news = [News(user_id, f"{key}:{user_id}", payload) for user_id in _others(connection)]
    notices.tell_all("access", "newcomer", news, expires_at=now + NEWS_LIFE)


def _others(connection: Connection) -> list[int]:
    """Users that have proved the same account to be theirs. To him who has only typed its number the news is not due."""
    holders = db.select(Connection.user_id).filter_by(account_id=connection.account_id, access="extended", ended_at=None)
    return list(db.session.scalars(holders.where(Connection.user_id != connection.user_id)))


def _is_serial(account: Account, _supplier: Supplier, reply: str) -> bool:
    return any(_same(fold(reply), fold(meter.serial)) for meter in visible.meters(account.id))


def _is_charge(account: Account, supplier: Supplier, reply: str) -> bool:
    return any(_same(reply, str(sum_kop)) for sum_kop in common_charges.asked(account, this_period(supplier)).sums)


def _is_pin(account: Account, _supplier: Supplier, reply: str) -> bool:
    return pins.fits(account, reply)


def _same(given: str, right: str) -> bool:
    return bool(right) and hmac.compare_digest(given.encode(), right.encode())


_RIGHT: dict[Method, Callable[[Account, Supplier, str], bool]] = {"serial": _is_serial, "charge": _is_charge, "pin": _is_pin}
