"""Charges and payments as the supplier's billing knows them: never edited, only superseded by a newer registry."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import BigId


class Charge(Model):
    """One line of a month's charges. The newest complete registry that speaks of a month of an account speaks of all its lines.

    `period` is year * 100 + month; `volume_milli` thousandths of m³; `price_kop` kopecks per 1000 m³ (product.md §3.3);
    `sum_kop` charged, `recalculated_kop` added to it by a recalculation; `method` how the volume came about: meter,
    average, norm or fixed (по прибору, по среднему, по нормативу, твёрдая сумма). What not every billing tells:
    `coefficient_micro`, millionths by which the volume is yet to be multiplied; `norm_milli`, thousandths of m³ a month by
    norm for the whole dwelling (both 0 where not told: SQLite's driver binds NULL at ten times the price of a number, and
    imports bind millions); `price_act`, the act that set the price.
    """

    __tablename__ = "charge"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    period: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    service: Mapped[str] = mapped_column(String(80))
    method: Mapped[str] = mapped_column(String(10))
    volume_milli: Mapped[int] = mapped_column(BigInteger)
    price_kop: Mapped[int] = mapped_column(BigInteger)
    sum_kop: Mapped[int] = mapped_column(BigInteger)
    recalculated_kop: Mapped[int] = mapped_column(BigInteger, default=0)
    coefficient_micro: Mapped[int] = mapped_column(default=0)
    norm_milli: Mapped[int] = mapped_column(BigInteger, default=0)
    price_act: Mapped[str] = mapped_column(String(120), default="")


class Payment(Model):
    """A payment that the supplier has booked. `number` is its id in the supplier's billing, unique within an account.

    `portal_number` is the portal's own number of it (Order.id as text), empty for what was paid elsewhere.
    """

    __tablename__ = "payment"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    paid_on: Mapped[date]
    sum_kop: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(80))
    portal_number: Mapped[str] = mapped_column(String(20), default="", server_default="")


class ServiceBalance(Model):
    """What is owed for one service, where the supplier keeps them apart: kopecks, positive is a debt.

    The newest complete registry that speaks of an account speaks of all its services; the day is that of the account's card.
    """

    __tablename__ = "service_balance"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    service: Mapped[str] = mapped_column(String(80), primary_key=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    balance_kop: Mapped[int] = mapped_column(BigInteger)
