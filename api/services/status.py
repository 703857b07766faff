"""Whether the service can serve."""

from __future__ import annotations

from api.kit.freshness import head
from api.kit.service import service
from openapi.spec import VERSION


def now() -> dict[str, str]:
    """The service's state; a database that does not answer becomes a 503 on the way out."""
    database = service().database
    with database.reading() as connection:
        head(connection)
    return {"status": "ok", "version": VERSION, "database": database.name}
