"""Challenges and projects as contracting processes: release packages of the Open Contracting Data Standard 1.1.

The standard is at https://standard.open-contracting.org/1.1/en/; how each field is filled says `openapi/open-data.md`.
"""

from api.exports.ocds.packages import respond

__all__ = ["respond"]
