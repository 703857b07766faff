"""Imports"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("resource", kinds.Term, nullable=False),
        sa.Column("mode", kinds.Term, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("profile", sa.String(), nullable=True),
        sa.Column("reading", kinds.Json, nullable=True),
        sa.Column("granted", kinds.Json, nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", kinds.Json, nullable=True),
        sa.Column("lease_holder", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lease_until", kinds.Moment, nullable=True),
        sa.Column("started_at", kinds.Moment, nullable=True),
        sa.Column("finished_at", kinds.Moment, nullable=True),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sandbox", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_state_created_at"), ["state", "created_at"], unique=False)

    op.create_table(
        "import_profile",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("resource", kinds.Term, nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("items", sa.String(), nullable=True),
        sa.Column("columns", kinds.Json, nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sandbox", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_profile")),
    )
    with op.batch_alter_table("import_profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_profile_created_by"), ["created_by"], unique=False)

    op.create_table(
        "import_error",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("import_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("detail", kinds.Json, nullable=False),
        sa.Column("advice", kinds.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("fk_import_error_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_error")),
    )
    with op.batch_alter_table("import_error", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_error_import_id_line_id"), ["import_id", "line", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("import_error", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_error_import_id_line_id"))

    op.drop_table("import_error")
    with op.batch_alter_table("import_profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_profile_created_by"))

    op.drop_table("import_profile")
    with op.batch_alter_table("import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_import_sha256"))
        batch_op.drop_index(batch_op.f("ix_import_created_by"))

    op.drop_table("import")
