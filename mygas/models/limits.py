"""Counters of attempts and sends: in the database, moved by one atomic statement."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import UtcDateTime


class Counter(Model):
    """`key` is the kind and a keyed fingerprint of the subject: the table tells neither contacts nor addresses."""

    __tablename__ = "counter"
    __table_args__ = (Index("ix_counter_resets", "resets_at"),)

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resets_at: Mapped[datetime] = mapped_column(UtcDateTime)
