"""Mail: one message at a time over the SMTP server of the settings, encrypted wherever the server can be."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from api.config import Settings

_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}


class NotSent(Exception):
    """The server did not take the message; it can be tried again."""


def send(message: EmailMessage, settings: Settings) -> None:
    """Hand a message to the server, or raise `NotSent`."""
    message["From"] = settings.mail_from
    try:
        with _connected(settings.smtp_url) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as wrong:
        raise NotSent(type(wrong).__name__) from wrong


def _connected(url: str) -> smtplib.SMTP:
    where = urlsplit(url)
    host, port = str(where.hostname), where.port or _PORTS[where.scheme]
    if where.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=_SECONDS)
        server.ehlo()
        # A log-in never goes out in clear: with one, a server that cannot encrypt is refused.
        if server.has_extn("starttls") or where.username:
            server.starttls(context=ssl.create_default_context())
    if where.username:
        server.login(unquote(where.username), unquote(where.password or ""))
    return server
