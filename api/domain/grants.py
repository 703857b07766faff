"""What a role in a partner or a duty on the platform allows: asked of the policy table, so that it cannot disagree."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from api.domain.actor import Actor
from api.domain.lifecycle import LIFECYCLES
from api.domain.policy import POLICY, may
from api.domain.steps import Lifecycle


@dataclass(frozen=True, slots=True)
class _Record:
    """Any record in which only these partners have a part."""

    partners: Collection[str]
    trusted: bool = False
    lifecycle: Lifecycle | None = None
    parent: _Record | None = None

    def party(self, name: str) -> Collection[str]:
        return () if name == "trusted" and not self.trusted else self.partners


def _each(partners: Collection[str], trusted: bool) -> Iterator[_Record]:
    """One that belongs to each kind of record there is."""
    for lifecycle in LIFECYCLES.values():
        yield _Record(partners, trusted, lifecycle, _Record(partners, trusted, lifecycle))


def of_role(actor: Actor, partner: str, *, trusted: bool) -> list[str]:
    """The permissions the caller has on what is that partner's, by the role held there alone."""
    alone = replace(actor, duties=frozenset(), roles={partner: actor.roles[partner]})
    return _allowed(alone, [partner], trusted=trusted)


def of_duties(actor: Actor) -> list[str]:
    """The permissions the caller has whosever the record is."""
    return _allowed(replace(actor, roles={}), [], trusted=False)


def _allowed(actor: Actor, partners: Collection[str], *, trusted: bool) -> list[str]:
    records = list(_each(partners, trusted))
    return sorted(permission for permission in POLICY if any(may(actor, permission, one) for one in records))
