"""Data out: the records of a list as tables and lines, whole, and what their columns mean."""

from api.exports.lines import NDJSON
from api.exports.rows import CSV
from api.exports.workbook import XLSX

TABLES = (CSV, XLSX, NDJSON)
"""What every list offers besides pages of JSON."""
