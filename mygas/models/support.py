"""Questions to the support: a ticket, what was said in it, files that came with it, replies kept ready."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mygas.extensions import Model
from mygas.models.accounts import Account
from mygas.models.desk import Operator
from mygas.models.people import User
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime, new_ref

PORTAL = ""
"""The addressee of what is asked of the portal's own support; any other is the slug of a supplier."""


class Ticket(Model):
    """обращение. Its `id` is the number people are told. Asked by a user, or by a guest who left a contact (canonical).

    open: waits for us since `waiting_since`; answered: waits for the subscriber; closed: over, until somebody writes again.
    `version` counts what was said to and by the subscriber: who answers says which version he has read. `request_key` names the
    form that was sent, however often. Of one whose asker closed his cabinet the frame is left: no `subject`, no words, no files.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'closed')", name="state"),
        CheckConstraint("(user_id IS NULL) <> (guest_contact = '')", name="asker"),
        Index("ix_ticket_queue", "addressee", "state", "waiting_since", "id"),
        Index("ix_ticket_user", "user_id", "id"),
        Index("ix_ticket_first_answer", "addressee", "first_answered_at"),
        Index("ix_ticket_state", "state", "answered_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    request_key: Mapped[str] = mapped_column(String(22), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    guest_name: Mapped[str] = mapped_column(String(160), default="")
    guest_contact: Mapped[str] = mapped_column(String(254), default="")
    addressee: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    subject: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(8), default="open")
    version: Mapped[int] = mapped_column(default=1)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime] = mapped_column(UtcDateTime)
    first_answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User | None] = relationship()
    account: Mapped[Account | None] = relationship()
    operator: Mapped[Operator | None] = relationship()

    @property
    def is_erased(self) -> bool:
        return not self.subject


class TicketMessage(Model):
    """What was said. A note is of operators for operators: the subscriber is never shown it."""

    __tablename__ = "ticket_message"
    __table_args__ = (
        CheckConstraint("author IN ('user', 'guest', 'operator', 'note')", name="author"),
        Index("ix_ticket_message_ticket", "ticket_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    author: Mapped[str] = mapped_column(String(8))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship()
    operator: Mapped[Operator | None] = relationship()
    files: Mapped[list["TicketFile"]] = relationship(order_by="TicketFile.id")


class TicketFile(Model):
    """A file that came with a message: it lies sealed in the data folder under `ref`, its own key sealed here.

    The row outlives the file: `deleted_at` says when the file and the key were destroyed.
    """

    __tablename__ = "ticket_file"
    __table_args__ = (
        Index("ix_ticket_file_message", "message_id"),
        Index("ix_ticket_file_kept", "created_at",
              sqlite_where=text("deleted_at IS NULL"), postgresql_where=text("deleted_at IS NULL")),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("ticket_message.id"))
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    message: Mapped[TicketMessage] = relationship(back_populates="files")


class ReplyTemplate(Model):
    """A reply kept ready by the operators of one addressee."""

    __tablename__ = "reply_template"
    __table_args__ = (Index("uq_reply_template_title", "addressee", "title", unique=True), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    addressee: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
