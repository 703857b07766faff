"""How often a caller may ask: every request counts, and so does what is worth guarding by itself, such as a log-in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from flask import g, request

from api.config import Settings
from api.domain import clock
from api.domain.errors import TOO_MANY_REQUESTS, Refusal
from api.kit import service as services
from api.kit.actor import actor
from api.kit.counters import Counters
from openapi.limits import ANONYMOUS, FAILED_TOKENS, LIMITS, LOGGED_IN, Limit
from schemas.wording import Say

_TOO_MANY = Say(
    "Grænsen {name} er {quota} kald på {seconds} sekunder. Vent {wait} sekunder.",
    "The limit {name} is {quota} calls in {seconds} seconds. Wait {wait} seconds.",
)


class Limits:
    """The limits of one installation: those of `openapi.limits`, each with the quota of the settings."""

    def __init__(self, settings: Settings) -> None:
        quotas = {name: getattr(settings, limit.setting) for name, limit in LIMITS.items()}
        self.quotas = {name: quota for name, quota in quotas.items() if quota}
        self._path = settings.limits_file

    @cached_property
    def counters(self) -> Counters:
        """Opened when first needed: by each server process for itself."""
        return Counters(self._path)


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of one count, as the headers of draft-ietf-httpapi-ratelimit-headers-10 tell it."""

    limit: Limit
    quota: int
    left: int
    wait: int

    @property
    def policy(self) -> str:
        """The item of `RateLimit-Policy`."""
        return f'"{self.limit.name}";q={self.quota};w={self.limit.seconds}'

    @property
    def state(self) -> str:
        """The item of `RateLimit`."""
        return f'"{self.limit.name}";r={self.left};t={self.wait}'


def demand(name: str, key: str) -> None:
    """Count one for `key` under the limit of that name; refuse (429) when it is used up."""
    limits, limit = services.service().limits, LIMITS[name]
    quota = limits.quotas.get(name)
    if quota is None:
        return
    now = clock.now().timestamp()
    many, ends = limits.counters.count(f"{name} {key}", quota, limit.seconds, now)
    counted = Counted(limit, quota, max(quota - many, 0), math.ceil(ends - now))
    g.counted = (*g.get("counted", ()), counted)
    if many > quota:
        raise _refusal(counted)


def _refusal(counted: Counted) -> Refusal:
    limit, wait = counted.limit, str(counted.wait)
    detail = _TOO_MANY.format(name=limit.name, quota=str(counted.quota), seconds=str(limit.seconds), wait=wait)
    return Refusal(TOO_MANY_REQUESTS, detail, headers={"Retry-After": wait})


def headers() -> list[tuple[str, str]]:
    """What the answer says of the limits its request counted under."""
    counted = g.get("counted", ())
    if not counted:
        return []
    return [
        ("RateLimit-Policy", ", ".join(one.policy for one in counted)),
        ("RateLimit", ", ".join(one.state for one in counted)),
    ]


def demand_request() -> None:
    """Count the request at hand: for its caller when the token is good, else for the address it came from.

    A good token is never refused for others' bad ones: behind one address there may be a whole municipality.
    """
    if services.service().limits.quotas:
        _demand_by_caller()


def _demand_by_caller() -> None:
    caller = None
    if "HTTP_AUTHORIZATION" in request.environ:
        try:
            caller = actor().id
        except Refusal:
            # Not refused yet: what needs no caller, such as logging in anew, is answered whatever the token is worth.
            demand(FAILED_TOKENS.name, address())
    if caller:
        demand(LOGGED_IN.name, caller)
    else:
        demand(ANONYMOUS.name, address())


def address() -> str:
    """Where the request came from, as it is counted: of IPv6 the network, as a subscriber has a whole one."""
    return _network(request.environ.get("REMOTE_ADDR") or "")


@lru_cache(maxsize=4096)
def _network(given: str) -> str:
    try:
        known = ip_address(given)
    except ValueError:
        return given
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ip_network((known.packed, 64), strict=False))
