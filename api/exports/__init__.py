"""Data out: the records of a list as tables and lines, whole, and what their columns mean."""

from api.exports.lines import NDJSON

TABLES = (NDJSON,)
"""What every list offers besides pages of JSON."""
