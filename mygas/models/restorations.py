"""Each time that the portal began anew from a backup."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from mygas.extensions import Model
from mygas.models.types import UtcDateTime


class Restoration(Model):
    """`generation` is the whole minutes from 1970 to the restore, so it goes up even where one backup is restored twice.

    What happened after `made_at`, when the backup was made, and before `restored_at` is not in the database. `compared_at` is
    when the acquirer's register of that time had been compared.
    """

    __tablename__ = "restoration"

    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    restored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
