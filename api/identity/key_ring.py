"""The keys of one issuer at hand: fetched when needed, kept while they are good, asked for no oftener than is decent.

An issuer that is down takes nobody's access away at once, and forged key ids cannot make this service hammer it.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable

from api.identity.issuer_keys import Key, Published, Unreadable

PAUSE = 30.0
"""Seconds between two looks at an issuer, however many unknown keys tokens name in between."""
PATIENCE = 5.0
"""Seconds a request waits for a look to end."""
GIVEN_UP = 60.0
"""Seconds after which a look that has not ended counts for nothing."""
GRACE = 6 * 3600.0
"""Seconds that keys past their time go on working while the issuer cannot be reached: longer than its tokens live."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
"""Seconds before an issuer that failed is asked again; doubled at each failure."""

_logger = logging.getLogger("copi.identity")
_chance = secrets.SystemRandom()


class KeyRing:
    """One issuer's keys, for all threads of a process."""

    def __init__(self, issuer: str, publish: Callable[[], Published], clock: Callable[[], float] = time.monotonic):
        self._issuer, self._publish, self._clock = issuer, publish, clock
        self._lock = threading.Lock()
        self._keys: tuple[Key, ...] = ()
        self._fresh_until = self._good_until = self._rests_until = float("-inf")
        self._look: threading.Event | None = None
        self._look_until = float("-inf")
        self._failures = 0

    def key(self, id: str | None, algorithm: str) -> Key | None:
        """The one key a token can mean, if the issuer has it; may ask the issuer, and wait for its answer."""
        known = self._known(id, algorithm)
        if known and self._clock() < self._fresh_until:
            return known
        look, mine = self._looking()
        if look and (mine or not known):
            look.wait(PATIENCE)
        return self._known(id, algorithm)

    def _known(self, id: str | None, algorithm: str) -> Key | None:
        if self._clock() >= self._good_until:
            return None
        meant = [key for key in self._keys if algorithm in key.algorithms and id in (None, key.id)]
        return meant[0] if len(meant) == 1 else None

    def _looking(self) -> tuple[threading.Event | None, bool]:
        """The look that is under way, begun here if it may be; and whether it was."""
        with self._lock:
            now = self._clock()
            if self._look and now < self._look_until:
                return self._look, False
            if now < self._rests_until:
                return None, False
            self._look, self._look_until = look, _ = threading.Event(), now + GIVEN_UP
        # A thread of its own: an issuer that answers drop by drop holds no request up for longer than its patience.
        threading.Thread(target=self._ask, args=(look,), name=f"keys of {self._issuer}", daemon=True).start()
        return look, True

    def _ask(self, look: threading.Event) -> None:
        found: Published | None = None
        try:
            found = self._publish()
        except Unreadable as wrong:
            _logger.warning("The keys of %s could not be fetched: %s", self._issuer, wrong)
        finally:
            with self._lock:
                if self._look is look:
                    self._look = None
                    self._keep(found) if found else self._wait()
            look.set()

    def _keep(self, found: Published) -> None:
        now = self._clock()
        self._keys, self._failures = found.keys, 0
        self._fresh_until = now + found.seconds
        self._good_until = self._fresh_until + GRACE
        self._rests_until = now + PAUSE

    def _wait(self) -> None:
        """Ask again later, and not at the moment all other processes do."""
        longest = min(FIRST_WAIT * 2**self._failures, LONGEST_WAIT)
        self._failures += 1
        self._rests_until = self._clock() + _chance.uniform(longest / 2, longest)
