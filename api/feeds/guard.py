"""Whom webhooks may be sent to: the public Internet and nobody near us, judged by the very address that is dialled.

A name is resolved anew for every connection and each of its addresses judged; the connection then goes to one of those,
so that a name which answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from api.config import Settings
from schemas.vocabulary import DeliveryError
from schemas.wording import Say

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

LONGEST = 3.0
"""Seconds to wait for the DNS."""
USUAL = {"https": 443, "http": 80}
FIRST_FREE = 1024
"""Ports below belong to other services than the web's, which a request must not be sent to."""

# What the IANA registries of special-purpose addresses (RFC 6890) do not call global unicast, and what looks global
# but leads elsewhere: relays and translators behind which any address may be, and Azure's own services.
_NOT_PUBLIC = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a provider's address translation (RFC 6598)
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure answers its own machines there
        "169.254.0.0/16",  # link-local, and where clouds tell machines their secrets
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_GLOBAL_IPV6 = ip_network("2000::/3")
"""All of IPv6 that is given out; loopback, mapped and translated, local and multicast addresses lie outside."""


class Refused(Exception):
    """Nothing is sent there; says why, to people and in the log of deliveries."""

    def __init__(self, words: Say, error: DeliveryError = DeliveryError.REFUSED_ADDRESS) -> None:
        super().__init__(words.en)
        self.words, self.error = words, error


_HTTPS_ONLY = Say("Skal begynde med https://.", "Must begin with https://.")
_PORT = Say("Porten skal være 443 eller mindst 1024.", "The port must be 443, or 1024 and above.")
_FORM = Say("Er ingen adresse, der kan sendes til.", "Is no address that can be sent to.")
_SPELLING = Say(
    "Skriv værten på den almindelige måde: et navn uden punktum til sidst, eller en IP-adresse som 192.0.2.1.",
    "Write the host the usual way: a name without a final dot, or an IP address such as 192.0.2.1.",
)
_UNKNOWN = Say("Værten findes ikke i DNS lige nu.", "The host is not in the DNS right now.")
_NEAR = Say(
    "Værten er ikke på det åbne internet, eller ikke med alle sine adresser.",
    "The host is not on the public Internet, or not with all its addresses.",
)


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """Host and port as the allow-list has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """The Host header."""
        return self.place.removesuffix(f":{USUAL[self.scheme]}")


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


lookup: Resolve = _addresses
"""The DNS; replaced as a whole for the examples, which must not depend on it."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides what may be dialled; `allowed` may be anywhere, on any port and, in development, without TLS."""

    allowed: frozenset[str] = frozenset()
    production: bool = True
    resolve: Resolve = _addresses

    @classmethod
    def of(cls, settings: Settings) -> Guard:
        """As the settings have it."""
        allowed = (one.strip().lower() for one in settings.webhook_allow.split(","))
        return cls(frozenset(one for one in allowed if one), settings.production, lookup)

    def demand(self, url: str) -> None:
        """Refuse what nothing could be sent to today."""
        self.addresses(self.target(url))

    def target(self, url: str) -> Target:
        """The address taken apart, refused unless it has one meaning and a form that is sent to."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as wrong:
            raise Refused(_FORM) from wrong
        if parts.scheme not in USUAL or not parts.hostname or _ambiguous(url, parts.netloc):
            raise Refused(_FORM)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = Target(parts.scheme, parts.hostname, USUAL[parts.scheme] if port is None else port, path)
        self._demand_usual(target)
        return target

    def _demand_usual(self, target: Target) -> None:
        if target.scheme != "https" and self.production:
            raise Refused(_HTTPS_ONLY)
        if target.place in self.allowed:
            return
        if target.port != USUAL[target.scheme] and target.port < FIRST_FREE:
            raise Refused(_PORT)
        if target.host.endswith(".") or (_numeric(target.host) and _address(target.host) is None):
            raise Refused(_SPELLING)

    def addresses(self, target: Target) -> list[str]:
        """What the name means right now, refused unless each of its addresses is public."""
        if (literal := _address(target.host)) is not None:
            found = [str(literal)]
        else:
            found = _in_time(self.resolve, target.host, target.port)
        if not found:
            raise Refused(_UNKNOWN, DeliveryError.NO_ADDRESS)
        if target.place not in self.allowed and not all(public(_address(one)) for one in found):
            raise Refused(_NEAR)
        return found


def _ambiguous(url: str, authority: str) -> bool:
    """Whether two readers could see two hosts in it: a log-in, a fragment, an escape, a backslash, a blank."""
    return (
        any(one in authority for one in "@%\\")
        or "#" in url
        or not url.isascii()
        or not url.isprintable()
        or " " in url
    )


def _numeric(host: str) -> bool:
    """Whether readers take the name for a number: 2130706433, 0x7f.1, 127.1 (WHATWG URL, "ends in a number")."""
    last = host.rpartition(".")[2]
    return (
        ":" in host or last.isdigit() or (last.startswith("0x") and all(one in "0123456789abcdef" for one in last[2:]))
    )


def _address(text: str) -> Address | None:
    """An IP address in its one usual spelling; None for anything else."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def public(address: Address | None) -> bool:
    """Whether it is a global unicast address."""
    if address is None or (address.version == 6 and (address not in _GLOBAL_IPV6 or address.scope_id)):
        return False
    return not any(address in network for network in _NOT_PUBLIC if network.version == address.version)


def _in_time(resolve: Resolve, host: str, port: int) -> list[str]:
    """What the DNS answers, nothing when it takes too long: its own patience has no limit that could be set."""
    found: list[Any] = []

    def ask() -> None:
        try:
            found.extend(resolve(host, port))
        except (OSError, UnicodeError):
            found.clear()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LONGEST)
    return list(found)
