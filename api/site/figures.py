"""The numbers that the pages tell, each taken from where it decides something."""

from __future__ import annotations

from api.config import Settings
from api.identity import invitations, keys, passwords, registry
from openapi import limits


def of(settings: Settings) -> dict[str, str]:
    """The numbers of this installation, by the name they have in the prose."""
    return {
        "token_minutes": f"{settings.token_seconds / 60:g}",
        "session_days": str(settings.session_days),
        "idle_days": str(settings.session_idle_days),
        "log_days": str(settings.security_log_days),
        "shortest": str(passwords.SHORTEST),
        "longest": str(passwords.LONGEST),
        "letter_days": str(invitations.VALID.days),
        "secrets": str(registry.MOST_SECRETS),
        "algorithm": keys.ALGORITHM,
        "key_minutes": f"{keys.PUBLISHED_SECONDS / 60:g}",
        "body_bytes": f"{settings.max_body_bytes:,}",
        "guess_minutes": f"{limits.LOG_INS_PER_ACCOUNT.seconds / 60:g}",
        "limits": limits.in_markdown({one.name: getattr(settings, one.setting) for one in limits.LIMITS.values()}),
    }
