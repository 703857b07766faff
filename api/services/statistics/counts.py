"""How many records there are by the values of each filter of their list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Response
from sqlalchemy import Uuid, cast, distinct, func, or_, select

from api import reference
from api.models import RESOURCES, Outcome, Partner, Resource
from api.models.visible import visible_to
from api.services.statistics.question import Question, respond
from schemas import vocabulary as v
from schemas.base import Shape
from schemas.fields import Code
from schemas.query import AnyOf, ListQuery, Query, Years
from schemas.statistics import groups_of, labels_of, statistics_of, statistics_query

MOST = 500
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
    facets, key = _facets(question.model, via)
    found = (
        select(facets.name, facets.value, key.label("id"))
        .join_from(question.model, facets.id.table, facets.id == key)
        .where(facets.name.in_(list(groups)), question.where)
        .subquery()
    )
    counted: dict[str, dict[str, int]] = defaultdict(dict)
    for name, value, count in question.rows(
        select(found.c.name, found.c.value, func.count()).group_by(found.c.name, found.c.value)
    ):
        counted[name][value] = count
    having = dict(
        question.rows(select(found.c.name, func.count(distinct(found.c.id))).group_by(found.c.name)).tuples().all()
    )
    return {
        name: {"values": _told(field, counted[name]), "missing": total - having.get(name, 0)}
        for name, field in groups.items()
    }


def _by_kind(question: Question, facet: str, via: str | None, total: int) -> dict[str, Any]:
    """The records by the kind of the partners that a facet names, as far as those are to be seen."""
    facets, key = _facets(question.model, via)
    # SQLite keeps ids without hyphens; PostgreSQL reads them with and without.
    partner = cast(func.replace(facets.value, "-", ""), Uuid(as_uuid=False))
    found = (
        select(Partner.kind, question.model.id)
        .select_from(question.model)
        .join(facets.id.table, facets.id == key)
        .join(Partner, Partner.id == partner)
        .where(facets.name == facet, question.where, visible_to(Partner, question.reach))
        .distinct()
        .subquery()
    )
    counted = {
        str(kind): count for kind, count in question.rows(select(found.c.kind, func.count()).group_by(found.c.kind))
    }
    having = question.rows(select(func.count(distinct(found.c.id)))).scalar_one()
    labels = {str(kind): kind.label for kind in v.PartnerKind}
    return {"values": list(_listed(labels, counted)), "missing": total - having}


def _facets(model: type[Resource], via: str | None) -> tuple[Any, Any]:
    """A table of facets, and the column of the records that it hangs on."""
    return (RESOURCES[via] if via else model).facets.c, getattr(model, f"{via}_id") if via else model.id


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
    facets = Outcome.facets.c
    named = select(facets.id).where(facets.name == "reused_by")
    number: Any = Outcome.reuse_count
    taken_over = or_(Outcome.id.in_(named), number["count"].as_integer() > 0)
    reusers = (
        select(func.count(distinct(facets.value)))
        .select_from(Outcome)
        .join(facets.id.table, facets.id == Outcome.id)
        .where(facets.name == "reused_by", question.published)
    )
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
