"""Who publishes the open data, and what everyone may do with it."""

from __future__ import annotations

from openapi.spec import CONTACT
from schemas.wording import Say

PUBLISHER = Say(CONTACT["name"], "National Centre for Public-Private Innovation (CO-PI)")
HOMEPAGE = CONTACT["url"]
EMAIL = CONTACT["email"]
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Creative Commons Attribution 4.0: what Regulation (EU) 2023/138 asks of high-value datasets, or more open."""
POLICY = "/docs/open-data"
"""The page that says what is published, how it is put into others' formats, and what it may be used for."""
