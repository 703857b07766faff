"""How wide the circles are that a record is shown to."""

from __future__ import annotations

from schemas.vocabulary import Visibility

_NARROWEST_FIRST = (Visibility.PRIVATE, Visibility.NETWORK, Visibility.PUBLIC)


def is_wider(one: Visibility, other: Visibility) -> bool:
    """Whether more people see the one than the other."""
    return _NARROWEST_FIRST.index(one) > _NARROWEST_FIRST.index(other)
