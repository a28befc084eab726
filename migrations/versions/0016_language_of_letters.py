"""the language in which a user is written to"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("language", sa.String(length=2), server_default="ru", nullable=False))


def downgrade() -> None:
    op.drop_column("user", "language")
