"""Logs: one JSON object a line for machines, one readable line for people."""

from __future__ import annotations

import datetime as dt
import logging
import sys
from collections.abc import Mapping
from typing import Any

import orjson

_logger = logging.getLogger("copi")
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
    """One line: time and what happened."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        line = f"{at}  {_on_one_line(record.getMessage())}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _on_one_line(said: str) -> str:
    """The message, in which a line break out of an address does not pass for a line of the log."""
    return said if said.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in said)


def configure(style: str) -> None:
    """Send the service's log to standard error, in the style of the settings."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(TextFormatter() if text else JsonFormatter())
    _logger.handlers, _logger.propagate = [handler], False
    _logger.setLevel(logging.CRITICAL if style == "none" else logging.INFO)


def answered(facts: Mapping[str, Any]) -> None:
    """One line for a request: written at once, because a log record would cost as much as reading the database."""
    if not _logger.isEnabledFor(logging.INFO):
        return
    now, said = dt.datetime.now(dt.UTC), f"{facts['method']} {facts['path']} {facts['status']}"
    if isinstance(_logger.handlers[0].formatter, JsonFormatter):
        entry = {"at": now, "level": "info", "logger": "copi.access", "message": said, **facts}
        line = orjson.dumps(entry, default=str).decode()
    else:
        line = f"{now.astimezone():%H:%M:%S}  {_on_one_line(said)}  {facts['milliseconds']} ms"
    sys.stderr.write(f"{line}\n")
