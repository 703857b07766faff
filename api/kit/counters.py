"""Counters that every process of a machine shares, exactly: a table of fixed size in a file that all map into memory.

Why our own: `limits` and `throttled-py` share between processes only through a further server (Redis and the like),
`pyrate-limiter` through SQLite, PostgreSQL or a managing process; each costs more than a whole read does here. This
takes a few microseconds, most of them for the lock.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import struct
import threading
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

_RECORD = struct.Struct("<16sdI4x")
"""Whose it is, when its window ends, how many were in it."""
_HEAD = struct.Struct("<16s16s")
"""What kind of file it is, and what its keys are digested with, so that nobody can choose keys that share a place."""
_KIND = b"copi-counters-1\0"
_NEIGHBOURS = 8
_PLACES = 8_192
_SPAN = _NEIGHBOURS * _RECORD.size
_SIZE = _HEAD.size + _PLACES * _SPAN
LONGEST = 86_400.0
"""No window is longer; a record that ends later than that is damaged, or the clock was set back."""


class Counters:
    """The table. A record is reused when its window is over; where none is, the one that ends first gives way."""

    def __init__(self, path: str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._lock = _Lock(self._file)
        with self._lock:
            head = os.pread(self._file, _HEAD.size, 0)
            if head[: len(_KIND)] != _KIND or os.fstat(self._file).st_size < _SIZE:
                head = self._make_anew()
        self._map = mmap.mmap(self._file, _SIZE)
        salt = _HEAD.unpack(head)[1]
        self._place = lru_cache(maxsize=8_192)(lambda key: _placed(key, salt))

    def _make_anew(self) -> bytes:
        # Written over, never cut short: whoever has it mapped would die of touching what is no longer there. Written in
        # full, so that a full disk is noticed now.
        head = _HEAD.pack(_KIND, os.urandom(16))
        os.pwrite(self._file, head + bytes(_SIZE - len(head)), 0)
        return head

    def count(self, key: str, most: int, seconds: float, now: float) -> tuple[int, float]:
        """One more for a key: how many in its window by now, and when the window ends.

        What is beyond `most` is told as one more than that and not kept, so that what is given back makes room.
        """
        mark, start = self._place(key)
        with self._lock:
            near = self._map[start : start + _SPAN]
            found = near.find(mark)
            if found >= 0:
                _, ends, many = _RECORD.unpack_from(near, found)
                if now < ends <= now + seconds:
                    _RECORD.pack_into(self._map, start + found, mark, ends, min(many + 1, most))
                    return min(many, most) + 1, ends
            else:
                found = min(range(0, _SPAN, _RECORD.size), key=lambda at: _worth(near, at, now))
            _RECORD.pack_into(self._map, start + found, mark, now + seconds, 1)
            return 1, now + seconds

    def give_back(self, key: str, seconds: float, now: float) -> None:
        """One less for a key, if its window still goes on: what was counted was not what is to be limited."""
        mark, start = self._place(key)
        with self._lock:
            found = self._map[start : start + _SPAN].find(mark)
            if found >= 0:
                _, ends, many = _RECORD.unpack_from(self._map, start + found)
                if now < ends <= now + seconds and many > 0:
                    _RECORD.pack_into(self._map, start + found, mark, ends, many - 1)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        os.close(self._file)


def _placed(key: str, salt: bytes) -> tuple[bytes, int]:
    """What stands for a key, and where its neighbourhood begins."""
    mark = blake2b(key.encode(), digest_size=16, key=salt).digest()
    return mark, _HEAD.size + int.from_bytes(mark[:4], "little") % _PLACES * _SPAN


def _worth(near: bytes, at: int, now: float) -> float:
    """When a record may go: at once when it is over or makes no sense, otherwise the sooner it ends."""
    ends: float = _RECORD.unpack_from(near, at)[1]
    return ends if now < ends <= now + LONGEST else 0.0


class _Lock:
    """Excludes the threads of this process, then the other processes; the system frees it when a process dies."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._threads = threading.Lock()

    def __enter__(self) -> None:
        self._threads.acquire()
        if _flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB):
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: Any) -> None:
        _flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


# `fcntl.flock` lets go of the interpreter around the call, and gets it back when another thread pauses, perhaps a whole
# request later: with the file locked all the while. This keeps it; who finds the file locked waits in the usual way.
_flock = ctypes.PyDLL(None).flock
