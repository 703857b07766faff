"""Documents"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = {
    "sqlite": ("CREATE VIRTUAL TABLE document_words USING fts5(id UNINDEXED, words, tokenize = 'unicode61')",),
    "postgresql": (
        "CREATE TABLE document_words (id uuid PRIMARY KEY REFERENCES document (id), words tsvector NOT NULL)",
        "CREATE INDEX ix_document_words_words ON document_words USING gin (words)",
    ),
}


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("challenge_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("project_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("outcome_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("response_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("enquiry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("format", kinds.Term, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("visibility", kinds.Term, nullable=False),
        sa.Column("audience", kinds.Term, nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("source", kinds.Json, nullable=True),
        sa.Column("source_system", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("sources", kinds.Json, nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("updated_at", kinds.Moment, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN challenge_id IS NULL THEN 0 ELSE 1 END + CASE WHEN project_id IS NULL THEN 0 ELSE 1 END + CASE WHEN outcome_id IS NULL THEN 0 ELSE 1 END + CASE WHEN response_id IS NULL THEN 0 ELSE 1 END + CASE WHEN enquiry_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_document_one_parent"),
        ),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_document_challenge_id")),
        sa.ForeignKeyConstraint(["enquiry_id"], ["enquiry.id"], name=op.f("fk_document_enquiry_id")),
        sa.ForeignKeyConstraint(["outcome_id"], ["outcome.id"], name=op.f("fk_document_outcome_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_document_project_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_document_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_document_source_system_source_id")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_document_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_document_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_document_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_enquiry_id"), ["enquiry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_outcome_id"), ["outcome_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_response_id"), ["response_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_sha256"), ["sha256"], unique=False)

    op.create_table(
        "document_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["document.id"], name=op.f("fk_document_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_document_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("document_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_facet_id"), ["id"], unique=False)

    for statement in WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE document_words")
    with op.batch_alter_table("document_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_facet_id"))

    op.drop_table("document_facet")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_sha256"))
        batch_op.drop_index(batch_op.f("ix_document_response_id"))
        batch_op.drop_index(batch_op.f("ix_document_project_id"))
        batch_op.drop_index(batch_op.f("ix_document_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_document_enquiry_id"))
        batch_op.drop_index(batch_op.f("ix_document_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_document_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_document_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_document_audience_created_at_id"))

    op.drop_table("document")
