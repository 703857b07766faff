"""Feed: each event knows the one before it, and who sees what only the owners see"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event_stake",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("holder", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["event.seq"], name=op.f("fk_event_stake_seq")),
        sa.PrimaryKeyConstraint("seq", "holder", name=op.f("pk_event_stake")),
    )
    for log in ("event", "sandbox_event"):
        op.add_column(log, sa.Column("previous", _NUMBER, nullable=True))
        op.execute(
            f"UPDATE {log} SET previous = (SELECT max(other.seq) FROM {log} AS other WHERE other.resource = {log}.resource "  # noqa: S608
            f"AND other.resource_id = {log}.resource_id AND other.seq < {log}.seq)"
        )


def downgrade() -> None:
    for log in ("sandbox_event", "event"):
        op.drop_column(log, "previous")
    op.drop_table("event_stake")
