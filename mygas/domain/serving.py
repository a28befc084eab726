"""What an operator does for a subscriber at the counter: finds the account, hands a PIN over, takes access back."""

from typing import Any

from sqlalchemy import update

from mygas import clock
from mygas.domain import access_letters, accounts, audit, challenges, pins, visible
from mygas.domain.accounts import Holder
from mygas.domain.operators import within
from mygas.extensions import db
from mygas.models import Account, Connection, Operator, PinRequest
from mygas.words import N_, Refused

DOCUMENTS = {  # instruction 002: what is shown at the office
    "passport": N_("Паспорт с пропиской по этому адресу"),
    "passport-title": N_("Паспорт и свидетельство о праве собственности"),
}
_OVER = N_("Этот пользователь уже отключён или его доступ уже изменён. Обновите страницу.")


def account(operator: Operator, account_id: int) -> Account | None:
    """The account, if it is of one of the operator's suppliers."""
    return db.session.scalars(
        db.select(Account).where(Account.id == account_id, within(operator, Account.supplier))
    ).one_or_none()


def find(operator: Operator, supplier_slug: str, number: str) -> Account | None:
    """The account of that canonical number, if its supplier is one of the operator's and knows it."""
    return visible.find_account(supplier_slug, number) if supplier_slug in operator.suppliers else None


def note_look(operator: Operator, ip: str, account_id: int) -> None:
    """Write down that the operator saw the account: those who are connected to it read so in their journals."""
    if audit.is_new_look("account.view", operator, account_id):
        audit.by_operator("account.view", operator, ip, account_id=account_id)


def requests_about(account_id: int, besides: int | None = None, limit: int = 10) -> list[PinRequest]:
    """The newest requests for a PIN of the account, one of them left out."""
    others = db.select(PinRequest).where(PinRequest.account_id == account_id, PinRequest.id != (besides or 0))
    return list(db.session.scalars(others.order_by(PinRequest.id.desc()).limit(limit)))


def note_pin_in_person(operator: Operator, ip: str, account: Account, document: str) -> None:
    """Write down that the account's PIN is handed to its owner, who showed the document (a key of DOCUMENTS)."""
    challenges.let_try_again(account.id, *(holder.connection.user_id for holder in accounts.holders(account.id)))
    audit.by_operator("pin.in-person", operator, ip, account_id=account.id, document=document)


def open_slip(operator: Operator, ip: str, account: Account, nonce: str) -> str | None:
    """The account's PIN for paper, by a look granted under that nonce; None when it was taken already. Each is audited."""
    if not pins.use_look(nonce):
        return None
    audit.by_operator("pin.slip", operator, ip, account_id=account.id)
    return pins.current(account)


def holder(account: Account, ref: str) -> Holder:
    """Whose connection to that very account it is. Raises Refused when he is disconnected already."""
    found = next((one for one in accounts.holders(account.id) if one.ref == ref), None)
    if found is None:
        raise Refused(_OVER)
    return found


def take_back_extended(operator: Operator, ip: str, account: Account, ref: str) -> None:
    """Leave the user the basic version, which only the PIN extends again. He is told.

    Raises Refused when there is nothing to take back.
    """
    changed = _change(account, ref, Connection.access == "extended", access="basic", extended_at=None, proof="revoked")
    audit.by_operator("access.reduce", operator, ip, user_id=changed.user_id, account_id=account.id)
    access_letters.promise("reduced", changed)


def disconnect(operator: Operator, ip: str, account: Account, ref: str) -> None:
    """Take the account away from the user; connected anew, only the PIN extends it. He is told.

    Raises Refused when he is disconnected already.
    """
    changed = _change(account, ref, access="basic", extended_at=None, proof="revoked", ended_at=clock.now(), slot=None)
    audit.by_operator("access.end", operator, ip, user_id=changed.user_id, account_id=account.id)
    access_letters.promise("disconnected", changed)


def revoke_pin(operator: Operator, ip: str, account: Account) -> None:
    """Make the account's PIN void; whoever has the extended version keeps it and is told."""
    pins.revoke(account.id)
    audit.by_operator("pin.revoke", operator, ip, account_id=account.id)
    extended = db.select(Connection).filter_by(account_id=account.id, access="extended", ended_at=None)
    for connection in db.session.scalars(extended):
        access_letters.promise("pin-revoked", connection)


def _change(account: Account, ref: str, *only: Any, **values: Any) -> Connection:
    """One conditional UPDATE on a live connection to that very account; of two operators at once, one does it."""
    wanted = (Connection.ref == ref, Connection.account_id == account.id, Connection.ended_at.is_(None), *only)
    changed = update(Connection).where(*wanted).values(**values).returning(Connection).execution_options(populate_existing=True)
    connection = db.session.scalars(changed).one_or_none()
    if connection is None:
        raise Refused(_OVER)
    return connection
