"""Webhooks"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("types", kinds.Json, nullable=False),
        sa.Column("resources", kinds.Json, nullable=False),
        sa.Column("search_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("disabled_reason", kinds.Term, nullable=True),
        sa.Column("after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sandbox", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("scopes", kinds.Json, nullable=True),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("updated_at", kinds.Moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", kinds.Moment, nullable=True),
        sa.Column("next_attempt_at", kinds.Moment, nullable=True),
        sa.Column("lease_holder", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lease_until", kinds.Moment, nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_webhook_created_by")),
        sa.ForeignKeyConstraint(["search_id"], ["saved_search.id"], name=op.f("fk_webhook_search_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_search_id"), ["search_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_state"), ["state"], unique=False)

    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", kinds.Term, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("at", kinds.Moment, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("error", kinds.Term, nullable=True),
        sa.Column("next_attempt_at", kinds.Moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_delivery_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_webhook_delivery_queued",
            ["webhook_id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(batch_op.f("ix_webhook_delivery_webhook_id_id"), ["webhook_id", "id"], unique=False)

    op.create_table(
        "webhook_secret",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("webhook_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_secret_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secret")),
    )
    with op.batch_alter_table("webhook_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_secret_webhook_id"), ["webhook_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("webhook_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_secret_webhook_id"))

    op.drop_table("webhook_secret")
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_delivery_webhook_id_id"))
        batch_op.drop_index(
            "ix_webhook_delivery_queued",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index(batch_op.f("ix_webhook_delivery_at"))

    op.drop_table("webhook_delivery")
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_state"))
        batch_op.drop_index(batch_op.f("ix_webhook_search_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_created_by"))

    op.drop_table("webhook")
