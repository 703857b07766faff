"""Alembic's entry: migrates over the connection it is handed."""

from alembic import context

from api.migrations import words_tables
from api.migrations.kinds import spelled
from api.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    include_name=words_tables,
    render_item=spelled,
    transaction_per_migration=True,
)
if connection.dialect.name == "postgresql":
    # A migration that waits for a lock makes everybody wait behind it: better to fail and be tried again.
    connection.exec_driver_sql("SET lock_timeout = '5s'")
    connection.exec_driver_sql("SET statement_timeout = '30min'")
    connection.commit()
with context.begin_transaction():
    context.run_migrations()
