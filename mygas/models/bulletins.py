"""What operators tell subscribers unasked: announcements, and which functions are off."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, UtcDateTime, new_ref


class Bulletin(Model):
    """объявление. With a `function` it closes that function of the portal besides (domain.outages).

    `supplier` is empty for all of them, `prefix` for all addresses. A draft is not published yet; an open end is None.
    Where `tell`, users are sent it: those up to the id `told_upto` have been, all of them at `told_at`.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        Index("ix_bulletin_supplier", "supplier", "ends_at"),
        CheckConstraint("function IN ('', 'pay', 'readings', 'receipts', 'registration', 'support')", name="function"),
        CheckConstraint("importance IN ('info', 'warn')", name="importance"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    supplier: Mapped[str] = mapped_column(String(40))
    function: Mapped[str] = mapped_column(String(12), default="")
    prefix: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text)
    importance: Mapped[str] = mapped_column(String(4), default="info")
    tell: Mapped[bool] = mapped_column(default=False)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_upto: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Dismissal(Model):
    """The user has read the bulletin and does not want to see it on his first page any more."""

    __tablename__ = "dismissal"
    __table_args__ = ({"sqlite_with_rowid": False},)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, autoincrement=False)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), primary_key=True, autoincrement=False)
