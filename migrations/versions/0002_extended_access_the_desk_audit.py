"""extended access, the desk, audit"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def keep_append_only(table: str) -> None:
    """Let the database itself refuse to change or delete what was written down."""
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END"
            )
        return
    op.execute("CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$")
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
    )


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint("actor IN ('user', 'operator', 'system')", name=op.f("ck_audit_actor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_account", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_audit_user", ["user_id", "id"], unique=False)

    op.create_table(
        "common_charge",
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("sum_kop", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("supplier", "sum_kop", name=op.f("pk_common_charge")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "operator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("suppliers", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=120), nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("login", name=op.f("uq_operator_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "operator_sign_in",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_operator_sign_in_operator_id_operator")),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_operator_sign_in")),
    )
    with op.batch_alter_table("operator_sign_in", schema=None) as batch_op:
        batch_op.create_index("ix_operator_sign_in_operator", ["operator_id"], unique=False)

    op.create_table(
        "pin",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pin_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_pin")),
    )
    op.create_table(
        "pin_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("full_name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("document_kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'approved', 'refused')", name=op.f("ck_pin_request_state")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pin_request_account_id_account")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_pin_request_operator_id_operator")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_pin_request_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_pin_request_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pin_request", schema=None) as batch_op:
        batch_op.create_index("ix_pin_request_queue", ["supplier", "state", "id"], unique=False)
        batch_op.create_index(
            "uq_pin_request_open",
            ["user_id", "account_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("delete_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["pin_request.id"], name=op.f("fk_scan_request_id_pin_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("ref", name=op.f("uq_scan_ref")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("ix_scan_delete", ["delete_at"], unique=False)

    op.add_column("connection", sa.Column("extended_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("connection", sa.Column("proof", sa.String(length=20), server_default="", nullable=False))
    keep_append_only("audit")


def downgrade() -> None:
    op.drop_column("connection", "proof")
    op.drop_column("connection", "extended_at")

    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index("ix_scan_delete")

    op.drop_table("scan")
    with op.batch_alter_table("pin_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pin_request_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_pin_request_queue")

    op.drop_table("pin_request")
    op.drop_table("pin")
    with op.batch_alter_table("operator_sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_operator_sign_in_operator")

    op.drop_table("operator_sign_in")
    op.drop_table("operator")
    op.drop_table("common_charge")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_user")
        batch_op.drop_index("ix_audit_account")

    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only()")
