"""What is still to be paid for an account: the supplier's figures less what was paid here and he has not booked yet. Kopecks."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import String, cast, select

from mygas.domain import unbooked, visible
from mygas.domain.newest import newest, rows
from mygas.domain.visible import Card
from mygas.extensions import db
from mygas.models import Order, ServiceBalance
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
    """All services of an account. `apart`: the supplier keeps them apart, so that one's overpayment pays no other's debt;
    elsewhere there is one, named by the first of his services.
    """

    card: Card
    services: tuple[Owed, ...]
    apart: bool

    @property
    def debt(self) -> Split:
        """The services with a debt."""
        return self.with_more(0)

    @property
    def debt_kop(self) -> int:
        return sum(kopecks for _, kopecks in self.debt)

    def with_more(self, kopecks: int) -> Split:
        """The debt as it would be if the first service cost that much more."""
        main, *others = self.services
        left = ((main.service, main.left_kop + kopecks), *((one.service, one.left_kop) for one in others))
        return tuple((service, sum_kop) for service, sum_kop in left if sum_kop > 0)


def bill(account_id: int, supplier: Supplier) -> Bill | None:
    """The account's bill, None while no registry has brought a card of it. Two statements, three where services are apart."""
    card = visible.card(account_id)
    if card is None:
        return None
    main = supplier.billing.services[0]
    balances = _service_balances(account_id)
    if not balances:
        return Bill(card, (Owed(main, card.left_kop),), apart=False)
    paid = _paid_here(account_id)
    services = [Owed(service, kopecks - paid[service]) for service, kopecks in balances]
    return Bill(card, tuple(sorted(services, key=lambda one: one.service != main)), apart=True)


def _service_balances(account_id: int) -> list[tuple[str, int]]:
    """The newest registry that speaks of the account speaks of all its services; by name."""
    known = newest(ServiceBalance, ServiceBalance.account_id == account_id, key=("account_id",))
    query = select(known.c.service, known.c.balance_kop).where(known.c.age == 1).order_by(known.c.service)
    return [(row["service"], row["balance_kop"]) for row in rows(query)]


def _paid_here(account_id: int) -> Counter[str]:
    """Kopecks by service, of payments that the supplier has not booked yet."""
    unseen = cast(Order.id, String(20)).not_in(unbooked.booked_numbers(account_id))
    waiting = select(Order.split).where(Order.account_id == account_id, Order.state == "succeeded", unseen)
    paid: Counter[str] = Counter()
    for split in db.session.scalars(waiting):
        paid.update({service: int(kopecks) for service, kopecks in split})
    return paid
