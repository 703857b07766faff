"""How often a caller may ask: every request counts, and so does what is worth guarding by itself, such as a log-in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from flask import g, request

from api.config import Settings
from api.domain import clock
from api.domain.errors import TOO_MANY_REQUESTS, Refusal
from api.kit.actor import actor
from api.kit.asked import operation as asking
from api.kit.counters import Counters
from api.kit.service import service
from openapi.limits import ANONYMOUS, FAILED_TOKENS, LIMITS, LOGGED_IN, Limit
from schemas.wording import Say

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_TOO_MANY = Say(
    "Grænsen {name} er {quota} kald på {seconds} sekunder. Vent {wait} sekunder.",
    "The limit {name} is {quota} calls in {seconds} seconds. Wait {wait} seconds.",
)


class Quota(NamedTuple):
    """A limit with the quota of this installation."""

    limit: Limit
    most: int
    policy: str
    """What `RateLimit-Policy` says of it (draft-ietf-httpapi-ratelimit-headers-10)."""


class Counted(NamedTuple):
    """What became of one count."""

    quota: Quota
    left: int
    wait: int

    @property
    def state(self) -> str:
        """What `RateLimit` says of it."""
        return f'"{self.quota.limit.name}";r={self.left};t={self.wait}'


class Limits:
    """The limits of one installation: those of `openapi.limits`, each with the quota of the settings."""

    def __init__(self, settings: Settings) -> None:
        found = ((limit, getattr(settings, limit.setting)) for limit in LIMITS.values())
        self.quotas = {
            limit.name: Quota(limit, most, f'"{limit.name}";q={most};w={limit.seconds}')
            for limit, most in found
            if most
        }
        self._path = settings.limits_file

    @cached_property
    def counters(self) -> Counters:
        """Opened when first needed: by each server process for itself."""
        return Counters(self._path)

    def demand(self, name: str, key: str) -> None:
        """Count one for `key` under the limit of that name; refuse (429) when it is used up."""
        quota = self.quotas.get(name)
        if quota is None:
            return
        now = clock.now().timestamp()
        many, ends = self.counters.count(f"{name} {key}", quota.most, quota.limit.seconds, now)
        counted = Counted(quota, max(quota.most - many, 0), math.ceil(ends - now))
        state = g._get_current_object()  # a proxy would look it up at every use
        state.counted = (*state.get("counted", ()), counted)
        if many > quota.most:
            raise _refusal(counted)

    def give_back(self, name: str, key: str) -> None:
        """Take back one that was counted for `key`: it was not what the limit is about."""
        quota = self.quotas.get(name)
        if quota is None:
            return
        self.counters.give_back(f"{name} {key}", quota.limit.seconds, clock.now().timestamp())
        state = g._get_current_object()
        state.counted = tuple(
            one._replace(left=one.left + 1) if one.quota is quota else one for one in state.get("counted", ())
        )


def demand(name: str, key: str) -> None:
    """Count one for `key` under the limit of that name; refuse (429) when it is used up."""
    service().limits.demand(name, key)


def give_back(name: str, key: str) -> None:
    """Take back one that was counted for `key`: it was not what the limit is about."""
    service().limits.give_back(name, key)


def _refusal(counted: Counted) -> Refusal:
    limit, most, _ = counted.quota
    wait = str(counted.wait)
    detail = _TOO_MANY.format(name=limit.name, quota=most, seconds=limit.seconds, wait=wait)
    return Refusal(TOO_MANY_REQUESTS, detail, headers={"Retry-After": wait})


def headers(counted: Sequence[Counted]) -> Sequence[tuple[str, str]]:
    """What the answer says of the limits its request counted under."""
    if not counted:
        return ()
    policies = ", ".join([one.quota.policy for one in counted])
    return ("RateLimit-Policy", policies), ("RateLimit", ", ".join([one.state for one in counted]))


def demand_request(limits: Limits, asked: WSGIEnvironment) -> None:
    """Count the request at hand: for its caller when the token is good, else for the address it came from.

    A good token is never refused for others' bad ones: behind one address there may be a whole municipality. Where
    what is sent shows who calls, such as a log-in or a refresh token, that is looked at first.
    """
    if not limits.quotas:
        return
    caller = None
    # A client's own credentials (Basic) are tried by the address they are sent to.
    if asked.get("HTTP_AUTHORIZATION", "")[:6].lower() == "bearer":
        try:
            caller = actor().id
        except Refusal:
            # Not refused yet: what needs no caller, such as logging in anew, is answered whatever the token is worth.
            limits.demand(FAILED_TOKENS.name, network(asked.get("REMOTE_ADDR", "")))
    if caller:
        limits.demand(LOGGED_IN.name, caller)
    elif asked["REQUEST_METHOD"] == "POST" and (operation := asking()) is not None and operation.proves:
        g.unproved = True
    else:
        limits.demand(ANONYMOUS.name, network(asked.get("REMOTE_ADDR", "")))


def proved(caller: str) -> None:
    """Count the request at hand for its caller: what was sent with it shows who that is."""
    if g.pop("unproved", False):
        demand(LOGGED_IN.name, caller)


def settled() -> Refusal | None:
    """Count the request at hand for its address if it was to show who calls and has not; a refusal beyond the limit."""
    if g.pop("unproved", False):
        try:
            demand(ANONYMOUS.name, address())
        except Refusal as refusal:
            return refusal
    return None


def address() -> str:
    """Where the request came from, as it is counted: of IPv6 the network, as a subscriber has a whole one."""
    return network(request.environ.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=4096)
def network(given: str) -> str:
    """What an address counts as."""
    try:
        known = ip_address(given)
    except ValueError:
        return given
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ip_network((known.packed, 64), strict=False))
