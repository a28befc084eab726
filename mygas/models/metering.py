"""Meters and their readings: those that the supplier's billing knows of, and those that users sent through the portal."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime


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


class SentReading(Model):
    """показание that a user sent. Its `id` is the number people and suppliers know it by. Only its fate ever changes.

    `period` (year * 100 + month) is the month whose charges it enters. `value_milli` and `consumed_milli` are thousandths of m³;
    `previous_*` is what it was compared with, None where nothing was known. A newer one of the same meter and period replaces
    it (`replaced_at`), both are kept; `dispatch_id` says in which registry it left for the supplier.
    """

    __tablename__ = "sent_reading"
    __table_args__ = (
        CheckConstraint("value_milli >= 0", name="value"),
        Index("uq_sent_reading_standing", "meter_id", "period", unique=True,
              sqlite_where=text("replaced_at IS NULL"), postgresql_where=text("replaced_at IS NULL")),
        Index("ix_sent_reading_account", "account_id", "id"),
        Index("ix_sent_reading_waiting", "supplier", "id",
              sqlite_where=text("dispatch_id IS NULL"), postgresql_where=text("dispatch_id IS NULL")),
        Index("ix_sent_reading_dispatch", "dispatch_id", "id"),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    supplier: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    meter_id: Mapped[int] = mapped_column(BigId, ForeignKey("meter.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    period: Mapped[int]
    taken_on: Mapped[date]
    value_milli: Mapped[int] = mapped_column(BigInteger)
    rolled_over: Mapped[bool] = mapped_column(default=False)
    previous_milli: Mapped[int | None] = mapped_column(BigInteger)
    previous_on: Mapped[date | None]
    consumed_milli: Mapped[int | None] = mapped_column(BigInteger)
    replaces_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sent_reading.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatch_id: Mapped[int | None] = mapped_column(ForeignKey("dispatch.id"))


class ReadingVerdict(Model):
    """What the supplier said of a reading sent through the portal; the newest complete registry speaks.

    `number` is SentReading.id; `verdict` is accepted or rejected, `reason` why.
    """

    __tablename__ = "reading_verdict"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200), default="")
