"""Registries: files of the supplier's billing system that came in.

What a registry brings is written in short transactions while its state is `loading`, and nobody sees it; one UPDATE to
`complete` makes all of it visible at once. A row of a newer complete registry supersedes the older one (see
docs/decisions/0004-registries-flip.md). So an import is all or nothing without holding the write lock for minutes.
"""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import UtcDateTime


class Registry(Model):
    """One import. `digest` is the SHA-256 over the files' names and bytes, `rows` the count of rows by file.

    `purged_at` says when the rows that it superseded had been deleted, `told_at` when messages about its verdicts on
    readings had been promised; NULL: not yet.
    """

    __tablename__ = "registry"
    __table_args__ = (
        CheckConstraint("state IN ('loading', 'complete')", name="state"),
        Index("uq_registry_complete", "supplier", "digest", unique=True,
              sqlite_where=text("state = 'complete'"), postgresql_where=text("state = 'complete'")),
        Index("uq_registry_loading", "supplier", unique=True,
              sqlite_where=text("state = 'loading'"), postgresql_where=text("state = 'loading'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    rows: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
