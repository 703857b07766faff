"""The journey: supports, questions, responses, adoptions, enquiries, guidance"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RESOURCES = ("support", "question", "response", "adoption", "enquiry", "guidance")
WORDS = {
    "sqlite": ("CREATE VIRTUAL TABLE {resource}_words USING fts5(id UNINDEXED, words, tokenize = 'unicode61')",),
    "postgresql": (
        "CREATE TABLE {resource}_words (id uuid PRIMARY KEY REFERENCES {resource} (id), words tsvector NOT NULL)",
        "CREATE INDEX ix_{resource}_words_words ON {resource}_words USING gin (words)",
    ),
}
NO_DEMAND = (
    '{"supports":0,"letters_of_intent":0,"by_level":{"interested":0,"joins_market_dialogue":0,"letter_of_intent":0,'
    '"will_procure":0},"partner_ids":[],"population_covered":null,"annual_volume":[],"annual_value":[]}'
)
ADDED = (
    ("challenge", "addenda", kinds.Json, "[]"),
    ("challenge", "demand", kinds.Json, NO_DEMAND),
    ("challenge", "response_count", sa.Integer(), None),
    ("outcome", "reuse", kinds.Json, '{"organisations":0,"adoptions":0}'),
    ("partner", "trusted", sa.Boolean(), sa.false()),
    ("partner", "reuse", kinds.Json, '{"taken_over":0,"passed_on":0}'),
)
"""What the records there already begin with; documents are rendered anew afterwards."""


def upgrade() -> None:
    op.create_table(
        "enquiry",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("challenge_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("project_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("question", kinds.Json, nullable=False),
        sa.Column("context", kinds.Json, nullable=True),
        sa.Column("procurement_route_considered", kinds.Term, nullable=True),
        sa.Column("adviser", sa.String(), nullable=True),
        sa.Column("answer", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_enquiry_challenge_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_enquiry_partner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_enquiry_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_enquiry_source_system_source_id")),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enquiry_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_enquiry_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_enquiry_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_enquiry_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_project_id"), ["project_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("challenge_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("question", kinds.Json, nullable=False),
        sa.Column("answer", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_question_challenge_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_question_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_question_source_system_source_id")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_question_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_question_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("challenge_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("consortium", kinds.Json, nullable=False),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("approach", kinds.Json, nullable=False),
        sa.Column("novelty", kinds.Term, nullable=True),
        sa.Column("trl", sa.Integer(), nullable=True),
        sa.Column("reference_cases", kinds.Json, nullable=False),
        sa.Column("ip_note", kinds.Json, nullable=True),
        sa.Column("export_markets", kinds.Json, nullable=False),
        sa.Column("price_indication", kinds.Json, nullable=True),
        sa.Column("decline_reason", kinds.Term, nullable=True),
        sa.Column("feedback", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_response_challenge_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_response_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_response_source_system_source_id")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_response_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_response_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_response_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_response_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_response_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(
            "uq_response_active",
            ["challenge_id", "partner_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "support",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("challenge_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("level", kinds.Term, nullable=False),
        sa.Column("annual_volume", kinds.Json, nullable=True),
        sa.Column("annual_value", kinds.Json, nullable=True),
        sa.Column("valid_until", sa.String(), nullable=True),
        sa.Column("signed_at", sa.String(), nullable=True),
        sa.Column("note", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_support_challenge_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_support_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_support_source_system_source_id")),
    )
    with op.batch_alter_table("support", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_support_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_support_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_support_challenge_id"), ["challenge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_support_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(
            "uq_support_active",
            ["challenge_id", "partner_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "adoption",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("outcome_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("project_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("count", kinds.Json, nullable=True),
        sa.Column("kind", kinds.Term, nullable=False),
        sa.Column("in_use_from", sa.String(), nullable=True),
        sa.Column("in_use_key", kinds.ByteOrder, nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("note", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["outcome_id"], ["outcome.id"], name=op.f("fk_adoption_outcome_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_adoption_partner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_adoption_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_adoption_source_system_source_id")),
    )
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_adoption_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_adoption_audience_in_use_key_id"), ["audience", "in_use_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_adoption_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_adoption_outcome_id"), ["outcome_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adoption_partner_id"), ["partner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_adoption_project_id"), ["project_id"], unique=False)

    op.create_table(
        "enquiry_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["enquiry.id"], name=op.f("fk_enquiry_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_enquiry_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("enquiry_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_facet_id"), ["id"], unique=False)

    op.create_table(
        "guidance",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("enquiry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("question", kinds.Json, nullable=False),
        sa.Column("answer", kinds.Json, nullable=False),
        sa.Column("theme", kinds.Term, nullable=True),
        sa.Column("keywords", kinds.Json, nullable=False),
        sa.Column("procurement_routes", kinds.Json, nullable=False),
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
        sa.ForeignKeyConstraint(["enquiry_id"], ["enquiry.id"], name=op.f("fk_guidance_enquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_guidance_source_system_source_id")),
    )
    with op.batch_alter_table("guidance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_guidance_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_guidance_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_guidance_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_guidance_enquiry_id"), ["enquiry_id"], unique=False)

    op.create_table(
        "question_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["question.id"], name=op.f("fk_question_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_question_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("question_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_facet_id"), ["id"], unique=False)

    op.create_table(
        "response_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["response.id"], name=op.f("fk_response_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_response_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("response_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_facet_id"), ["id"], unique=False)

    op.create_table(
        "support_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["support.id"], name=op.f("fk_support_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_support_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("support_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_support_facet_id"), ["id"], unique=False)

    op.create_table(
        "adoption_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["adoption.id"], name=op.f("fk_adoption_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_adoption_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("adoption_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adoption_facet_id"), ["id"], unique=False)

    op.create_table(
        "guidance_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["guidance.id"], name=op.f("fk_guidance_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_guidance_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("guidance_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guidance_facet_id"), ["id"], unique=False)

    for table, name, kind, begins in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=begins is None, server_default=begins))
    for resource in RESOURCES:
        for statement in WORDS[op.get_bind().dialect.name]:
            op.execute(statement.format(resource=resource))


def downgrade() -> None:
    for resource in RESOURCES:
        op.execute(f"DROP TABLE {resource}_words")
    # Not in batches, which on SQLite would make the tables anew and trip over what points at them.
    for table, name, *_ in reversed(ADDED):
        op.drop_column(table, name)

    with op.batch_alter_table("guidance_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guidance_facet_id"))

    op.drop_table("guidance_facet")
    with op.batch_alter_table("adoption_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adoption_facet_id"))

    op.drop_table("adoption_facet")
    with op.batch_alter_table("support_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_facet_id"))

    op.drop_table("support_facet")
    with op.batch_alter_table("response_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_facet_id"))

    op.drop_table("response_facet")
    with op.batch_alter_table("question_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_facet_id"))

    op.drop_table("question_facet")
    with op.batch_alter_table("guidance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guidance_enquiry_id"))
        batch_op.drop_index(batch_op.f("ix_guidance_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_guidance_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_guidance_audience_created_at_id"))

    op.drop_table("guidance")
    with op.batch_alter_table("enquiry_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_facet_id"))

    op.drop_table("enquiry_facet")
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adoption_project_id"))
        batch_op.drop_index(batch_op.f("ix_adoption_partner_id"))
        batch_op.drop_index(batch_op.f("ix_adoption_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_adoption_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_adoption_audience_in_use_key_id"))
        batch_op.drop_index(batch_op.f("ix_adoption_audience_created_at_id"))

    op.drop_table("adoption")
    with op.batch_alter_table("support", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_support_active",
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )
        batch_op.drop_index(batch_op.f("ix_support_partner_id"))
        batch_op.drop_index(batch_op.f("ix_support_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_support_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_support_audience_created_at_id"))

    op.drop_table("support")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_response_active",
            sqlite_where=sa.text("state <> 'withdrawn'"),
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )
        batch_op.drop_index(batch_op.f("ix_response_partner_id"))
        batch_op.drop_index(batch_op.f("ix_response_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_response_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_response_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_response_audience_created_at_id"))

    op.drop_table("response")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_partner_id"))
        batch_op.drop_index(batch_op.f("ix_question_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_question_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_question_audience_created_at_id"))

    op.drop_table("question")
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_project_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_partner_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_challenge_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_enquiry_audience_created_at_id"))

    op.drop_table("enquiry")
