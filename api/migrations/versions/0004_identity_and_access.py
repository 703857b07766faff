"""Identity and access"""

import sqlalchemy as sa
from alembic import op

from api.migrations import kinds

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", kinds.Term, nullable=False),
        sa.Column("scopes", kinds.Json, nullable=False),
        sa.Column("origins", kinds.Json, nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "revoked_token",
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("expires_at", kinds.Moment, nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_token")),
    )
    op.create_table(
        "security_event",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", kinds.Moment, nullable=False),
        sa.Column("kind", kinds.Term, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("actor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("details", kinds.Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_event_user_id_id"), ["user_id", "id"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("public", kinds.Json, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("signs_from", kinds.Moment, nullable=False),
        sa.Column("retired_at", kinds.Moment, nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "client_secret",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("expires_at", kinds.Moment, nullable=True),
        sa.Column("last_used_at", kinds.Moment, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_secret_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secret")),
        sa.UniqueConstraint("digest", name=op.f("uq_client_secret_digest")),
    )
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_secret_client_id"), ["client_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("partner_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("role", kinds.Term, nullable=True),
        sa.Column("invited_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("expires_at", kinds.Moment, nullable=False),
        sa.Column("accepted_at", kinds.Moment, nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_invitation_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitation_digest")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("created_at", kinds.Moment, nullable=False),
        sa.Column("used_at", kinds.Moment, nullable=False),
        sa.Column("expires_at", kinds.Moment, nullable=False),
        sa.Column("ended_at", kinds.Moment, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_login_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "refresh_token",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("used_at", kinds.Moment, nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["login_session.id"], name=op.f("fk_refresh_token_session_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refresh_token")),
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refresh_token_session_id"), ["session_id"], unique=False)

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issuer", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("subject", sa.String(), nullable=True))
        batch_op.alter_column("email", existing_type=sa.VARCHAR(), nullable=True)
        batch_op.alter_column("password_hash", existing_type=sa.VARCHAR(), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_user_account_issuer_subject"), ["issuer", "subject"])


def downgrade() -> None:
    # Those without e-mail and password had no place before.
    strangers = "SELECT id FROM user_account WHERE email IS NULL OR password_hash IS NULL"
    op.execute("DELETE FROM refresh_token")
    op.execute("DELETE FROM login_session")
    op.execute(f"DELETE FROM membership WHERE user_id IN ({strangers})")  # noqa: S608 - words of our own
    op.execute("DELETE FROM user_account WHERE email IS NULL OR password_hash IS NULL")

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_user_account_issuer_subject"), type_="unique")
        batch_op.alter_column("password_hash", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.alter_column("email", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.drop_column("subject")
        batch_op.drop_column("issuer")

    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_session_id"))

    op.drop_table("refresh_token")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_user_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_partner_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_secret_client_id"))

    op.drop_table("client_secret")
    op.drop_table("signing_key")
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_security_event_user_id_id"))
        batch_op.drop_index(batch_op.f("ix_security_event_at"))

    op.drop_table("security_event")
    op.drop_table("revoked_token")
    op.drop_table("client")
