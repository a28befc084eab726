"""names, logins that were changed, whom fiscal receipts go to"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PURPOSES = {"0009": "'join', 'recover'", "0010": "'join', 'recover', 'login', 'second'"}
SECOND = sa.text("second_login IS NOT NULL")


def let_confirm(purposes: str) -> None:
    """Alembic does not see SQLite's CHECK constraints, so the table is made anew there without the old one."""
    with op.batch_alter_table("confirmation", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        if op.get_bind().dialect.name != "sqlite":
            batch_op.drop_constraint(op.f("ck_confirmation_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_confirmation_purpose"), f"purpose IN ({purposes})")


def upgrade() -> None:
    op.add_column("user", sa.Column("full_name", sa.String(length=160), server_default="", nullable=False))
    op.create_index("ix_user_second_login", "user", ["second_login"], sqlite_where=SECOND, postgresql_where=SECOND)
    op.add_column("pay_order", sa.Column("buyer", sa.String(length=254), server_default="", nullable=False))
    op.execute('UPDATE pay_order SET buyer = (SELECT login FROM "user" WHERE "user".id = pay_order.user_id)')
    op.create_table(
        "login_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("old_login", sa.String(length=254), nullable=False),
        sa.Column("old_channel", sa.String(length=5), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("old_channel IN ('phone', 'email')", name=op.f("ck_login_change_old_channel")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_login_change_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_change")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_login_change_link_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_login_change_user", "login_change", ["user_id", "id"])
    op.create_index("ix_login_change_until", "login_change", ["until"])
    let_confirm(PURPOSES["0010"])


def downgrade() -> None:
    op.execute("DELETE FROM confirmation WHERE purpose IN ('login', 'second')")
    let_confirm(PURPOSES["0009"])
    op.drop_table("login_change")
    op.drop_column("pay_order", "buyer")
    op.drop_index("ix_user_second_login", "user")
    op.drop_column("user", "full_name")
