"""What happened in a user's cabinet, as the audit has it: his own deeds, and what others did with his accounts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, select, union_all

from mygas.domain.newest import rows
from mygas.models import Account, AuditEntry, Connection, User

PAGE = 500
"""Entries read at a time where all are wanted."""
LOOKS = ("account.view",)
"""What a basic connection, whose owner has proved nothing, is told of others' deeds."""


Who = Literal["me", "operator", "other", "portal"]


@dataclass(frozen=True)
class Event:
    """An entry of the audit as the user may read it.

    `who`: me, operator, other (another user of the account), portal. `ip` is that of one's own deeds alone. `number` and
    `supplier` are of the account it touched, None for what touched none.
    """

    id: int
    at: datetime
    who: Who
    action: str
    outcome: str
    ip: str
    detail: Mapping[str, Any]
    number: str | None
    supplier: str | None


def events(
    user: User,
    connections: Sequence[Connection],
    *,
    actions: Collection[str] | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> list[Event]:
    """The newest `limit` entries older than the one of the id `before`; of these `actions` only, if any are named.

    One statement: it reads the top of an index for the user and of one for each of his live `connections`.
    """
    wanted: list[ColumnElement[bool]] = []
    if actions is not None:
        wanted.append(AuditEntry.action.in_(actions))
    if before is not None:
        wanted.append(AuditEntry.id < before)
    parts = [AuditEntry.user_id == user.id, *(_of_others(connection) for connection in connections)]
    tops = [select(AuditEntry.id).where(part, *wanted).order_by(AuditEntry.id.desc()).limit(limit).subquery() for part in parts]
    ids = union_all(*(select(top.c.id) for top in tops))
    query = (
        select(*(getattr(AuditEntry, name) for name in _READ), Account.number, Account.supplier)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .where(AuditEntry.id.in_(ids))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [_event(row, user.id) for row in rows(query)]


def everything(user: User, connections: Sequence[Connection]) -> Iterator[Event]:
    """All of it, newest first, PAGE entries at a time."""
    before: int | None = None
    while found := events(user, connections, before=before):
        yield from found
        before = found[-1].id


_READ = ("id", "at", "actor", "actor_id", "action", "outcome", "ip", "user_id", "detail")


def _of_others(connection: Connection) -> ColumnElement[bool]:
    """What others did with the account since the user has had it: all of it in the extended version."""
    touched = (AuditEntry.account_id == connection.account_id) & AuditEntry.user_id.is_distinct_from(connection.user_id)
    if connection.access == "extended":
        return touched & (AuditEntry.at >= (connection.extended_at or connection.created_at))
    return touched & (AuditEntry.at >= connection.created_at) & AuditEntry.action.in_(LOOKS)


_WHO: dict[str, Who] = {"user": "other", "operator": "operator", "system": "portal"}


def _event(row: RowMapping, user_id: int) -> Event:
    mine = row["actor"] == "user" and row["actor_id"] == user_id
    who: Who = "me" if mine else _WHO[row["actor"]]
    same = {name: row[name] for name in ("id", "at", "action", "outcome", "detail", "number", "supplier")}
    return Event(**same, who=who, ip=row["ip"] if mine else "")
