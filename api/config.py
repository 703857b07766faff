"""Settings: one frozen object, read once from `COPI_*` environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from openapi import limits

DATA = Path(__file__).resolve().parent.parent / ".data"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another. Each field is `COPI_<NAME>` in capitals."""

    database_url: str = f"sqlite:///{DATA / 'copi.db'}"
    """Where the records are: a SQLite file, or `postgresql+psycopg://user:password@host/database`."""
    environment: str = "development"
    """`development` or `production`; production keeps no demo log-ins and needs `COPI_SECRET`."""
    secret: str = ""
    """Seals the keys that sign access tokens: at least 32 characters. In development one is made and kept beside the
    database. Should it change, the service makes new keys; tokens signed before stay good until they expire."""
    secret_file: str = str(DATA / "secret")
    """Where the secret made in development is kept."""
    token_seconds: int = 900
    """How long an access token is valid."""
    session_days: int = 30
    """How long a person stays logged in at most."""
    session_idle_days: int = 7
    """How long a person stays logged in without using it."""
    security_log_days: int = 365
    """How long the security log is kept."""
    issuers: str = ""
    """A TOML file of other issuers whose access tokens are taken (README.md, "Log-in elsewhere"); none when empty."""
    public_url: str = ""
    """The address the service is reached at from outside, without a slash at the end, which also names it as the
    issuer of its tokens; production needs it, and so do digests that are sent without a server beside. The request's
    own when empty."""
    cors_origins: str = ""
    """Browser frontends that may call the API whatever token they send: exact origins, comma-separated. Others are
    registered as clients (`POST /v1/clients`), or named by the issuer they log people in at (`frontend`)."""
    max_body_bytes: int = 1_048_576
    """Largest request body that is read; documents have a limit of their own."""
    max_document_bytes: int = 26_214_400
    """Largest document that is taken in."""
    max_import_bytes: int = 104_857_600
    """Largest file of records that is taken in (`POST /v1/imports`)."""
    import_days: int = 30
    """How long an import that has ended is kept, with its file and what was wrong in it."""
    documents: str = str(DATA / "documents")
    """Where documents' bytes are: a folder, or `s3://bucket/prefix`."""
    s3_endpoint: str = ""
    """Address of an S3-compatible storage; Amazon's own when empty."""
    s3_region: str = ""
    """Its region. This and the keys are looked for where Amazon's tools keep them when empty."""
    s3_key_id: str = field(default="", repr=False)
    """Id of the key that may read and write there."""
    s3_secret: str = field(default="", repr=False)
    """The key itself."""
    trusted_proxies: int = 0
    """How many proxies stand in front. Only they are believed about who called and how (`X-Forwarded-*`)."""
    limit_anonymous: int = limits.ANONYMOUS.quota
    """Most calls a minute without a log-in from one address; 0 is without limit, here and below."""
    limit_logged_in: int = limits.LOGGED_IN.quota
    """Most calls a minute of one caller with a log-in."""
    limit_failed_tokens: int = limits.FAILED_TOKENS.quota
    """Most calls a minute from one address with tokens that are not good."""
    limit_log_ins: int = limits.LOG_INS.quota
    """Most log-ins a minute from one address, whether they succeed or not."""
    limit_log_ins_per_account: int = limits.LOG_INS_PER_ACCOUNT.quota
    """Most log-ins in ten minutes to one account from one address that fail."""
    limit_webhook_tries: int = limits.WEBHOOK_TRIES.quota
    """Most tests and redeliveries of webhooks an hour that one caller asks for."""
    limit_exports: int = limits.EXPORTS.quota
    """Most lists taken out whole in ten minutes by one caller, or from one address without a log-in."""
    limits_file: str = str(DATA / "limits")
    """Where the server processes of this machine count together; not to be removed while they run."""
    webhook_allow: str = ""
    """Receivers of webhooks that may be anywhere, this machine and plain HTTP included: exactly `host:port`,
    comma-separated; for trying things out. Everybody else must be on the public Internet."""
    webhook_threads: int = 8
    """Webhooks a dispatcher sends to at the same time."""
    webhook_log_days: int = 30
    """How long the log of deliveries is kept."""
    smtp_url: str = field(default="", repr=False)
    """The server that mail goes out by, say `smtp://name:password@host:587`; `smtps://` for TLS from the start. No mail
    is sent when empty."""
    mail_from: str = "noreply@localhost"
    """The address mail comes from."""
    log: str = "auto"
    """`json`, `text`, `none`, or `auto`: text in a terminal, JSON elsewhere."""
    ocid_prefix: str = "ocds-copi01"
    """Beginning of the open contracting ids (OCDS). The Open Contracting Partnership registers one for each publisher;
    the default is nobody's, for development."""
    workers: int = 2
    """Server processes; about one a core."""
    threads: int = 2
    """Threads a server process runs requests on."""
    waiting: int = 2
    """Further threads, for as many requests that wait for news (`wait=`); each makes the others a little slower."""

    @property
    def production(self) -> bool:
        """Whether this installation serves real users."""
        return self.environment == "production"

    @property
    def origins(self) -> frozenset[str]:
        """The exact origins of `cors_origins`."""
        return frozenset(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())


class SettingsError(ValueError):
    """A `COPI_*` variable has a value that cannot be used; the message names it."""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings as the environment has them; an unknown `COPI_*` variable is an error, because it is a typo."""
    kinds = get_type_hints(Settings)
    known = {f"COPI_{one.name.upper()}": one.name for one in fields(Settings)}
    given = {name: value for name, value in environment.items() if name.startswith("COPI_")}
    if unknown := sorted(set(given) - set(known)):
        raise SettingsError(f"Unknown setting {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    settings = Settings(**{known[name]: _value(name, value, kinds[known[name]]) for name, value in given.items()})
    _check(settings)
    return settings


def _value(name: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError as wrong:
        raise SettingsError(f"{name} must be a whole number, not {text!r}.") from wrong


def _check(settings: Settings) -> None:
    for name in ("trusted_proxies", *(limit.setting for limit in limits.LIMITS.values())):
        if getattr(settings, name) < 0:
            raise SettingsError(f"COPI_{name.upper()} must not be negative.")
    if settings.environment not in ("development", "production"):
        raise SettingsError("COPI_ENVIRONMENT must be development or production.")
    if settings.production and not settings.secret:
        raise SettingsError("COPI_SECRET must be set in production: at least 32 random characters.")
    if settings.production and not settings.public_url.startswith("https://"):
        raise SettingsError("COPI_PUBLIC_URL must be set in production: the https:// address users call.")
    if settings.smtp_url and not settings.smtp_url.startswith(("smtp://", "smtps://")):
        raise SettingsError("COPI_SMTP_URL must begin with smtp:// or smtps://.")
    if settings.secret and len(settings.secret) < 32:
        raise SettingsError("COPI_SECRET must be at least 32 characters.")
