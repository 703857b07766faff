"""Where documents' bytes are: a folder, or storage that speaks S3, each content once under its SHA-256.

What is kept is never changed, so a name says all there is to know about its bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Store

    from api.config import Settings

_CHUNK = 256 * 1024
# S3 takes parts of at least 5 MiB; so many are in memory at a time.
_PARTS = 2


class Unreachable(Exception):
    """The storage does not answer, or refuses us."""


class Missing(Exception):
    """The storage does not hold what a document refers to."""


class Storage:
    """The contents of one installation; opened when first needed, so that no two processes share a connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        where = settings.documents
        self._folder = None if where.startswith("s3://") else Path(where).absolute()

    def keep(self, sha256: str, content: IO[bytes]) -> None:
        """Keep a content for good; once this returns, a power cut does not take it away."""
        import obstore

        key = _key(sha256)
        if not self.holds(sha256):
            content.seek(0)
            try:
                with _answering():
                    obstore.put(self._store, key, content, max_concurrency=_PARTS)
            except Missing as error:  # not the content, which is new, but the bucket itself
                raise Unreachable from error
            if self._folder:
                _settle(self._folder, self._folder / key)

    def holds(self, sha256: str) -> bool:
        """Whether the content is there."""
        import obstore

        try:
            with _answering():
                obstore.head(self._store, _key(sha256))
        except Missing:
            return False
        return True

    def read(self, sha256: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in chunks; `Missing` at once when there are none."""
        import obstore

        if start == stop:
            return iter(())
        with _answering():
            found = obstore.get(self._store, _key(sha256), options={"range": (start, stop)})
        return (bytes(chunk) for chunk in found.stream(min_chunk_size=_CHUNK))

    def erase(self, sha256: str) -> None:
        """Erase a content; it need not be there."""
        import obstore

        try:
            with _answering():
                obstore.delete(self._store, _key(sha256))
        except Missing:
            pass

    def contents(self) -> Iterator[str]:
        """The SHA-256 of everything that is kept."""
        import obstore

        with _answering():
            for batch in obstore.list(self._store):
                yield from (str(entry["path"]).rpartition("/")[2] for entry in batch)

    @cached_property
    def _store(self) -> LocalStore | S3Store:
        from obstore.store import LocalStore

        return LocalStore(self._folder, mkdir=True) if self._folder else _s3(self._settings)


def _s3(settings: Settings) -> S3Store:
    from obstore.store import S3Store

    where = urlsplit(settings.documents)
    given = {
        "endpoint": settings.s3_endpoint,
        "region": settings.s3_region,
        "access_key_id": settings.s3_key_id,
        "secret_access_key": settings.s3_secret,
    }
    options: Any = {name: value for name, value in given.items() if value}
    # A store that is gone must not hold a request for the library's own three minutes.
    return S3Store(
        where.netloc,
        prefix=where.path.strip("/") or None,
        client_options={"allow_http": settings.s3_endpoint.startswith("http://"), "timeout": "30s"},
        retry_config={"max_retries": 2},
        **options,
    )


def _key(sha256: str) -> str:
    """Two levels of folders, so that none of them grows long."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _settle(folder: Path, file: Path) -> None:
    """Write through to the disk: the file, then the names of the folders it is in."""
    for path in (file, *(parent for parent in file.parents if parent == folder or folder in parent.parents)):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _answering() -> Iterator[None]:
    """The library's errors as ours."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        raise Missing from error
    except (BaseError, OSError) as error:
        raise Unreachable from error
