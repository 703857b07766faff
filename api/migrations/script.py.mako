<%!
def own(moves):
    """The moves without the remarks that Alembic puts around them."""
    return "\n".join(line for line in moves.splitlines() if "# ###" not in line).strip()
%>\
"""${message}"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades or "pass" | own}


def downgrade() -> None:
    ${downgrades or "pass" | own}
