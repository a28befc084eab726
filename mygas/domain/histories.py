"""The long histories of an account: what moved its balance, which years there are. Seen as in domain.visible."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, Select, cast, extract, func, literal, null, select, union_all

from mygas.domain.newest import newest, of_account, rows
from mygas.models import AccountCard, Charge, Payment, Reading


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


def reading_years(account_id: int) -> list[int]:
    """Years in which a reading was taken, newest first."""
    known = newest(Reading, of_account(Reading, account_id), key=("meter_id", "taken_on"))
    return _years(select(extract("year", known.c.taken_on).label("year")))


def _movement(kind: str, *, sum_kop: Any, period: Any = None, day: Any = None, more: Any = None) -> Select[Any]:
    """One part of the ledger's statement: the parts have the same columns of the same types (PostgreSQL sums are numeric)."""
    return select(
        literal(kind).label("kind"),
        _or_null(period, Integer()).label("period"),
        _or_null(day, Date()).label("day"),
        _or_null(sum_kop, BigInteger()).label("sum_kop"),
        _or_null(more, BigInteger()).label("more"),
    )


def _or_null(value: Any, kind: Any) -> Any:
    return cast(null(), kind) if value is None else value


def _years(query: Select[Any]) -> list[int]:
    return sorted((int(row["year"]) for row in rows(query.distinct())), reverse=True)
