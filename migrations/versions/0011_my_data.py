"""archives of a user's own data"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "my_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed', 'gone')", name=op.f("ck_my_data_state")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_my_data_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_my_data")),
        sa.UniqueConstraint("ref", name=op.f("uq_my_data_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("my_data", schema=None) as batch_op:
        batch_op.create_index("ix_my_data_state", ["state", "expires_at"], unique=False)
        batch_op.create_index("ix_my_data_user", ["user_id", "id"], unique=False)
        batch_op.create_index(
            "uq_my_data_waiting",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )


def downgrade() -> None:
    op.drop_table("my_data")
