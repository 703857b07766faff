"""The peer's service, for uvicorn: `PEER_DATABASE_URL=... uvicorn tests.bench.peer.app:app`.

Conditional reads come in two forms. `/projects/{id}` is what FastAPI code commonly looks like: load the record the one
way the application has, compare its tag, and save the client the body. `/tuned-projects/{id}` asks the database for the
version alone when the client names one: few write that second query, but whoever does should see what it buys, so it
is measured as a row of its own ("304, tuned peer").
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from sqlalchemy import ColumnElement, create_engine, event, func, select, tuple_
from sqlalchemy.orm import Session, selectinload, sessionmaker

from schemas import vocabulary as v
from tests.bench.peer.models import Keyword, Outcome, Participant, Project
from tests.bench.peer.shapes import Page, ProjectOut, ProjectWhole, WholePage

engine = create_engine(os.environ["PEER_DATABASE_URL"], pool_size=20, max_overflow=20)
sessions = sessionmaker(engine, expire_on_commit=False)
app = FastAPI()

DOCUMENT = [
    selectinload(Project.participants),
    selectinload(Project.keyword_rows),
    selectinload(Project.municipality_rows),
    selectinload(Project.phases),
    selectinload(Project.funding),
]
WHOLE = [
    *DOCUMENT[1:],
    selectinload(Project.participants).selectinload(Participant.partner),
    selectinload(Project.outcomes).selectinload(Outcome.measures),
]


if engine.dialect.name == "sqlite":

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode = WAL", "cache_size = -65536", "mmap_size = 1073741824", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")


def _session() -> Iterator[Session]:
    with sessions() as session:
        yield session


SessionDep = Annotated[Session, Depends(_session)]


def _conditions(
    theme: v.Theme | None = None,
    state: v.ProjectState | None = None,
    keyword: str | None = None,
    since: dt.datetime | None = None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if theme:
        conditions.append(Project.theme == theme)
    if state:
        conditions.append(Project.state == state)
    if keyword:
        conditions.append(Project.id.in_(select(Keyword.project_id).where(Keyword.keyword == keyword)))
    if since:
        conditions.append(Project.updated_at >= since)
    return conditions


ConditionsDep = Annotated[list[ColumnElement[bool]], Depends(_conditions)]


@app.get("/projects/{id}", response_model=ProjectOut)
def read_project(
    id: uuid.UUID, session: SessionDep, response: Response, if_none_match: Annotated[str | None, Header()] = None
) -> Any:
    """Read a project, or 304 when the client holds its version."""
    project = _found(session.get(Project, id, options=DOCUMENT), response)
    if if_none_match == response.headers["ETag"]:
        return Response(status_code=304, headers={"ETag": if_none_match})
    return project


@app.get("/tuned-projects/{id}", response_model=ProjectOut)
def read_project_unless_held(
    id: uuid.UUID, session: SessionDep, response: Response, if_none_match: Annotated[str | None, Header()] = None
) -> Any:
    """The same, but nothing beyond the version is loaded for a client that holds it."""
    if if_none_match:
        version = session.scalar(select(Project.version).where(Project.id == id))
        if if_none_match == f'"{version}"':
            return Response(status_code=304, headers={"ETag": if_none_match})
    return _found(session.get(Project, id, options=DOCUMENT), response)


@app.get("/projects/{id}/whole", response_model=ProjectWhole)
def read_whole_project(id: uuid.UUID, session: SessionDep, response: Response) -> Any:
    """Read a project with its participants' records and its outcomes."""
    return _found(session.get(Project, id, options=WHOLE), response)


def _found(project: Project | None, response: Response) -> Project:
    if project is None:
        raise HTTPException(404)
    response.headers["ETag"] = f'"{project.version}"'
    return project


@app.get("/projects", response_model=Page)
def list_projects(
    session: SessionDep,
    conditions: ConditionsDep,
    sort: Literal["updated_at", "-updated_at"] = "-updated_at",
    limit: Annotated[int, Query(ge=1, le=250)] = 50,
    cursor: str | None = None,
    total: bool = True,
) -> Any:
    """List projects."""
    return _page(session, conditions, sort, limit, cursor, total, DOCUMENT)


@app.get("/whole-projects", response_model=WholePage)
def list_whole_projects(
    session: SessionDep,
    conditions: ConditionsDep,
    sort: Literal["updated_at", "-updated_at"] = "-updated_at",
    limit: Annotated[int, Query(ge=1, le=250)] = 50,
    cursor: str | None = None,
    total: bool = True,
) -> Any:
    """List projects with their participants' records and their outcomes."""
    return _page(session, conditions, sort, limit, cursor, total, WHOLE)


def _page(
    session: Session,
    conditions: list[ColumnElement[bool]],
    sort: str,
    limit: int,
    cursor: str | None,
    total: bool,
    options: list[Any],
) -> dict[str, Any]:
    down = sort.startswith("-")
    keys = (Project.updated_at, Project.id)
    query = select(Project).where(*conditions).options(*options)
    if cursor:
        query = query.where(tuple_(*keys) < _decoded(cursor) if down else tuple_(*keys) > _decoded(cursor))
    query = query.order_by(*(key.desc() if down else key for key in keys)).limit(limit + 1)
    found = session.scalars(query).all()
    count = session.scalar(select(func.count()).select_from(Project).where(*conditions)) if total else None
    more = _encoded(found[limit - 1]) if len(found) > limit else None
    return {"items": found[:limit], "total": count, "next": more}


def _encoded(last: Project) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([last.updated_at.isoformat(), str(last.id)])).decode()


def _decoded(cursor: str) -> Any:
    moment, id = orjson.loads(base64.urlsafe_b64decode(cursor))
    return tuple_(*_bound(dt.datetime.fromisoformat(moment), uuid.UUID(id)))


def _bound(moment: dt.datetime, id: uuid.UUID) -> tuple[Any, Any]:
    from sqlalchemy import bindparam

    return bindparam(None, moment, type_=Project.updated_at.type), bindparam(None, id, type_=Project.id.type)
