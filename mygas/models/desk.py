"""Operators of suppliers, and their sign-ins: apart from users in every way."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, UtcDateTime


class Operator(Model):
    """оператор, bound to suppliers, and to the portal's own support where `portal_support` is set.

    `totp` is the sealed seed; `totp_step` the last time step whose code was used.
    """

    __tablename__ = "operator"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    suppliers: Mapped[list[str]] = mapped_column(JSON)
    portal_support: Mapped[bool] = mapped_column(default=False, server_default=false())
    password_hash: Mapped[str] = mapped_column(String(120))
    totp: Mapped[bytes] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OperatorSignIn(Model):
    """A session at the desk: the cookie holds 256 random bits, the table their SHA-256."""

    __tablename__ = "operator_sign_in"
    __table_args__ = (Index("ix_operator_sign_in_operator", "operator_id"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(45))
