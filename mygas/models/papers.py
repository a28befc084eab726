"""Contracts, acts, and the PINs that came from a supplier."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import BigId


class Contract(Model):
    """договор: supply of gas, maintenance of equipment and so on."""

    __tablename__ = "contract"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(80))
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(40), default="")


class Act(Model):
    """акт of an inspection, a replacement, a reconciliation."""

    __tablename__ = "act"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(80))
    made_on: Mapped[date]
    text: Mapped[str] = mapped_column(String(500), default="")


class ImportedPin(Model):
    """A PIN or old password that the supplier gave out himself: kept only as a keyed hash of its folded form."""

    __tablename__ = "imported_pin"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    registry_id: Mapped[int] = mapped_column(ForeignKey("registry.id"), primary_key=True, autoincrement=False)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))
