"""Sandboxes"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RESOURCES = (
    "partner", "challenge", "support", "response", "question", "project", "outcome", "adoption", "enquiry", "guidance",
    "document",
)  # fmt: skip
NOBODY = "00000000-0000-0000-0000-000000000000"
INSIDE = sa.text("sandbox IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "sandbox_event",
        sa.Column("sandbox", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", kinds.Moment, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changes", kinds.Json, nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sandbox", "seq", name=op.f("pk_sandbox_event")),
    )
    op.create_index(op.f("ix_sandbox_event_resource_resource_id_seq"), "sandbox_event",
                    ["resource", "resource_id", "seq"], unique=False)  # fmt: skip
    for name in RESOURCES:
        op.add_column(name, sa.Column("sandbox", sa.Uuid(as_uuid=False), nullable=True))
        # What was a test record before belonged to nobody, and still shows to nobody.
        table = sa.table(name, sa.column("sandbox", sa.Uuid(as_uuid=False)), sa.column("test", sa.Boolean()))
        op.execute(sa.update(table).where(table.c.test.is_(True)).values(sandbox=NOBODY))
        op.drop_column(name, "test")
        op.create_index(op.f(f"ix_{name}_sandbox"), name, ["sandbox"], unique=False,
                        sqlite_where=INSIDE, postgresql_where=INSIDE)  # fmt: skip
    for column in ("merged_into", "successor_id"):
        op.create_index(op.f(f"ix_partner_{column}"), "partner", [column], unique=False)


def downgrade() -> None:
    # Whose the test records were is lost; that nobody sees them stays.
    for column in ("successor_id", "merged_into"):
        op.drop_index(op.f(f"ix_partner_{column}"), table_name="partner")
    for name in reversed(RESOURCES):
        op.add_column(name, sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.execute(f"UPDATE {name} SET test = true, audience = 'sandbox' WHERE sandbox IS NOT NULL")  # noqa: S608
        op.drop_index(op.f(f"ix_{name}_sandbox"), table_name=name)
        op.drop_column(name, "sandbox")
    op.drop_index(op.f("ix_sandbox_event_resource_resource_id_seq"), table_name="sandbox_event")
    op.drop_table("sandbox_event")
