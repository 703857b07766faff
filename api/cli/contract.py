"""`copi contract`: write the OpenAPI documents from the code, or check that they say the same."""

from __future__ import annotations

import click

from api import create_app
from api.cli import examples
from api.cli.console import console, fail
from api.config import Settings
from openapi import contract as documents


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a committed document differs from the code.")
def contract(check: bool) -> None:
    """Write openapi/openapi.json and its 3.0 twin from the code."""
    written = [] if check else examples.write()
    settings = Settings(database_url="sqlite://", secret="x" * 32)
    made = {version: create_app(settings, version).extensions["contract"].document() for version in documents.FILES}
    if not check:
        changed = [*written, *documents.write(made)]
        console.print(f"✓ {', '.join(path.name for path in changed) or 'no change'}")
    elif drifted := documents.drifted(made):
        fail(
            f"{', '.join(path.name for path in drifted)} differ from the code; run `make contract` and review the diff."
        )
