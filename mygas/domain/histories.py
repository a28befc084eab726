"""The histories of an account: what moved its balance, long ago and lately, which years there are. Seen as in domain.visible."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    Subquery,
    bindparam,
    cast,
    extract,
    func,
    literal,
    null,
    select,
    union_all,
)

from mygas.domain.newest import newest, rows
from mygas.domain.visible import Booked
from mygas.extensions import db
from mygas.models import AccountCard, Charge, Payment

_TOLD: dict[str, Any] = {
    "period": Integer(),
    "day": Date(),
    "sum_kop": BigInteger(),
    "more": BigInteger(),
    "number": String(),
    "source": String(),
}


@dataclass(frozen=True)
class Charged:
    """What the lines of a month come to, kopecks; `period` is year * 100 + month."""

    period: int
    sum_kop: int
    recalculated_kop: int


@dataclass(frozen=True)
class Paid:
    """What was paid on a day, kopecks."""

    paid_on: date
    sum_kop: int


@dataclass(frozen=True)
class Ledger:
    """All that moved an account's balance, and where the supplier says it stood on `balance_on` (kopecks, a debt is positive)."""

    balance_kop: int
    balance_on: date
    charged: tuple[Charged, ...]
    paid: tuple[Paid, ...]


@dataclass(frozen=True)
class Recent:
    """The last months with charges and the last payments, newest first."""

    months: tuple[Charged, ...]
    payments: tuple[Booked, ...]


def recent(account_id: int, months: int, payments: int) -> Recent:
    """The last `months` months and `payments` payments. One statement, and none where nothing is wanted."""
    if not months and not payments:
        return Recent((), ())
    asked = {"account_id": account_id, "months": months, "payments": payments}
    found = db.session.execute(_recent(), asked).mappings().all()
    listed = [Charged(row["period"], int(row["sum_kop"]), int(row["more"])) for row in found if row["kind"] == "charge"]
    bills = [Booked(row["number"], row["day"], int(row["sum_kop"]), row["source"]) for row in found if row["kind"] == "payment"]
    return Recent(
        months=tuple(sorted(listed, key=lambda one: one.period, reverse=True)),
        payments=tuple(sorted(bills, key=lambda one: (one.paid_on, one.number), reverse=True)),
    )


@cache
def _recent() -> CompoundSelect[Any]:
    """Built once: it stands on the first page of every account, and building takes longer than running."""
    account_id: Any = bindparam("account_id")
    in_turn = func.dense_rank().over(order_by=Charge.period.desc())
    charges = newest(Charge, Charge.account_id == account_id, key=("period",), nth=in_turn)
    paid = _counted(newest(Payment, Payment.account_id == account_id, key=("number",)))
    charged = _movement(
        "charge", period=charges.c.period, sum_kop=func.sum(charges.c.sum_kop), more=func.sum(charges.c.recalculated_kop)
    )
    booked = _movement("payment", day=paid.c.paid_on, sum_kop=paid.c.sum_kop, number=paid.c.number, source=paid.c.source)
    return union_all(
        charged.where(charges.c.age == 1, charges.c.nth <= bindparam("months")).group_by(charges.c.period),
        booked.where(paid.c.nth <= bindparam("payments")),
    )


def ledger(account_id: int) -> Ledger | None:
    """The account's ledger, None while no complete registry has brought a card. One statement: its parts belong together.

    A payment of 0 kopecks was annulled: it makes no month of its own.
    """
    cards = newest(AccountCard, AccountCard.account_id == account_id, key=("account_id",))
    charges = newest(Charge, Charge.account_id == account_id, key=("period",))
    payments = newest(Payment, Payment.account_id == account_id, key=("number",))
    stands = _movement("card", day=cards.c.balance_on, sum_kop=cards.c.balance_kop).where(cards.c.age == 1)
    charged = _movement(
        "charge", period=charges.c.period, sum_kop=func.sum(charges.c.sum_kop), more=func.sum(charges.c.recalculated_kop)
    )
    paid = _movement("payment", day=payments.c.paid_on, sum_kop=func.sum(payments.c.sum_kop))
    found = rows(
        union_all(
            stands,
            charged.where(charges.c.age == 1).group_by(charges.c.period),
            paid.where(payments.c.age == 1, payments.c.sum_kop != 0).group_by(payments.c.paid_on),
        )
    )
    card = next((row for row in found if row["kind"] == "card"), None)
    if card is None:
        return None
    return Ledger(
        balance_kop=int(card["sum_kop"]),
        balance_on=card["day"],
        charged=tuple(Charged(row["period"], int(row["sum_kop"]), int(row["more"])) for row in found if row["kind"] == "charge"),
        paid=tuple(Paid(row["day"], int(row["sum_kop"])) for row in found if row["kind"] == "payment"),
    )


def payment_years(account_id: int) -> list[int]:
    """Years in which something was paid, newest first."""
    known = newest(Payment, Payment.account_id == account_id, key=("number",))
    return _years(select(extract("year", known.c.paid_on).label("year")).where(known.c.age == 1, known.c.sum_kop != 0))


def _counted(known: Subquery) -> Subquery:
    """Payments with their place among those that were not annulled: `nth` is 1 for the newest."""
    nth = func.row_number().over(order_by=(known.c.paid_on.desc(), known.c.number.desc()))
    return select(known, nth.label("nth")).where(known.c.age == 1, known.c.sum_kop != 0).subquery()


def _movement(kind: str, **told: Any) -> Select[Any]:
    """One part of a statement about what moved the balance: all parts have the same columns of the same types (PostgreSQL
    sums are numeric), those that are not told are NULL."""
    return select(literal(kind).label("kind"), *(_or_null(told.get(name), kind_).label(name) for name, kind_ in _TOLD.items()))


def _or_null(value: Any, kind: Any) -> Any:
    return cast(null(), kind) if value is None else value


def _years(query: Select[Any]) -> list[int]:
    return sorted((int(row["year"]) for row in rows(query.distinct())), reverse=True)
