"""Data out: tables and lines of whole lists and what their columns mean; feeds, calendars, linked and open data."""

from api.exports.atom import ATOM
from api.exports.calendar import ICAL
from api.exports.lines import NDJSON
from api.exports.rows import CSV
from api.exports.schema_org import SCHEMA_ORG
from api.exports.workbook import XLSX

TABLES = (CSV, XLSX, NDJSON)
"""What every list offers besides pages of JSON."""
FEEDS = (*TABLES, ATOM)
"""What a list offers that people follow."""
CALENDARS = (*FEEDS, ICAL)
"""What a list offers whose records have dates to keep."""
RECORDS = (SCHEMA_ORG,)
"""What a record is offered in besides JSON."""
