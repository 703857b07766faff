"""When a response was handed in"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_HANDED_IN = """
    UPDATE response SET submitted_at = COALESCE(
        (SELECT MIN({log}.at) FROM {log}
         WHERE {log}.type = 'response.submitted' AND {log}.resource_id = response.id), submitted_at)
"""


def upgrade() -> None:
    op.add_column("response", sa.Column("submitted_at", kinds.Moment, nullable=True))
    # What was registered as handed in, rather than handed in here, has no such event.
    op.execute(
        "UPDATE response SET submitted_at = created_at WHERE state IN ('submitted', 'shortlisted', 'selected', 'declined')"
    )
    for log in ("event", "sandbox_event"):
        op.execute(_HANDED_IN.format(log=log))


def downgrade() -> None:
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_column("submitted_at")
