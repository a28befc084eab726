"""announcements, functions that are off, and which of them a user has put away"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FUNCTIONS = "function IN ('', 'pay', 'readings', 'receipts', 'registration', 'support')"


def upgrade() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("function", sa.String(length=12), nullable=False),
        sa.Column("prefix", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("importance", sa.String(length=4), nullable=False),
        sa.Column("tell", sa.Boolean(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_upto", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(FUNCTIONS, name=op.f("ck_bulletin_function")),
        sa.CheckConstraint("importance IN ('info', 'warn')", name=op.f("ck_bulletin_importance")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_bulletin_operator_id_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("ref", name=op.f("uq_bulletin_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulletin_supplier", "bulletin", ["supplier", "ends_at"])
    op.create_table(
        "dismissal",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_dismissal_bulletin_id_bulletin")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_dismissal_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "bulletin_id", name=op.f("pk_dismissal")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("dismissal")
    op.drop_table("bulletin")
