"""find the consents that were withdrawn long ago: the schedule closes their cabinets"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WITHDRAWN = sa.text("withdrawn_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_consent_withdrawn", "consent", ["withdrawn_at"], sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN)


def downgrade() -> None:
    op.drop_index("ix_consent_withdrawn", table_name="consent", sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN)
