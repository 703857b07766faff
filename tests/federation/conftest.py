"""What these tests share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Collect what is logged of tokens; an application of other tests may have taken the log away from pytest."""
    logger = logging.getLogger("copi.identity")
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.INFO, "copi.identity"):
        yield
    logger.removeHandler(caplog.handler)
