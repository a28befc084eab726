"""What was done, by whom, to what: append-only, kept so by triggers of the database."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import BigId, UtcDateTime


class AuditEntry(Model):
    """One deed. `user_id` is the user whose log it belongs to, `account_id` the account it touched; `detail` holds no secrets.

    No foreign keys: the entry outlives what it speaks of.
    """

    __tablename__ = "audit"
    __table_args__ = (
        CheckConstraint("actor IN ('user', 'operator', 'system')", name="actor"),
        Index("ix_audit_user", "user_id", "id"),
        Index("ix_audit_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    ip: Mapped[str] = mapped_column(String(45), default="")
    action: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(BigId)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class AuditSeal(Model):
    """A seal over the entries after those of the seal before, up to `last_id`: all that were there at the end of `day` (UTC).

    `digest` is the SHA-256 of the digest before it and of the `rows` entries, so that whoever changes one must change every
    seal after it too. Append-only as the audit is.
    """

    __tablename__ = "audit_seal"

    day: Mapped[date] = mapped_column(primary_key=True)
    last_id: Mapped[int] = mapped_column(BigId, unique=True)
    rows: Mapped[int] = mapped_column(BigId)
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
