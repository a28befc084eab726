"""A user's accounts: the one place where ownership is resolved, which section is open to whom, an account's first page."""

import re
from dataclasses import dataclass

from mygas.domain import histories, visible
from mygas.domain.people import known_as
from mygas.extensions import db
from mygas.models import Connection, User
from mygas.suppliers import Supplier


@dataclass(frozen=True)
class Home:
    """What an account's first page shows. Kopecks; a positive balance is a debt, a negative one an overpayment."""

    card: visible.Card
    months: tuple[histories.Charged, ...]
    payments: tuple[visible.Booked, ...]


@dataclass(frozen=True)
class Holder:
    """A user connected to an account, as far as others may know him."""

    ref: str
    masked_login: str
    connection: Connection


def connections(user: User) -> list[Connection]:
    """The user's live connections with their accounts, in the order that he chose. One statement."""
    live = db.select(Connection).join(Connection.account).options(db.contains_eager(Connection.account))
    live = live.filter(Connection.user_id == user.id, Connection.ended_at.is_(None))
    return list(db.session.scalars(live.order_by(Connection.place, Connection.id)))


def owned(connections: list[Connection], ref: str) -> Connection | None:
    """The connection of that ref among the user's own; what is not his does not exist for him."""
    return next((connection for connection in connections if connection.ref == ref), None)


def likely(connections: list[Connection], supplier: str) -> str:
    """The ref of the account that a question of the user's is likely about: the only one that he has, or has at the supplier by
    whose entrance he came (a slug, "" for none). Otherwise "": it is his to say."""
    found = [one for one in connections if supplier in ("", one.supplier)] or connections
    return found[0].ref if len(found) == 1 else ""


def holders(account_id: int, limit: int = 100) -> list[Holder]:
    """Users connected to the account now, in the order of connecting."""
    live = db.select(Connection).join(Connection.user).options(db.contains_eager(Connection.user))
    live = live.where(Connection.account_id == account_id, Connection.ended_at.is_(None)).order_by(Connection.id).limit(limit)
    return [Holder(one.ref, known_as(one.user), one) for one in db.session.scalars(live)]


def is_open(section: str, connection: Connection, supplier: Supplier) -> bool:
    """Whether the connection may see a section: all in the extended version, in the basic one what the supplier's rules say.

    In the basic version charges stay closed where the last one is an answer to the control question, and so do receipts and the
    history of readings, from which it can be reckoned: whoever knows an account's number would read the answer on its pages.
    """
    lite, asked = supplier.lite, supplier.access.charge
    basic = {
        "charges": lite.charges and not asked,
        "payments": lite.payments,
        "readings": lite.readings,
        "history": lite.readings and not asked,
        "receipts": lite.receipt and not asked,
        "pay": lite.pay,
    }
    return connection.access == "extended" or basic.get(section, False)


def home(connection: Connection, supplier: Supplier) -> Home | None:
    """The account's first page, only as much as is open; None when the supplier no longer knows the account."""
    account = connection.account
    card = visible.card(account.id)
    if card is None:
        return None
    months = 3 if is_open("charges", connection, supplier) else 0
    payments = 6 if is_open("payments", connection, supplier) else 0
    last = histories.recent(account.id, months, payments)
    return Home(card, last.months, last.payments)


def address_for(connection: Connection, card: visible.Card) -> str:
    """The address of the account: whole in the extended version, masked in the basic one."""
    return card.address if connection.access == "extended" else masked_address(card.address)


def masked_address(address: str) -> str:
    """Enough for the holder to recognise his home, too little for a stranger: «ул. Л***, д. 1*» (product.md §6)."""
    return ", ".join(_masked_part(part.strip()) for part in address.split(","))


def _masked_part(part: str) -> str:
    found = re.match(r"((?:г|ул|д|кв|пр-кт|пер|пос|с|дер|мкр|б-р|корп)\.?\s+)?(.)(.*)\Z", part, re.IGNORECASE)
    if not found or not found[3]:
        return part if found and found[1] else "*"
    return f"{found[1] or ''}{found[2]}{'*' * min(len(found[3]), 3)}"
