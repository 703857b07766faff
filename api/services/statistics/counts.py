"""How many records there are by the values of each filter of their list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Response
from sqlalchemy import Uuid, case, cast, distinct, exists, func, or_, select

from api import reference
from api.models import RESOURCES, Outcome, Partner, Resource, reuse
from api.models.visible import visible_to
from api.services.statistics.question import Question, respond
from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Code
from schemas.query import AnyOf, ListQuery, Query, Years
from schemas.statistics import groups_of, labels_of, statistics_of, statistics_query

MOST = 500
SEVERAL = frozenset({"theme", "municipality", "region", "year", "export_market", "value_kind", "demand"})
"""Groups in which a record may have several values; in the others the counts add up to the records that have one."""
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one resource. `kinds` names the facet whose partners are counted by kind, and the group's name."""

    model: type[Resource]
    listed: type[ListQuery]
    kinds: tuple[str, str] | None = None

    @property
    def query(self) -> type[Query]:
        """What it takes: the list's filters."""
        return statistics_query(self.listed)

    @property
    def gives(self) -> type[Shape]:
        """What it answers."""
        return statistics_of(self.listed, *((self.kinds[1],) if self.kinds else ()), reuse=self.model is Outcome)

    def respond(self, wanted: Mapping[str, Any]) -> Response:
        """The counts of the records that match, as far as the caller sees them."""
        return respond(self.model, self.listed, wanted, self._work_out, self.gives)

    def _work_out(self, question: Question) -> dict[str, Any]:
        total = question.rows(select(func.count()).select_from(self.model).where(question.where)).scalar_one()
        by: dict[str, Any] = {}
        for via in {field.via for field in groups_of(self.listed).values()}:
            groups = {name: field for name, field in groups_of(self.listed).items() if field.via == via}
            by |= _by_facets(question, groups, via, total)
        if self.kinds:
            facet, group = self.kinds
            by[group] = _by_kind(question, facet, getattr(self.listed._declared_fields[facet], "via", None), total)
        return {"total": total, "by": by, **({"reuse": _reuse(question)} if self.model is Outcome else {})}


def _by_facets(question: Question, groups: Mapping[str, AnyOf], via: str | None, total: int) -> dict[str, Any]:
    """The groups whose values stand in one table of facets: the records' own, or their neighbours'."""
    facets, asked = _facets(question, via), _asked(question, via)
    statement = (
        select(facets.name, facets.value, func.sum(asked.c.records))
        .join(asked, asked.c.key == facets.id)
        .where(facets.name.in_(list(groups)))
        .group_by(facets.name, facets.value)
    )
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for name, value, count in question.rows(statement):
        counted[name][value] = int(count)
    several = [name for name in groups if name in SEVERAL]
    having = {name: sum(counted[name].values()) for name in groups} | _having(question, via, several)
    return {
        name: {"values": _told(field, counted[name]), "missing": total - having[name]} for name, field in groups.items()
    }


def _by_kind(question: Question, facet: str, via: str | None, total: int) -> dict[str, Any]:
    """The records by the kind of the partners that a facet names, as far as those are to be seen."""
    facets, asked = _facets(question, via), _asked(question, via)
    # SQLite keeps ids without hyphens; PostgreSQL reads them with and without.
    partner = cast(func.replace(facets.value, "-", ""), Uuid(as_uuid=False))
    found = (
        select(Partner.kind, asked.c.key, asked.c.records)
        .select_from(asked)
        .join(facets.id.table, facets.id == asked.c.key)
        .join(Partner, Partner.id == partner)
        .where(facets.name == facet, visible_to(Partner, question.reach))
        .distinct()
        .subquery()
    )
    rows = question.rows(select(found.c.kind, func.sum(found.c.records)).group_by(found.c.kind))
    counted = {str(kind): int(count) for kind, count in rows}
    labels = {str(kind): kind.label for kind in v.PartnerKind}
    return {
        "values": list(_listed(labels, counted)),
        "missing": total - _having(question, via, [facet])[facet],
    }


def _having(question: Question, via: str | None, names: Sequence[str]) -> dict[str, int]:
    """How many records have any value under each name."""
    if not names:
        return {}
    facets, asked = _facets(question, via), _asked(question, via)
    known = [exists().where(facets.id == asked.c.key, facets.name == name) for name in names]
    sums = [func.coalesce(func.sum(case((one, asked.c.records), else_=0)), 0) for one in known]
    row = question.rows(select(*sums).select_from(asked)).one()
    return dict(zip(names, map(int, row), strict=True))


def _facets(question: Question, via: str | None) -> Any:
    """The facets of the records asked about, or of the neighbours they are filtered by."""
    return (RESOURCES[via] if via else question.model).facets.c


def _asked(question: Question, via: str | None) -> Any:
    """What the facets hang on, with how many of the records asked about hang on it: one where it is the record."""
    key: Any = getattr(question.model, f"{via}_id") if via else question.model.id
    return select(key.label("key"), func.count().label("records")).where(question.where).group_by(key).subquery()


def _told(field: AnyOf, counted: Mapping[str, int]) -> list[dict[str, Any]]:
    labels = labels_of(field)
    if labels is not None:
        return list(_listed(labels, counted))
    scheme = field.item.scheme if isinstance(field.item, Code) else None
    in_time = isinstance(field, Years)
    order = sorted(counted.items(), key=lambda one: (0 if in_time else -one[1], one[0]))
    return [{"code": code, "label": _label(scheme, code), "count": count} for code, count in order[:MOST]]


def _listed(labels: Mapping[str, Label], counted: Mapping[str, int]) -> Iterable[dict[str, Any]]:
    """Every term of a closed list, in its order: a chart keeps its shape whatever is filtered away."""
    return ({"code": code, "label": label, "count": counted.get(code, 0)} for code, label in labels.items())


@cache
def _label(scheme: str | None, code: str) -> Label:
    item = reference.item(scheme, code) if scheme else None
    return item["label"] if item else {"da": code, "en": code}


def _reuse(question: Question) -> dict[str, Any]:
    """How far the published outcomes among them were taken over by others."""
    known, number = reuse.known().c, Outcome.reuse_count
    taken_over = or_(Outcome.id.in_(select(known.outcome)), number["count"].as_integer() > 0)
    published = select(Outcome.id).where(question.published)
    reusers = select(func.count(distinct(known.partner))).where(known.outcome.in_(published))
    told: dict[str, list[int]] = defaultdict(list)
    for (count,) in question.rows(select(Outcome.reuse_count).where(number.is_not(None), question.published)):
        told[count["unit"]].append(count["count"])
    outcomes = select(func.count()).select_from(Outcome).where(taken_over, question.published)
    return {
        "outcomes": question.rows(outcomes).scalar_one(),
        "reusers": question.rows(reusers).scalar_one(),
        "reported": [
            {"unit": unit, "outcomes": len(counts), "most": max(counts)} for unit, counts in sorted(told.items())
        ][:MOST],
    }
