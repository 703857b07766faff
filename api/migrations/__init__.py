"""Changes to the tables, in order: Alembic, run by `copi db`."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent

# What is done to a migration once it is written, so that it looks like those before it.
RUFF = {"tidy": "check --fix --quiet", "format": "format --quiet"}


def config(connection: Connection) -> Config:
    """Alembic's configuration for an open connection."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_section_option("post_write_hooks", "hooks", ", ".join(RUFF))
    for name, options in RUFF.items():
        made.set_section_option("post_write_hooks", f"{name}.type", "module")
        made.set_section_option("post_write_hooks", f"{name}.module", "ruff")
        made.set_section_option("post_write_hooks", f"{name}.options", f"{options} REVISION_SCRIPT_FILENAME")
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to a revision."""
    command.upgrade(config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Bring the tables back to a revision."""
    command.downgrade(config(connection), revision)


def check(connection: Connection) -> None:
    """Raise when the tables of the latest revision are not those of the models."""
    command.check(config(connection))


def revise(connection: Connection, what_changes: str) -> Path | None:
    """Write the migration from the latest revision to the models; None when there is nothing to migrate."""
    settings = config(connection)
    latest = ScriptDirectory.from_config(settings).get_current_head()
    # Alembic tells of each of its steps; what came of them is said by the command.
    with redirect_stdout(StringIO()):
        written = command.revision(
            settings,
            what_changes,
            autogenerate=True,
            rev_id=f"{int(latest or 0) + 1:04}",
            process_revision_directives=_nothing_for_nothing,
        )
    return Path(written.path) if isinstance(written, Script) else None


def _nothing_for_nothing(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


def words_tables(name: str | None, kind: str, *_: Any) -> bool:
    """Leave the full-text tables to the migrations: they are engine-specific and not part of the models."""
    return not (kind == "table" and name is not None and "_words" in name)
