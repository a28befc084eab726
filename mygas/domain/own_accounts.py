"""What a user does with the accounts connected to him: gives them names, puts them in order, disconnects them."""

from typing import Literal

from sqlalchemy import func, update

from mygas import clock
from mygas.domain import access_letters, accounts, audit, open_cabinet
from mygas.domain.visitors import Visitor
from mygas.domain.work import rows_changed
from mygas.extensions import db
from mygas.models import Connection, User
from mygas.words import N_, Refused

LONGEST_ALIAS = 40

_OVER = N_("Этот счёт уже отключён.")


def rename(connection: Connection, alias: str) -> None:
    """Call the account so («Дом», «Дом родителей»); empty for no name. Nobody else sees it. Raises Refused when the cabinet is
    closed."""
    open_cabinet.hold(connection.user_id)
    connection.alias = alias


def move(user: User, ref: str, by: Literal["up", "down"]) -> None:
    """Let the account change places with the one before or after it; the first one stays first, the last one last."""
    mine = accounts.connections(user)
    here = next((at for at, one in enumerate(mine) if one.ref == ref), None)
    there = None if here is None else here + (1 if by == "down" else -1)
    if here is not None and there is not None and 0 <= there < len(mine):
        mine[here], mine[there] = mine[there], mine[here]
    for place, one in enumerate(mine, start=1):
        one.place = place


def disconnect(visitor: Visitor, connection: Connection) -> None:
    """End the connection. Audited, and the user is told. Raises Refused when it has ended already.

    It is allowed while a payment is under way: the payment is the payer's and the account's, not the connection's, so it goes on
    as if nothing had been, is credited to the account, and its page stays open to its payer. Refusing would shut people in
    for as long as a bank does not answer, and guard no money. One conditional UPDATE; a payment that is being begun at the
    same moment is either begun before it, or refused (paying.begin).

    The extended version is given up with it and must be proved again; that an operator took access back is remembered.
    """
    ended = (
        update(Connection)
        .where(Connection.id == connection.id, Connection.ended_at.is_(None))
        .values(ended_at=clock.now(), slot=None, access="basic", extended_at=None)
    )
    if not rows_changed(ended.execution_options(synchronize_session=False)):
        raise Refused(_OVER)
    audit.by_user("disconnect", visitor, account_id=connection.account_id)
    access_letters.promise("left", connection)


def past(user_id: int, *, before: int | None = None, limit: int = 20) -> list[Connection]:
    """The last connection to each account that was the user's and is not now, newest first; `before` is the id of the last one
    shown."""
    last = db.select(func.max(Connection.id)).where(Connection.user_id == user_id).group_by(Connection.account_id)
    mine = db.select(Connection).options(db.joinedload(Connection.account))
    mine = mine.where(Connection.id.in_(last), Connection.ended_at.is_not(None))
    if before is not None:
        mine = mine.where(Connection.id < before)
    return list(db.session.scalars(mine.order_by(Connection.id.desc()).limit(limit)))


def past_one(user_id: int, ref: str) -> Connection | None:
    """The user's connection of that ref, if it has ended."""
    mine = db.select(Connection).options(db.joinedload(Connection.account)).filter_by(ref=ref, user_id=user_id)
    return db.session.scalars(mine.where(Connection.ended_at.is_not(None))).one_or_none()
