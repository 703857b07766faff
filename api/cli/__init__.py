"""The command line: `copi`."""

from __future__ import annotations

import click

from api.cli.clients import clients
from api.cli.console import in_one_line
from api.cli.contract import contract
from api.cli.db import db
from api.cli.deliver import deliver
from api.cli.documents import documents
from api.cli.imports import import_
from api.cli.keys import keys
from api.cli.seed import seed
from api.cli.serve import serve
from api.cli.tend import tend
from api.cli.users import users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def copi() -> None:
    """Run and look after the CO-PI API. Settings are `COPI_*` environment variables."""


for command in (serve, tend, deliver, import_, db, documents, seed, users, clients, keys, contract):
    copi.add_command(command)


def main() -> None:
    """The entry point."""
    with in_one_line():
        copi()
