"""Access state"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHANGES = {
    "user_account": ("UPDATE OF name, duties, blocked", "DELETE"),
    "membership": ("INSERT", "UPDATE", "DELETE"),
    "client": ("UPDATE", "DELETE"),
    "client_secret": ("DELETE",),
    "login_session": ("UPDATE OF ended_at", "DELETE"),
    "revoked_token": ("INSERT",),
    "signing_key": ("UPDATE OF retired_at", "DELETE"),
}
"""What may change what a caller is or may do. What is new to everybody, such as a log-in, changes nobody who is known.

SQLite forgets the triggers of a table that a later migration makes anew; a test would miss them.
"""
RAISE = "UPDATE access_state SET number = number + 1"


def upgrade() -> None:
    state = op.create_table(
        "access_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_state")),
    )
    op.bulk_insert(state, [{"id": 1, "number": 1}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION access_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {RAISE}; RETURN NULL; END $$"
        )
        for table, changes in CHANGES.items():
            # At commit: the row is locked last of all and only for a moment, so that nobody waits in a circle.
            op.execute(
                f"CREATE CONSTRAINT TRIGGER access_changed AFTER {' OR '.join(changes)} ON {table} "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access_changed()"
            )
    else:
        for table, changes in CHANGES.items():
            for change in changes:
                name = f"access_changed_{table}_{change.split()[0].lower()}"
                op.execute(f"CREATE TRIGGER {name} AFTER {change} ON {table} BEGIN {RAISE}; END")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in CHANGES:
            op.execute(f"DROP TRIGGER access_changed ON {table}")
        op.execute("DROP FUNCTION access_changed")
    else:
        for table, changes in CHANGES.items():
            for change in changes:
                op.execute(f"DROP TRIGGER access_changed_{table}_{change.split()[0].lower()}")
    op.drop_table("access_state")
