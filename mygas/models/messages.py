"""What users are told of and how: their choice where it differs from the default, and what was sent to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime, new_ref


class NoticeChoice(Model):
    """Whether the user wants to be told of an event (domain.notices.EVENTS) by one of his contacts. A row only where the choice
    differs from the default, so that most users have none."""

    __tablename__ = "notice_choice"
    __table_args__ = (
        CheckConstraint("contact IN ('login', 'second')", name="contact"),
        {"sqlite_with_rowid": False},
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(20), primary_key=True)
    contact: Mapped[str] = mapped_column(String(6), primary_key=True)
    wanted: Mapped[bool]


class Message(Model):
    """A message that left for a user, as he may read it again. `outbox_key` is unique: what is delivered twice is kept once.

    `text` stands here in plain: codes, PINs and links of confirmation never come here (wording.Letter.kept), and what is left
    (accounts, sums, readings) the other tables hold in plain too, so sealing it would keep nothing from whoever reads
    them. `masked` is the contact as it is shown; the contact itself is not kept, for it may be somebody else's by now.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("channel IN ('phone', 'email')", name="channel"),
        Index("ix_message_user", "user_id", "id"),
        Index("ix_message_at", "at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    outbox_key: Mapped[str] = mapped_column(String(120), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(5))
    masked: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
