"""The caller: who it is and which roles it holds today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.vocabulary import PlatformRole, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who calls the API. `duties` are roles on the platform, `roles` those held in partners, by partner id.

    A service account does no more than its `scopes` name (permissions, and `<noun>:read`); a person, without any, does
    all that the roles allow. Who calls from a `sandbox`, named by its test client, sees and writes nothing but what
    is in it, and is everybody there: it needs neither duties nor roles, and has none that would count outside.
    """

    id: str | None = None
    name: str | None = None
    duties: frozenset[PlatformRole] = frozenset()
    roles: Mapping[str, Role] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    sandbox: str | None = None

    @property
    def anonymous(self) -> bool:
        """Nobody is logged in."""
        return self.id is None

    @property
    def at_copi(self) -> bool:
        """Works at CO-PI, and so sees every record."""
        return bool(self.duties & {PlatformRole.COPI_EDITOR, PlatformRole.COPI_ADMIN})

    @property
    def in_person(self) -> bool:
        """Neither a service nor anybody in a sandbox."""
        return self.scopes is None and self.sandbox is None

    @property
    def standing(self) -> tuple[Any, ...]:
        """Whatever of the caller an answer can hang on."""
        scopes = None if self.scopes is None else sorted(self.scopes)
        return (self.id, sorted(self.roles.items()), sorted(self.duties), scopes, self.sandbox)

    def has_scope(self, scope: str) -> bool:
        """Whether its scopes leave it room for this."""
        return self.scopes is None or scope in self.scopes


ANONYMOUS = Actor()
SYSTEM = Actor(id=None, name="system", duties=frozenset({PlatformRole.COPI_ADMIN}))
"""The service itself: the seed and periodic tasks."""
