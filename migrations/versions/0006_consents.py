"""consents: a name for addresses, whose they were, one live per edition"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

A_BATCH = 5000


def upgrade() -> None:
    op.add_column("consent", sa.Column("ref", sa.String(length=22), nullable=True))
    op.add_column("consent", sa.Column("login", sa.String(length=254), nullable=True))
    op.execute('UPDATE consent SET login = (SELECT login FROM "user" WHERE "user".id = consent.user_id)')
    _name_all()
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.alter_column("ref", existing_type=sa.String(length=22), nullable=False)
        batch_op.alter_column("login", existing_type=sa.String(length=254), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_consent_ref"), ["ref"])
        batch_op.create_index(
            "uq_consent_live",
            ["user_id", "document", "version"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )


def _name_all() -> None:
    """128 random bits for each, as models.types.new_ref makes them."""
    connection = op.get_bind()
    nameless = sa.text("SELECT id FROM consent WHERE ref IS NULL ORDER BY id LIMIT :most")
    while ids := connection.execute(nameless, {"most": A_BATCH}).scalars().all():
        refs = [{"id": one, "ref": secrets.token_urlsafe(16)} for one in ids]
        connection.execute(sa.text("UPDATE consent SET ref = :ref WHERE id = :id"), refs)


def downgrade() -> None:
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_consent_live",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_constraint(op.f("uq_consent_ref"), type_="unique")
        batch_op.drop_column("login")
        batch_op.drop_column("ref")
