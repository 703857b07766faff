"""The joint demand behind a real case, told step by step: three initiators, then a signed declaration, then more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.db import Database
from api.models import Challenge, Support
from schemas import vocabulary as v

CHALLENGE = "dieselmaskiner-paa-byggepladser"
PROJECT = "sammen-om-emissionsfrie-arbejdsmaskiner"
DECLARATION = "emissionsfri-hensigtserklaering"

Case = Mapping[str, Any]
Row = tuple[str, v.SupportLevel, str | None]


def chapters(project: Case, declaration: Case) -> Iterator[tuple[str, list[Row]]]:
    """Who joined together: the organisation, how firmly, when it signed."""
    signed = declaration["date"]
    initiators = _in_role(project, v.ParticipantRole.NEED_OWNER)
    yield "initiators", [(one, v.SupportLevel.JOINS_MARKET_DIALOGUE, None) for one in initiators]
    signatories = _in_role(project, v.ParticipantRole.SIGNATORY)
    yield "declaration", [(one, v.SupportLevel.LETTER_OF_INTENT, signed) for one in (*initiators, *signatories)]
    later = _in_role(project, v.ParticipantRole.PARTICIPANT)
    yield "later", [(one, v.SupportLevel.JOINS_MARKET_DIALOGUE, None) for one in later]


def tell(database: Database, told: list[tuple[str, list[Row]]], source: Mapping[str, Any], id_of: Any) -> int:
    """Register the chapters, each in a transaction of its own, so that the history shows how the demand grew."""
    new = 0
    for _, rows in told:
        with database.writing() as session:
            challenge = session.get_one(Challenge, id_of("challenge", CHALLENGE))
            for slug, level, signed in rows:
                support = session.get(Support, id_of("support", slug))
                if support is None:
                    new += 1
                    _join(challenge, slug, level, signed, source, id_of)
                elif support.level != level and signed:
                    support.change({"level": level, "signed_at": signed})
                    support.happened("committed")
    return new


def _join(
    challenge: Challenge, slug: str, level: v.SupportLevel, signed: str | None, source: Mapping[str, Any], id_of: Any
) -> None:
    Support.add(
        {
            "id": id_of("support", slug),
            "challenge_id": challenge.id,
            "partner_id": id_of("partner", slug),
            "level": level,
            "signed_at": signed,
            "state": v.SupportState.CONFIRMED,
            "source": {"system": source["system"], "external_id": f"{CHALLENGE}/{slug}", "url": source["url"]},
            "sources": [source["url"]],
        }
    )


def _in_role(project: Case, role: v.ParticipantRole) -> list[str]:
    return [one["organisation_slug"] for one in project["partners"] if one["role"] == role]
