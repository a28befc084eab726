"""Journeys under way, and the confirmations they wait for."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, UtcDateTime, new_ref


class Draft(Model):
    """The answers given so far in one journey. `ref` is what the signed cookie of its browser holds."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_expires", "expires_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    wizard: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    answers: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(JSON()), default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Confirmation(Model):
    """A contact to be proved by a code or a link.

    The code is not stored: it is derived from id, nonce and generation, so that a repeated send tells the same code. A
    resend adds one to the generation, which kills the older code. Of the link only the SHA-256 is kept. `decoy` is set
    where the contact must not be confirmed (registering a taken login or changing to it, recovering an unknown one): nothing
    fits it.
    """

    __tablename__ = "confirmation"
    __table_args__ = (
        CheckConstraint("purpose IN ('join', 'recover', 'login', 'second')", name="purpose"),
        Index("ix_confirmation_draft", "draft_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(10))
    contact: Mapped[str] = mapped_column(String(254))
    channel: Mapped[str] = mapped_column(String(5))
    decoy: Mapped[bool] = mapped_column(default=False)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(16))
    generation: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    link_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
