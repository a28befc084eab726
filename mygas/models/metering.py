"""Meters and their readings."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import BigId


class Meter(Model):
    """прибор учёта: identity only. `serial` is as printed on the meter."""

    __tablename__ = "meter"
    __table_args__ = (UniqueConstraint("account_id", "serial"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    serial: Mapped[str] = mapped_column(String(40))


class MeterCard(Model):
    """What a registry says of a meter. `digits` is the capacity: how many digits stand before the comma (5 is usual)."""

    __tablename__ = "meter_card"
    __table_args__ = ({"sqlite_with_rowid": False},)

    meter_id: Mapped[int] = mapped_column(BigId, ForeignKey("meter.id"), primary_key=True, autoincrement=False)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(60))
    digits: Mapped[int]
    place: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(40), default="")
    verified_until: Mapped[date | None]
    sealed_on: Mapped[date | None]
    seal: Mapped[str] = mapped_column(String(40), default="")


class Reading(Model):
    """показание that the supplier's billing knows of. `value_milli` is thousandths of m³; `source` is one of
    subscriber, inspector, estimate, remote (абонент, контролёр, расчётное, телеметрия)."""

    __tablename__ = "reading"
    __table_args__ = ({"sqlite_with_rowid": False},)

    meter_id: Mapped[int] = mapped_column(BigId, ForeignKey("meter.id"), primary_key=True, autoincrement=False)
    taken_on: Mapped[date] = mapped_column(primary_key=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    value_milli: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(10))
