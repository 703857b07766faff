"""Bulk data in: profiles, imports, and what was wrong in their files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.models.base import Base, Id, OwnId
from api.models.guarded import Made
from schemas import vocabulary as v
from schemas.imports import ImportProfileSchema, ImportSchema


class ImportProfile(Made):
    """A named way to read the files of one system."""

    noun = "import_profile"
    schema = ImportProfileSchema()
    __tablename__ = "import_profile"
    __table_args__ = (Index(None, "created_by"),)

    name: Mapped[str]
    note: Mapped[str | None]
    resource: Mapped[v.ImportResource]
    system: Mapped[str]
    external_id: Mapped[str]
    items: Mapped[str | None]
    columns: Mapped[list[dict[str, Any]]]


class Import(Made):
    """The import of one file; its bytes are in the storage under their SHA-256.

    A runner holds it by a lease, and commits how far it has come together with what it has written.
    """

    noun = "import"
    schema = ImportSchema()
    __tablename__ = "import"
    __table_args__ = (Index(None, "created_by"), Index(None, "state", "created_at"), Index(None, "sha256"))

    state: Mapped[v.ImportState] = mapped_column(default=v.ImportState.QUEUED)
    resource: Mapped[v.ImportResource]
    mode: Mapped[v.ImportMode]
    dry_run: Mapped[bool]
    profile: Mapped[str | None]
    reading: Mapped[dict[str, Any] | None]
    """The profile as it was when the file came."""
    granted: Mapped[dict[str, Any]]
    """What the caller could do at that time beyond what is known here: the scopes of its token, an issuer's word."""
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    lines: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    """The last line that is dealt with for good."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often a runner has taken it up without coming to an end."""
    problem: Mapped[dict[str, Any] | None]
    lease_holder: Mapped[Id | None]
    lease_until: Mapped[dt.datetime | None]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]

    errors: Sequence[Any] = ()
    """The first of them, where they have been read."""


class LineError(Base):
    """What is wrong in one place of a file."""

    __tablename__ = "import_error"
    __table_args__ = (Index(None, "import_id", "line", "id"),)

    id: Mapped[OwnId]
    import_id: Mapped[Id] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"))
    line: Mapped[int]
    column: Mapped[str | None]
    value: Mapped[str | None]
    detail: Mapped[dict[str, Any]]
    advice: Mapped[dict[str, Any]]
