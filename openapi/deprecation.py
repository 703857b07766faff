"""How the end of an operation is announced, in the contract and in every answer of it (see versions.md)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Deprecated:
    """Since when an operation is deprecated, when it ends, and the address of what replaces it."""

    since: dt.datetime
    sunset: dt.datetime
    instead: str

    @property
    def words(self) -> str:
        """For the description."""
        return f"Deprecated since {self.since:%Y-%m-%d}; ends on {self.sunset:%Y-%m-%d}. Use `{self.instead}` instead."

    @property
    def headers(self) -> list[tuple[str, str]]:
        """RFC 9745, RFC 8594, and the links that both speak of."""
        links = f'</docs/versions>; rel="deprecation"; type="text/html", <{self.instead}>; rel="successor-version"'
        return [
            ("Deprecation", f"@{int(self.since.timestamp())}"),
            ("Sunset", format_datetime(self.sunset.astimezone(dt.UTC), usegmt=True)),
            ("Link", links),
        ]
