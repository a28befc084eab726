"""Archives of all that the portal keeps of a user, which he asked for."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, UtcDateTime, new_ref

WAITING = "state = 'waiting'"


class MyData(Model):
    """One archive (ZIP). It lies in the data folder under its `ref` while `state` is ready, and is deleted at `expires_at`.

    Of one user one is being made at a time.
    """

    __tablename__ = "my_data"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'failed', 'gone')", name="state"),
        Index("uq_my_data_waiting", "user_id", unique=True, sqlite_where=text(WAITING), postgresql_where=text(WAITING)),
        Index("ix_my_data_user", "user_id", "id"),
        Index("ix_my_data_state", "state", "expires_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(22), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
