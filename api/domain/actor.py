"""The caller: who it is and which roles it holds today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.vocabulary import PlatformRole, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who calls the API. `duties` are roles on the platform, `roles` those held in partners, by partner id."""

    id: str | None = None
    name: str | None = None
    duties: frozenset[PlatformRole] = frozenset()
    roles: Mapping[str, Role] = field(default_factory=dict)

    @property
    def anonymous(self) -> bool:
        """Nobody is logged in."""
        return self.id is None

    @property
    def at_copi(self) -> bool:
        """Works at CO-PI, and so sees every record."""
        return bool(self.duties & {PlatformRole.COPI_EDITOR, PlatformRole.COPI_ADMIN})


ANONYMOUS = Actor()
SYSTEM = Actor(id=None, name="system", duties=frozenset({PlatformRole.COPI_ADMIN}))
"""The service itself: the seed and periodic tasks."""
