"""How often the service may be asked: the limits there are, as the contract names them and the settings begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `quota` in a window of so many seconds, which begins with the first."""

    name: str
    """In the `RateLimit` headers."""
    quota: int
    """Unless the installation's settings say otherwise."""
    seconds: int
    counts: str
    """What is counted, and by what."""

    @property
    def setting(self) -> str:
        """The field of the settings that decides it."""
        return f"limit_{self.name.replace('-', '_')}"


ANONYMOUS = Limit("anonymous", 600, 60, "calls without a log-in, per address")
LOGGED_IN = Limit("logged-in", 3_000, 60, "calls with a log-in, and getting one, per caller")
FAILED_TOKENS = Limit("failed-tokens", 60, 60, "calls with a token that is not good, per address")
LOG_INS = Limit("log-ins", 60, 60, "log-ins, per address")
LOG_INS_PER_ACCOUNT = Limit("log-ins-per-account", 10, 600, "log-ins to one account that fail, per address")
WEBHOOK_TRIES = Limit("webhook-tries", 60, 3_600, "tests and redeliveries of webhooks asked for, per caller")
EXPORTS = Limit("exports", 60, 600, "lists taken out whole and not held already, per caller or else per address")

_ALL = (ANONYMOUS, LOGGED_IN, FAILED_TOKENS, LOG_INS, LOG_INS_PER_ACCOUNT, WEBHOOK_TRIES, EXPORTS)
LIMITS = {one.name: one for one in _ALL}


def in_markdown(quotas: Mapping[str, int] = MappingProxyType({})) -> str:
    """The limits as a table, with the quotas of an installation if it is known."""
    rows = [
        f"| `{one.name}` | {_most(quotas.get(one.name, one.quota), one)} | {one.counts} |" for one in LIMITS.values()
    ]
    return "\n".join(("| limit | quota | counts |", "|---|---|---|", *rows))


def _most(quota: int, limit: Limit) -> str:
    return f"{quota} in {limit.seconds} s" if quota else "without limit"
