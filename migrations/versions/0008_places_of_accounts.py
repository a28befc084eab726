"""the order in which a user wants to see his accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connection", sa.Column("place", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("connection", "place")
