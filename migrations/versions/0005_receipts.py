"""receipts as files"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=10), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'failed', 'gone')", name=op.f("ck_receipt_file_state")),
        sa.CheckConstraint("variant IN ('a4', 'large')", name=op.f("ck_receipt_file_variant")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_receipt_file_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_file")),
        sa.UniqueConstraint(
            "account_id", "period", "variant", "digest", name=op.f("uq_receipt_file_account_id_period_variant_digest")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_receipt_file_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("receipt_file", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_file_state", ["state", "expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("receipt_file")
