"""The letterbox: things promised to the outside world, written in the transaction of the fact that needs them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import NEVER_REUSED, BigId, UtcDateTime


class Outgoing(Model):
    """One promise. `key` is unique, so a thing is promised once; `sealed` is its payload, wiped when done or (secrets) dead.

    A worker claims a row by one conditional UPDATE and holds it till `lease_until`; whatever dies meanwhile, the row
    comes due again. `next_at` is when it is (again) due, `expires_at` when there is no point in it any more.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('ready', 'leased', 'done', 'dead')", name="state"),
        Index("ix_outbox_due", "next_at",
              sqlite_where=text("state IN ('ready', 'leased')"), postgresql_where=text("state IN ('ready', 'leased')")),
        NEVER_REUSED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(6), default="ready")
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(60))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
