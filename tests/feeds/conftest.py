from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

Background = Callable[[Callable[[], Any]], Future[Any]]


@pytest.fixture
def background() -> Iterator[Background]:
    """Does something while the test goes on."""
    with ThreadPoolExecutor(16) as pool:
        yield pool.submit
