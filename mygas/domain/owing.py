"""What is still to be paid for an account: the supplier's figures less what was paid here and he has not booked yet. Kopecks."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, and_, cast, or_, select

from mygas.domain import unbooked
from mygas.domain.accounts import Connection
from mygas.domain.newest import newest, rows
from mygas.domain.orders import ASKED_ON, OPEN
from mygas.extensions import db
from mygas.models import AccountCard, Order, ServiceBalance
from mygas.suppliers import Supplier

Split = tuple[tuple[str, int], ...]
"""What a sum is for: (service, kopecks) pairs."""


@dataclass(frozen=True)
class Owed:
    """One service: what is left of its balance; a debt is positive, an overpayment negative."""

    service: str
    left_kop: int


@dataclass(frozen=True)
class Bill:
    """All services of an account, the supplier's main one first. `apart`: he keeps them apart, so that one's overpayment pays no
    other's debt; elsewhere there is the main one alone.

    `open_ref` names the user's own payment that is not over yet; `doubtful_ref` and `doubtful_id` his newest one that may have
    been paid, though it is not credited: people look into it, or the acquirer is asked on.
    """

    balance_kop: int
    balance_on: date
    paid_here_kop: int
    services: tuple[Owed, ...]
    apart: bool
    open_ref: str | None
    doubtful_ref: str | None
    doubtful_id: int | None

    @property
    def left_kop(self) -> int:
        """The balance once the supplier has booked what was paid here."""
        return self.balance_kop - self.paid_here_kop

    @property
    def debt(self) -> Split:
        """The services with a debt."""
        return self.with_more(0)

    def with_more(self, kopecks: int) -> Split:
        """The debt as it would be if the main service cost that much more."""
        main, *others = self.services
        left = ((main.service, main.left_kop + kopecks), *((one.service, one.left_kop) for one in others))
        return tuple((service, sum_kop) for service, sum_kop in left if sum_kop > 0)


_FIGURES = ("balance_kop", "balance_on", "paid_here_kop", "open_ref", "doubtful_ref", "doubtful_id")


def total(split: Split) -> int:
    """Kopecks."""
    return sum(kopecks for _, kopecks in split)


def bill(connection: Connection, supplier: Supplier) -> Bill | None:
    """The account's bill, None while no registry has brought a card of it. One statement; two where services are apart and
    something was paid here."""
    account_id = connection.account_id
    card = newest(AccountCard, AccountCard.account_id == account_id, key=("account_id",))
    balances = newest(ServiceBalance, ServiceBalance.account_id == account_id, key=("account_id",))
    mine = select(Order.ref).where(Order.account_id == account_id, Order.user_id == connection.user_id)
    may_be_paid = or_(Order.state == "review", and_(Order.state.in_(sorted(ASKED_ON)), Order.ask_at.is_not(None)))
    doubtful = mine.where(may_be_paid).order_by(Order.id.desc()).limit(1)
    found = rows(
        select(
            *(card.c.balance_kop, card.c.balance_on, balances.c.service, balances.c.balance_kop.label("service_kop")),
            cast(unbooked.unbooked_kop(account_id), BigInteger).label("paid_here_kop"),
            mine.where(Order.state.in_(sorted(OPEN))).scalar_subquery().label("open_ref"),
            doubtful.scalar_subquery().label("doubtful_ref"),
            doubtful.with_only_columns(Order.id).scalar_subquery().label("doubtful_id"),
        )
        .outerjoin(balances, and_(balances.c.account_id == card.c.account_id, balances.c.age == 1))
        .where(card.c.age == 1)
        .order_by(balances.c.service != supplier.billing.services[0], balances.c.service)
    )
    if not found:
        return None
    first = found[0]
    figures = {name: first[name] for name in _FIGURES}
    if first["service"] is None:
        left = first["balance_kop"] - first["paid_here_kop"]
        return Bill(**figures, services=(Owed(supplier.billing.services[0], left),), apart=False)
    paid = _paid_by_service(account_id) if first["paid_here_kop"] else Counter[str]()
    services = tuple(Owed(row["service"], row["service_kop"] - paid[row["service"]]) for row in found)
    return Bill(**figures, services=services, apart=True)


def _paid_by_service(account_id: int) -> Counter[str]:
    """Of payments that the supplier has not booked yet."""
    paid: Counter[str] = Counter()
    for split in db.session.scalars(select(Order.split).where(*unbooked.waiting(account_id))):
        paid.update({service: int(kopecks) for service, kopecks in split})
    return paid
