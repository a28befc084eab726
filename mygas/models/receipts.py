"""Receipts in PDF that were asked for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime, new_ref


class ReceiptFile(Model):
    """One квитанция as a file. `digest` is a keyed fingerprint of all that stands on it (a PIN among it), so the same request
    is the same row.

    `period` is year * 100 + month; `variant` is a4 or large; `extended`: made for the extended version, holds all there is. The
    file lies in the data folder under its `ref` while `state` is ready; it is deleted at `expires_at` and made again when asked
    for. `generation` counts the makings.
    """

    __tablename__ = "receipt_file"
    __table_args__ = (
        CheckConstraint("variant IN ('a4', 'large')", name="variant"),
        CheckConstraint("state IN ('waiting', 'ready', 'failed', 'gone')", name="state"),
        UniqueConstraint("account_id", "period", "variant", "digest"),
        Index("ix_receipt_file_state", "state", "expires_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    period: Mapped[int]
    variant: Mapped[str] = mapped_column(String(10))
    extended: Mapped[bool]
    digest: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    size: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=1)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
