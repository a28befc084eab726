"""write down that the portal was restored from a backup, and whether the bank's register of the lost time was compared"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restoration",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("restored_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("compared_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("generation", name=op.f("pk_restoration")),
    )


def downgrade() -> None:
    op.drop_table("restoration")
