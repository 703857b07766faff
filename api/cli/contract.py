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
    changed = examples.drifted(mend=not check)
    settings = Settings(database_url="sqlite://", secret="x" * 32)
    made = {version: create_app(settings, version).extensions["contract"].document() for version in documents.FILES}
    changed += documents.drifted(made) if check else documents.write(made)
    names = ", ".join(path.name for path in changed)
    if check and changed:
        fail(f"{names}: not what the code says; run `make contract` and review the diff.")
    console.print(f"✓ {names or 'nothing has changed'}")
