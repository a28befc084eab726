"""A user's accounts: the one place where ownership is resolved, and what the home page of an account needs."""

import re
from dataclasses import dataclass

from mygas.domain import visible
from mygas.extensions import db
from mygas.models import Account, Connection, User


@dataclass(frozen=True)
class Home:
    """What the basic version may show of an account. Kopecks; `owed_kop` positive is a debt, negative an overpayment."""

    card: visible.Card
    months: list[visible.Month]
    payments: list[visible.Booked]


def connections(user: User) -> list[Connection]:
    """The user's live connections with their accounts, in the order of connecting. One statement."""
    live = db.select(Connection).join(Connection.account).options(db.contains_eager(Connection.account))
    return list(
        db.session.scalars(live.filter(Connection.user_id == user.id, Connection.ended_at.is_(None)).order_by(Connection.id))
    )


def owned(connections: list[Connection], ref: str) -> Connection | None:
    """The connection of that ref among the user's own; what is not his does not exist for him."""
    return next((connection for connection in connections if connection.ref == ref), None)


def home(account: Account, *, with_months: bool, with_payments: bool) -> Home | None:
    """The account's page, only as much as the supplier's rules allow; None when the supplier no longer knows the account."""
    card = visible.card(account.id)
    if card is None:
        return None
    return Home(
        card=card,
        months=visible.months(account.id, limit=3) if with_months else [],
        payments=visible.payments(account.id, limit=6) if with_payments else [],
    )


def masked_address(address: str) -> str:
    """Enough for the holder to recognise his home, too little for a stranger: «ул. Л***, д. 1*» (product.md §6)."""
    return ", ".join(_masked_part(part.strip()) for part in address.split(","))


def _masked_part(part: str) -> str:
    found = re.match(r"((?:г|ул|д|кв|пр-кт|пер|пос|с|дер|мкр|б-р|корп)\.?\s+)?(.)(.*)\Z", part, re.IGNORECASE)
    if not found or not found[3]:
        return part if found and found[1] else "*"
    return f"{found[1] or ''}{found[2]}{'*' * min(len(found[3]), 3)}"
