"""Connecting a personal account to a user (wizard CONNECT)."""

import logging
from datetime import timedelta

from sqlalchemy import ScalarSelect, func, select

from mygas import clock
from mygas.domain import audit, challenges, limits, open_cabinet, visible
from mygas.domain.challenges import Method
from mygas.domain.visitors import Visitor
from mygas.domain.work import refused_if_taken
from mygas.extensions import db
from mygas.models import Connection, Draft
from mygas.suppliers import Supplier
from mygas.words import N_, Refused

LOOK_UPS_A_DAY = 20  # account numbers are sequential, and people write brute-forcers for them (product.md §6)
SAFETY_CAP = 30  # accounts per user and supplier where the supplier sets no limit of his own

_log = logging.getLogger("mygas.security")


def choose_supplier(draft: Draft, _visitor: Visitor, *, supplier: Supplier) -> None:
    """Another supplier than before makes the later answers void; after a connected account the journey begins anew."""
    if draft.answers.get("supplier") != supplier.slug or "connection" in draft.answers:
        draft.answers = {"supplier": supplier.slug}


def connect_account(draft: Draft, visitor: Visitor, *, supplier: Supplier, number: str) -> Connection:
    """Connect the account in the basic version. `number` is canonical by the supplier's rule.

    Raises Refused on the field `number`: when there is no such account; when it is connected to this user already, which tells
    him of nobody else's; when the supplier's limit of accounts per user is reached; over 20 look-ups a day; when the cabinet is
    closed.
    """
    user = visitor.user
    assert user is not None, "the wizard is open to users only"  # noqa: S101
    if (connected := _connected_before(draft, number)) is not None:
        return connected
    if limits.hit("look-up", str(user.id), per=timedelta(days=1)).count > LOOK_UPS_A_DAY:
        _log.warning("account look-ups over the limit", extra={"user": user.id})
        raise Refused(N_("Слишком много попыток за сутки. Попробуйте завтра или позвоните поставщику газа."), field="number")
    open_cabinet.hold(user.id)
    live = list(db.session.scalars(db.select(Connection).filter_by(user_id=user.id, supplier=supplier.slug, ended_at=None)))
    account = visible.find_account(supplier.slug, number)
    if account is not None and any(connection.account_id == account.id for connection in live):
        raise Refused(_MINE, field="number")
    most = supplier.account.max_per_user or SAFETY_CAP
    slot = _free_slot([connection.slot for connection in live if connection.slot], most)
    if account is None:
        raise Refused(_NOT_CONNECTED, field="number")
    connection = Connection(
        user_id=user.id,
        account_id=account.id,
        supplier=supplier.slug,
        slot=slot,
        access="basic",
        proof="revoked" if challenges.was_revoked(user.id, account.id) else "",
        place=_last_place(user.id),
        created_at=clock.now(),
    )
    with refused_if_taken("uq_connection_user_id_supplier_slot", Refused(_AGAIN, field="number")):
        db.session.add(connection)
    draft.answers = {"supplier": supplier.slug, "number": number, "connection": connection.ref}
    audit.by_user("connect", visitor, account_id=account.id)
    _log.info("account connected", extra={"user": user.id, "account": account.id})
    return connection


_NOT_CONNECTED = N_("Не удалось подключить счёт с этим номером. Сверьте номер с квитанцией.")
_MINE = N_("Этот счёт уже подключён к Вашему кабинету.")
_AGAIN = N_("Другой счёт подключался в это же время. Попробуйте ещё раз.")


def answer_question(
    draft: Draft, visitor: Visitor, *, connection: Connection, supplier: Supplier, method: Method | None, reply: str
) -> None:
    """Open the extended version by the answer; or, with no method, «Подключить расширенную версию позже»: the account stays
    connected in the basic version. Raises Refused as challenges.answer does.
    """
    if method is not None:
        challenges.answer(connection, visitor, supplier=supplier, method=method, reply=reply)
    draft.answers = {**draft.answers, "question": "later" if method is None else "answered"}


def _connected_before(draft: Draft, number: str) -> Connection | None:
    """He who came Back from the question and names the same number goes on to it again."""
    if draft.answers.get("number") != number:
        return None
    return db.session.scalars(db.select(Connection).filter_by(ref=draft.answers["connection"], ended_at=None)).one_or_none()


def _last_place(user_id: int) -> ScalarSelect[int]:
    """After all the accounts that the user has: counted by the INSERT itself."""
    mine = select(func.coalesce(func.max(Connection.place), 0) + 1)
    return mine.where(Connection.user_id == user_id, Connection.ended_at.is_(None)).scalar_subquery()


def _free_slot(taken: list[int], most: int) -> int:
    """The lowest free slot; the unique constraint on slots makes the limit hold against any race (promises.md D6)."""
    slot = next((slot for slot in range(1, most + 1) if slot not in taken), None)
    if slot is None:
        raise Refused(
            N_("К одному кабинету можно подключить не более %(most)s счетов этого поставщика."), field="number", most=most
        )
    return slot
