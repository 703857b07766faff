"""Adoptions: one active one per outcome and adopter; reuse counts what everybody sees"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from api.migrations import kinds
from schemas.fields import rfc3339

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ACTIVE = sa.text("state <> 'withdrawn'")
REASON = "Samme organisation stod to gange ved samme resultat. / The same organisation stood twice at one outcome."

_Id = sa.Uuid(as_uuid=False)
ADOPTION = sa.table(
    "adoption",
    sa.column("id", _Id),
    sa.column("outcome_id", _Id),
    sa.column("project_id", _Id),
    sa.column("partner_id", _Id),
    sa.column("sandbox", _Id),
    sa.column("state", kinds.Term),
    sa.column("audience", kinds.Term),
    sa.column("version", sa.Integer()),
    sa.column("updated_at", kinds.Moment),
    sa.column("document", sa.LargeBinary()),
)
FACET = {
    name: sa.table(f"{name}_facet", sa.column("id", _Id), sa.column("name"), sa.column("value"))
    for name in ("adoption", "outcome", "project")
}
OUTCOME = sa.table("outcome", sa.column("id", _Id), sa.column("project_id", _Id), sa.column("audience", kinds.Term))
PROJECT = sa.table("project", sa.column("id", _Id), sa.column("audience", kinds.Term))
PARTNER = sa.table("partner", sa.column("id", _Id), sa.column("reuse", kinds.Json))
SETTING = sa.table("setting", sa.column("name"))


def _log(name: str) -> Any:
    return sa.table(
        name,
        sa.column("seq"),
        sa.column("sandbox", _Id),
        sa.column("type"),
        sa.column("resource"),
        sa.column("resource_id", _Id),
        sa.column("version"),
        sa.column("at", kinds.Moment),
        sa.column("reason"),
        sa.column("changes", kinds.Json),
        sa.column("audience"),
        sa.column("previous"),
        sa.column("document", sa.LargeBinary()),
    )


EVENT, SANDBOX_EVENT = _log("event"), _log("sandbox_event")
EVENT_STAKE = sa.table("event_stake", sa.column("seq"), sa.column("holder", _Id))


def upgrade() -> None:
    connection = op.get_bind()
    now = dt.datetime.now(dt.UTC)
    for double in list(_doubles(connection)):
        _withdraw(connection, double, now)
    op.create_index(
        "uq_adoption_active",
        "adoption",
        ["outcome_id", "partner_id"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
    _count_partners(connection)
    # Their documents tell of reuse: rendered anew afterwards, outcomes count theirs while that is done.
    connection.execute(sa.delete(SETTING).where(SETTING.c.name.in_(["shape:outcome", "shape:partner"])))


def downgrade() -> None:
    op.drop_index("uq_adoption_active", "adoption", sqlite_where=ACTIVE, postgresql_where=ACTIVE)


def _doubles(connection: sa.Connection) -> Iterator[Any]:
    """All but one of those that stand at one outcome for one adopter: what is confirmed stays before what is not, and
    what is older before what is younger."""
    active = sa.select(ADOPTION).where(ADOPTION.c.state != "withdrawn", ADOPTION.c.partner_id.is_not(None))
    kept = set()
    for row in sorted(connection.execute(active), key=lambda row: (row.state != "confirmed", row.id)):
        pair = (row.outcome_id, row.partner_id)
        if pair in kept:
            yield row
        kept.add(pair)


def _withdraw(connection: sa.Connection, row: Any, now: dt.datetime) -> None:
    """As the step does it: with a version, and an event that those with a stake in it see."""
    audience, version = "sandbox" if row.sandbox else "owners", row.version + 1
    told = orjson.loads(row.document) | {"state": "withdrawn", "version": version, "updated_at": rfc3339(now)}
    changed = {"state": "withdrawn", "audience": audience, "version": version, "updated_at": now,
               "document": orjson.dumps(told)}  # fmt: skip
    connection.execute(sa.update(ADOPTION).where(ADOPTION.c.id == row.id).values(changed))
    facet = FACET["adoption"]
    state = facet.c.id == row.id, facet.c.name == "state"
    connection.execute(sa.update(facet).where(*state).values(value="withdrawn"))

    log = SANDBOX_EVENT if row.sandbox else EVENT
    inside = [SANDBOX_EVENT.c.sandbox == row.sandbox] if row.sandbox else []
    newest = sa.select(sa.func.max(log.c.seq)).where(*inside)
    seq = (connection.scalar(newest) or 0) + 1
    previous = connection.scalar(newest.where(log.c.resource == "adoption", log.c.resource_id == row.id))
    happened = {
        "seq": seq, "type": "adoption.withdrawn", "resource": "adoption", "resource_id": row.id, "version": version,
        "at": now, "reason": REASON, "changes": ["state"], "audience": audience, "previous": previous,
        "document": changed["document"],
    }  # fmt: skip
    connection.execute(sa.insert(log).values({**happened, **({"sandbox": row.sandbox} if row.sandbox else {})}))
    if not row.sandbox:
        facet = FACET["project"]
        owners = sa.select(facet.c.value).where(facet.c.id == row.project_id, facet.c.name == "owner")
        holders = {row.partner_id, *connection.scalars(owners)}
        connection.execute(sa.insert(EVENT_STAKE), [{"seq": seq, "holder": holder} for holder in sorted(holders)])


def _count_partners(connection: sa.Connection) -> None:
    """Give every partner the counts of what everybody sees; a version of its own is no partner's for that."""
    shown = ("public", "sandbox_public")
    seen = sa.and_(OUTCOME.c.project_id == PROJECT.c.id, OUTCOME.c.audience.in_(shown), PROJECT.c.audience.in_(shown))
    named = FACET["outcome"]
    by_source = sa.select(named.c.value, OUTCOME.c.id, PROJECT.c.id).where(
        named.c.id == OUTCOME.c.id, named.c.name == "reused_by", seen
    )
    confirmed = sa.select(ADOPTION.c.partner_id, OUTCOME.c.id, PROJECT.c.id).where(
        ADOPTION.c.outcome_id == OUTCOME.c.id, ADOPTION.c.partner_id.is_not(None), ADOPTION.c.audience.in_(shown), seen
    )
    pairs = {tuple(row) for statement in (by_source, confirmed) for row in connection.execute(statement)}
    helped = FACET["project"]
    providers: dict[str, set[str]] = {}
    for project, partner in connection.execute(
        sa.select(helped.c.id, helped.c.value).where(helped.c.name == "provider")
    ):
        providers.setdefault(project, set()).add(partner)
    counts: dict[str, dict[str, int]] = {}
    for reuser, _, project in pairs:
        for partner, name in (
            (reuser, "taken_over"),
            *((p, "passed_on") for p in providers.get(project, set()) - {reuser}),
        ):
            counts.setdefault(partner, {"taken_over": 0, "passed_on": 0})[name] += 1
    for id, stored in connection.execute(sa.select(PARTNER.c.id, PARTNER.c.reuse)).all():
        counted = counts.get(id, {"taken_over": 0, "passed_on": 0})
        if counted != stored:
            connection.execute(sa.update(PARTNER).where(PARTNER.c.id == id).values(reuse=counted))
