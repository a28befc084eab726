"""support: tickets, what was said in them, their files, replies kept ready; who serves the portal's own support"""

import sqlalchemy as sa
from alembic import op

from mygas.models.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("operator", sa.Column("portal_support", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("request_key", sa.String(length=22), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("guest_name", sa.String(length=160), nullable=False),
        sa.Column("guest_contact", sa.String(length=254), nullable=False),
        sa.Column("addressee", sa.String(length=40), nullable=False),
        sa.Column("account_id", BIG_ID, nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("waiting_since", WHEN, nullable=False),
        sa.Column("first_answered_at", WHEN, nullable=True),
        sa.Column("answered_at", WHEN, nullable=True),
        sa.Column("closed_at", WHEN, nullable=True),
        sa.CheckConstraint("state IN ('open', 'answered', 'closed')", name=op.f("ck_ticket_state")),
        sa.CheckConstraint("(user_id IS NULL) <> (guest_contact = '')", name=op.f("ck_ticket_asker")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ticket_user_id_user")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ticket_account_id_account")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_ticket_operator_id_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("ref", name=op.f("uq_ticket_ref")),
        sa.UniqueConstraint("request_key", name=op.f("uq_ticket_request_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticket_queue", "ticket", ["addressee", "state", "waiting_since", "id"])
    op.create_index("ix_ticket_user", "ticket", ["user_id", "id"])
    op.create_index("ix_ticket_first_answer", "ticket", ["addressee", "first_answered_at"])
    op.create_index("ix_ticket_state", "ticket", ["state", "answered_at"])
    op.create_table(
        "ticket_message",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("operator_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.CheckConstraint("author IN ('user', 'guest', 'operator', 'note')", name=op.f("ck_ticket_message_author")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_message_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_ticket_message_operator_id_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_message")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticket_message_ticket", "ticket_message", ["ticket_id", "id"])
    op.create_table(
        "ticket_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("deleted_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["ticket_message.id"], name=op.f("fk_ticket_file_message_id_ticket_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_file")),
        sa.UniqueConstraint("ref", name=op.f("uq_ticket_file_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticket_file_message", "ticket_file", ["message_id"])
    kept = sa.text("deleted_at IS NULL")
    op.create_index("ix_ticket_file_kept", "ticket_file", ["created_at"], sqlite_where=kept, postgresql_where=kept)
    op.create_table(
        "reply_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=22), nullable=False),
        sa.Column("addressee", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_template")),
        sa.UniqueConstraint("ref", name=op.f("uq_reply_template_ref")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_reply_template_title", "reply_template", ["addressee", "title"], unique=True)


def downgrade() -> None:
    for table in ("reply_template", "ticket_file", "ticket_message", "ticket"):
        op.drop_table(table)
    op.drop_column("operator", "portal_support")
