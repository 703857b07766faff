"""Logs: one JSON object a line for machines, one readable line for people."""

from __future__ import annotations

import datetime as dt
import logging
import sys

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(entry, default=str).decode()


class TextFormatter(logging.Formatter):
    """One line: time, what was asked, what was answered, how long it took."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        took = f"  {vars(record)['milliseconds']} ms" if "milliseconds" in vars(record) else ""
        # A line break in an address must not pass for a line of the log.
        said = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in record.getMessage())
        line = f"{at}  {said}{took}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(style: str) -> None:
    """Send the service's log to standard error, in the style of the settings."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(TextFormatter() if text else JsonFormatter())
    logger = logging.getLogger("copi")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.CRITICAL if style == "none" else logging.INFO)
