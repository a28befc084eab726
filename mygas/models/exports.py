"""Registries that leave the portal for the supplier's billing."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, UtcDateTime


class Dispatch(Model):
    """One numbered file for a supplier: readings or payments. What is in it names it, so it leaves once.

    `number` counts from 1 per supplier and kind. `total` is the control total: kopecks, or thousandths of m³. `digest` is the
    SHA-256 of the file's bytes, which are written anew at every download and must be the same.
    """

    __tablename__ = "dispatch"
    __table_args__ = (
        CheckConstraint("kind IN ('readings', 'payments')", name="kind"),
        UniqueConstraint("supplier", "kind", "number"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    rows: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
