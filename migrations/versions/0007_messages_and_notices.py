"""second contacts, what users want to be told of, what was sent to them"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SECOND = {
    "second_login": sa.String(length=254),
    "second_channel": sa.String(length=5),
    "second_confirmed_at": UtcDateTime(timezone=True),
}


def upgrade() -> None:
    for name, kind in SECOND.items():
        op.add_column("user", sa.Column(name, kind, nullable=True))
    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("contact", sa.String(length=6), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("contact IN ('login', 'second')", name=op.f("ck_notice_choice_contact")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_choice_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "event", "contact", name=op.f("pk_notice_choice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("outbox_key", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=5), nullable=False),
        sa.Column("masked", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("channel IN ('phone', 'email')", name=op.f("ck_message_channel")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_message_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("outbox_key", name=op.f("uq_message_outbox_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_message_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_user", "message", ["user_id", "id"])
    op.create_index("ix_message_at", "message", ["at"])


def downgrade() -> None:
    op.drop_table("message")
    op.drop_table("notice_choice")
    for name in SECOND:
        op.drop_column("user", name)
