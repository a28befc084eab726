"""payments through the portal"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_balance",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("service", sa.String(length=80), nullable=False),
        sa.Column("registry_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("balance_kop", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_service_balance_account_id_account")),
        sa.ForeignKeyConstraint(["registry_id"], ["registry.id"], name=op.f("fk_service_balance_registry_id_registry")),
        sa.PrimaryKeyConstraint("account_id", "service", "registry_id", name=op.f("pk_service_balance")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pay_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("amount_kop", sa.BigInteger(), nullable=False),
        sa.Column("commission_kop", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("split", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=43), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("acquirer", sa.String(length=20), nullable=False),
        sa.Column("acquirer_key", sa.String(length=64), nullable=False),
        sa.Column("acquirer_id", sa.String(length=64), nullable=True),
        sa.Column("page", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("fiscal", sa.String(length=10), nullable=False),
        sa.Column("fiscal_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("paid_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ask_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("dispatch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount_kop BETWEEN 100 AND 10000000", name=op.f("ck_pay_order_amount")),
        sa.CheckConstraint("commission_kop >= 0", name=op.f("ck_pay_order_commission")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pay_order_account_id_account")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_pay_order_dispatch_id_dispatch")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_pay_order_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_order")),
        sa.UniqueConstraint("acquirer", "acquirer_id", name=op.f("uq_pay_order_acquirer_acquirer_id")),
        sa.UniqueConstraint("acquirer_key", name=op.f("uq_pay_order_acquirer_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_pay_order_ref")),
        sa.UniqueConstraint("user_id", "request_key", name=op.f("uq_pay_order_user_id_request_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pay_order", schema=None) as batch_op:
        batch_op.create_index("ix_pay_order_account", ["account_id", "id"], unique=False)
        batch_op.create_index(
            "ix_pay_order_ask",
            ["ask_at"],
            unique=False,
            sqlite_where=sa.text("ask_at IS NOT NULL"),
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        )
        batch_op.create_index("ix_pay_order_created", ["acquirer", "created_at"], unique=False)
        batch_op.create_index("ix_pay_order_dispatch", ["dispatch_id", "id"], unique=False)
        batch_op.create_index(
            "ix_pay_order_review",
            ["supplier", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'review'"),
            postgresql_where=sa.text("state = 'review'"),
        )
        batch_op.create_index(
            "ix_pay_order_waiting",
            ["supplier", "id"],
            unique=False,
            sqlite_where=sa.text("dispatch_id IS NULL AND state = 'succeeded'"),
            postgresql_where=sa.text("dispatch_id IS NULL AND state = 'succeeded'"),
        )
        batch_op.create_index(
            "uq_pay_order_open",
            ["account_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('created', 'submitting', 'unknown', 'pending')"),
            postgresql_where=sa.text("state IN ('created', 'submitting', 'unknown', 'pending')"),
        )
    op.create_table(
        "pay_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["pay_order.id"], name=op.f("fk_pay_event_order_id_pay_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_event")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_pay_event_source_source_id")),
    )
    with op.batch_alter_table("pay_event", schema=None) as batch_op:
        batch_op.create_index("ix_pay_event_order", ["order_id", "id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deed", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("book", sa.String(length=60), nullable=False),
        sa.Column("amount_kop", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["pay_order.id"], name=op.f("fk_ledger_order_id_pay_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("order_id", "kind", "book", name=op.f("uq_ledger_order_id_kind_book")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_deed"), ["deed"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("acquirer_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ask_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("asks", sa.Integer(), nullable=False),
        sa.Column("dispatch_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by OR state = 'refused'", name=op.f("ck_refund_four_eyes")),
        sa.CheckConstraint("state IN ('asked', 'approved', 'done', 'refused', 'failed')", name=op.f("ck_refund_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["operator.id"], name=op.f("fk_refund_asked_by_operator")),
        sa.ForeignKeyConstraint(["decided_by"], ["operator.id"], name=op.f("fk_refund_decided_by_operator")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_refund_dispatch_id_dispatch")),
        sa.ForeignKeyConstraint(["order_id"], ["pay_order.id"], name=op.f("fk_refund_order_id_pay_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("ref", name=op.f("uq_refund_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index("ix_refund_dispatch", ["dispatch_id", "id"], unique=False)
        batch_op.create_index(
            "uq_refund_live",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'approved', 'done')"),
            postgresql_where=sa.text("state IN ('asked', 'approved', 'done')"),
        )
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("acquirer", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("ours_kop", sa.BigInteger(), nullable=False),
        sa.Column("theirs_kop", sa.BigInteger(), nullable=False),
        sa.Column("ran_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    with op.batch_alter_table("reconciliation", schema=None) as batch_op:
        batch_op.create_index("ix_reconciliation_day", ["acquirer", "day"], unique=False)
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("reconciliation_id", sa.Integer(), nullable=True),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acquirer_id", sa.String(length=64), nullable=False),
        sa.Column("ours", sa.String(length=60), nullable=False),
        sa.Column("theirs", sa.String(length=60), nullable=False),
        sa.Column("found_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "kind IN ('missing_here', 'missing_there', 'sum_differs', 'state_differs')", name=op.f("ck_discrepancy_kind")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["pay_order.id"], name=op.f("fk_discrepancy_order_id_pay_order")),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"], ["reconciliation.id"], name=op.f("fk_discrepancy_reconciliation_id_reconciliation")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["operator.id"], name=op.f("fk_discrepancy_settled_by_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
        sa.UniqueConstraint("key", name=op.f("uq_discrepancy_key")),
    )
    with op.batch_alter_table("discrepancy", schema=None) as batch_op:
        batch_op.create_index(
            "ix_discrepancy_open",
            ["supplier", "id"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("portal_number", sa.String(length=20), server_default="", nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_no_{deed.lower()} BEFORE {deed} ON ledger BEGIN SELECT RAISE(ABORT, 'append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION append_only()"
        )


def downgrade() -> None:
    op.drop_column("payment", "portal_number")
    op.drop_table("discrepancy")
    op.drop_table("reconciliation")
    op.drop_table("refund")
    op.drop_table("ledger")
    op.drop_table("pay_event")
    op.drop_table("pay_order")
    op.drop_table("service_balance")
