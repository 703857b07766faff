"""The house: resources, event log, people"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RESOURCES = ("partner", "challenge", "project", "outcome")
WORDS = {
    "sqlite": ("CREATE VIRTUAL TABLE {resource}_words USING fts5(id UNINDEXED, words, tokenize = 'unicode61')",),
    "postgresql": (
        "CREATE TABLE {resource}_words (id uuid PRIMARY KEY REFERENCES {resource} (id), words tsvector NOT NULL)",
        "CREATE INDEX ix_{resource}_words_words ON {resource}_words USING gin (words)",
    ),
}
"""Full-text search: each engine's own index over the words that `api.search` has analysed."""


def upgrade() -> None:
    op.create_table(
        "challenge",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("posed_key", kinds.ByteOrder, nullable=False),
        sa.Column("deadline_key", kinds.ByteOrder, nullable=False),
        sa.Column("summary", kinds.Json, nullable=False),
        sa.Column("problem", kinds.Json, nullable=True),
        sa.Column("desired_effect", kinds.Json, nullable=True),
        sa.Column("current_practice", kinds.Json, nullable=True),
        sa.Column("not_wanted", kinds.Json, nullable=True),
        sa.Column("users_affected", kinds.Json, nullable=True),
        sa.Column("owners", kinds.Json, nullable=False),
        sa.Column("theme", kinds.Term, nullable=False),
        sa.Column("keywords", kinds.Json, nullable=False),
        sa.Column("cpv", kinds.Json, nullable=False),
        sa.Column("municipality_codes", kinds.Json, nullable=False),
        sa.Column("region_codes", kinds.Json, nullable=False),
        sa.Column("figures", kinds.Json, nullable=False),
        sa.Column("phase", kinds.Term, nullable=True),
        sa.Column("budget_indication", kinds.Json, nullable=True),
        sa.Column("timeline", kinds.Json, nullable=True),
        sa.Column("procurement_route_considered", kinds.Term, nullable=True),
        sa.Column("export_note", kinds.Json, nullable=True),
        sa.Column("novelty_sought", kinds.Term, nullable=True),
        sa.Column("close_reason", kinds.Term, nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_challenge_source_system_source_id")),
    )
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_challenge_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_challenge_audience_deadline_key_id"), ["audience", "deadline_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_challenge_audience_posed_key_id"), ["audience", "posed_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_challenge_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_challenge_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )

    op.create_table(
        "event",
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
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_event_resource_resource_id_seq"), ["resource", "resource_id", "seq"], unique=False
        )

    op.create_table(
        "partner",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("name", kinds.Json, nullable=False),
        sa.Column("name_key", kinds.ByteOrder, nullable=False),
        sa.Column("kind", kinds.Term, nullable=False),
        sa.Column("note", kinds.Json, nullable=True),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("identifiers", kinds.Json, nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("municipality_code", sa.String(), nullable=True),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("valid_from", sa.String(), nullable=True),
        sa.Column("valid_to", sa.String(), nullable=True),
        sa.Column("successor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("size", kinds.Term, nullable=True),
        sa.Column("themes", kinds.Json, nullable=False),
        sa.Column("keywords", kinds.Json, nullable=False),
        sa.Column("capabilities", kinds.Json, nullable=False),
        sa.Column("technologies", kinds.Json, nullable=False),
        sa.Column("cpv", kinds.Json, nullable=False),
        sa.Column("nace", kinds.Json, nullable=False),
        sa.Column("trl_min", sa.Integer(), nullable=True),
        sa.Column("trl_max", sa.Integer(), nullable=True),
        sa.Column("export_markets", kinds.Json, nullable=False),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("merged_into", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("contact_points", kinds.Json, nullable=False),
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
        sa.ForeignKeyConstraint(["merged_into"], ["partner.id"], name=op.f("fk_partner_merged_into")),
        sa.ForeignKeyConstraint(["parent_id"], ["partner.id"], name=op.f("fk_partner_parent_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["partner.id"], name=op.f("fk_partner_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_partner_source_system_source_id")),
    )
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partner_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_partner_audience_name_key_id"), ["audience", "name_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_partner_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_partner_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "project",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("state_as_of", sa.String(), nullable=True),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("start_key", kinds.ByteOrder, nullable=False),
        sa.Column("end_key", kinds.ByteOrder, nullable=False),
        sa.Column("summary", kinds.Json, nullable=False),
        sa.Column("theme", kinds.Term, nullable=False),
        sa.Column("keywords", kinds.Json, nullable=False),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("programme", sa.String(), nullable=True),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("challenge_ids", kinds.Json, nullable=False),
        sa.Column("participants", kinds.Json, nullable=False),
        sa.Column("cpv", kinds.Json, nullable=False),
        sa.Column("municipality_codes", kinds.Json, nullable=False),
        sa.Column("region_codes", kinds.Json, nullable=False),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("collaboration_form", kinds.Term, nullable=True),
        sa.Column("procurement_route", kinds.Term, nullable=True),
        sa.Column("procurement_note", kinds.Json, nullable=True),
        sa.Column("procurement_refs", kinds.Json, nullable=False),
        sa.Column("funding", kinds.Json, nullable=False),
        sa.Column("total_budget", kinds.Json, nullable=True),
        sa.Column("phases", kinds.Json, nullable=False),
        sa.Column("start", sa.String(), nullable=True),
        sa.Column("end", sa.String(), nullable=True),
        sa.Column("stage", kinds.Term, nullable=True),
        sa.Column("trl", sa.Integer(), nullable=True),
        sa.Column("export_potential", kinds.Json, nullable=True),
        sa.Column("evaluation", kinds.Json, nullable=True),
        sa.Column("follow_up_due", kinds.Json, nullable=False),
        sa.Column("discontinuation", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["parent_id"], ["project.id"], name=op.f("fk_project_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_project_source_system_source_id")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_project_audience_end_key_id"), ["audience", "end_key", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_project_audience_start_key_id"), ["audience", "start_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_project_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_project_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_project_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", kinds.Json, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("duties", kinds.Json, nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    op.create_table(
        "challenge_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["challenge.id"], name=op.f("fk_challenge_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_challenge_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("challenge_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_facet_id"), ["id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", kinds.Term, nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_membership_partner_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_membership_user_id")),
        sa.PrimaryKeyConstraint("user_id", "partner_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "outcome",
        sa.Column("state", kinds.Term, nullable=False),
        sa.Column("project_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", kinds.Term, nullable=False),
        sa.Column("title", kinds.Json, nullable=False),
        sa.Column("title_key", kinds.ByteOrder, nullable=False),
        sa.Column("date_key", kinds.ByteOrder, nullable=False),
        sa.Column("summary", kinds.Json, nullable=False),
        sa.Column("theme", kinds.Term, nullable=True),
        sa.Column("keywords", kinds.Json, nullable=False),
        sa.Column("date", sa.String(), nullable=True),
        sa.Column("reporting_point", kinds.Term, nullable=True),
        sa.Column("measures", kinds.Json, nullable=False),
        sa.Column("value_dimensions", kinds.Json, nullable=False),
        sa.Column("novelty", kinds.Term, nullable=True),
        sa.Column("lesson", kinds.Json, nullable=True),
        sa.Column("evidence", kinds.Json, nullable=False),
        sa.Column("reused_by", kinds.Json, nullable=False),
        sa.Column("reuse_count", kinds.Json, nullable=True),
        sa.Column("export_markets", kinds.Json, nullable=False),
        sa.Column("export_value", kinds.Json, nullable=True),
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
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_outcome_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("source_system", "source_id", name=op.f("uq_outcome_source_system_source_id")),
    )
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outcome_audience_created_at_id"), ["audience", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outcome_audience_date_key_id"), ["audience", "date_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outcome_audience_title_key_id"), ["audience", "title_key", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outcome_audience_updated_at_id"), ["audience", "updated_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_outcome_project_id"), ["project_id"], unique=False)

    op.create_table(
        "partner_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["partner.id"], name=op.f("fk_partner_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_partner_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("partner_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partner_facet_id"), ["id"], unique=False)

    op.create_table(
        "project_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["project.id"], name=op.f("fk_project_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_project_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("project_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_facet_id"), ["id"], unique=False)

    op.create_table(
        "outcome_facet",
        sa.Column("name", kinds.ByteOrder, nullable=False),
        sa.Column("value", kinds.ByteOrder, nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["outcome.id"], name=op.f("fk_outcome_facet_id")),
        sa.PrimaryKeyConstraint("name", "value", "id", name=op.f("pk_outcome_facet")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outcome_facet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outcome_facet_id"), ["id"], unique=False)

    for resource in RESOURCES:
        for statement in WORDS[op.get_bind().dialect.name]:
            op.execute(statement.format(resource=resource))


def downgrade() -> None:
    for resource in RESOURCES:
        op.execute(f"DROP TABLE {resource}_words")
    with op.batch_alter_table("outcome_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outcome_facet_id"))

    op.drop_table("outcome_facet")
    with op.batch_alter_table("project_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_facet_id"))

    op.drop_table("project_facet")
    with op.batch_alter_table("partner_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_facet_id"))

    op.drop_table("partner_facet")
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outcome_project_id"))
        batch_op.drop_index(batch_op.f("ix_outcome_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_outcome_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_outcome_audience_date_key_id"))
        batch_op.drop_index(batch_op.f("ix_outcome_audience_created_at_id"))

    op.drop_table("outcome")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_partner_id"))

    op.drop_table("membership")
    with op.batch_alter_table("challenge_facet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_facet_id"))

    op.drop_table("challenge_facet")
    op.drop_table("user_account")
    op.drop_table("setting")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_parent_id"))
        batch_op.drop_index(batch_op.f("ix_project_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_project_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_project_audience_start_key_id"))
        batch_op.drop_index(batch_op.f("ix_project_audience_end_key_id"))
        batch_op.drop_index(batch_op.f("ix_project_audience_created_at_id"))

    op.drop_table("project")
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partner_parent_id"))
        batch_op.drop_index(batch_op.f("ix_partner_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_partner_audience_name_key_id"))
        batch_op.drop_index(batch_op.f("ix_partner_audience_created_at_id"))

    op.drop_table("partner")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_resource_resource_id_seq"))

    op.drop_table("event")
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_audience_updated_at_id"))
        batch_op.drop_index(batch_op.f("ix_challenge_audience_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_challenge_audience_posed_key_id"))
        batch_op.drop_index(batch_op.f("ix_challenge_audience_deadline_key_id"))
        batch_op.drop_index(batch_op.f("ix_challenge_audience_created_at_id"))

    op.drop_table("challenge")
