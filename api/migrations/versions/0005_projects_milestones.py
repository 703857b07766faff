"""Projects: milestones"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("milestones", kinds.Json, nullable=False, server_default="[]"))


def downgrade() -> None:
    # Not in a batch, which on SQLite would make the table anew and trip over what points at it.
    op.drop_column("project", "milestones")
