"""Saved searches"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("digest", kinds.Term, nullable=True),
        sa.Column("language", kinds.Term, nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sandbox", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("told_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_digest_at", kinds.Moment, nullable=True),
        sa.Column("leased_until", kinds.Moment, nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_saved_search_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    for column in ("created_by", "next_digest_at"):
        op.create_index(op.f(f"ix_saved_search_{column}"), "saved_search", [column], unique=False)


def downgrade() -> None:
    op.drop_table("saved_search")
