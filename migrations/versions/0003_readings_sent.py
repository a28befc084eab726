"""readings sent through the portal"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('readings', 'payments')", name=op.f("ck_dispatch_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("supplier", "kind", "number", name=op.f("uq_dispatch_supplier_kind_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sent_reading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("value_milli", sa.BigInteger(), nullable=False),
        sa.Column("rolled_over", sa.Boolean(), nullable=False),
        sa.Column("previous_milli", sa.BigInteger(), nullable=True),
        sa.Column("previous_on", sa.Date(), nullable=True),
        sa.Column("consumed_milli", sa.BigInteger(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("dispatch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("value_milli >= 0", name=op.f("ck_sent_reading_value")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sent_reading_account_id_account")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_sent_reading_dispatch_id_dispatch")),
        sa.ForeignKeyConstraint(["meter_id"], ["meter.id"], name=op.f("fk_sent_reading_meter_id_meter")),
        sa.ForeignKeyConstraint(["replaces_id"], ["sent_reading.id"], name=op.f("fk_sent_reading_replaces_id_sent_reading")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sent_reading_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_reading")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sent_reading", schema=None) as batch_op:
        batch_op.create_index("ix_sent_reading_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_sent_reading_dispatch", ["dispatch_id", "id"], unique=False)
        batch_op.create_index(
            "ix_sent_reading_waiting",
            ["supplier", "id"],
            unique=False,
            sqlite_where=sa.text("dispatch_id IS NULL"),
            postgresql_where=sa.text("dispatch_id IS NULL"),
        )
        batch_op.create_index(
            "uq_sent_reading_standing",
            ["meter_id", "period"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
    op.create_table(
        "reading_verdict",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reading_verdict_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_reading_verdict_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "number", "registry_id", name=op.f("pk_reading_verdict")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("registry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_at", UtcDateTime(timezone=True), nullable=True))
    op.execute("UPDATE registry SET told_at = completed_at")  # they hold no verdicts
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remind", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("answer", sa.Boolean(), server_default=sa.false(), nullable=False))
    for tick in ("remind", "answer"):
        live = sa.text(f"{tick} AND ended_at IS NULL")
        op.create_index(f"ix_connection_{tick}", "connection", ["supplier", "id"], sqlite_where=live, postgresql_where=live)


def downgrade() -> None:
    op.drop_index("ix_connection_answer", "connection")
    op.drop_index("ix_connection_remind", "connection")
    op.drop_column("connection", "answer")
    op.drop_column("connection", "remind")
    op.drop_column("registry", "told_at")
    op.drop_table("reading_verdict")
    op.drop_table("sent_reading")
    op.drop_table("dispatch")
