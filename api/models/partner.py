"""Partners: every organisation that takes part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.util import identity_key

from api import reference
from api.db import session
from api.domain import lifecycle
from api.models import merging, reuse, tree
from api.models.base import Audience, Id, Resource, SortKey, danish_key
from schemas import vocabulary as v
from schemas.partners import PartnerSchema


class Partner(Resource):
    """An organisation. It answers for its own record."""

    __tablename__ = "partner"
    schema = PartnerSchema()
    lifecycle = lifecycle.PARTNER
    TEXTS = ("name", "note", "keywords", "capabilities", "technologies")
    SORTS: ClassVar = {**Resource.SORTS, "name": "name_key"}
    FACETS: ClassVar = {
        "owner": lambda p: [p.id],
        "kind": lambda p: [p.kind],
        "theme": lambda p: p.themes,
        "keyword": lambda p: p.keywords,
        "municipality": lambda p: [p.municipality_code],
        "region": lambda p: [p.region_code, *reference.region_codes_of(p.municipality_code or "")],
        "country": lambda p: [p.country],
        "identifier": lambda p: [f"{one['scheme']}:{one['value']}" for one in p.identifiers],
        "parent": lambda p: [p.parent_id],
        "cpv": lambda p: p.cpv,
        "size": lambda p: [p.size],
        "export_market": lambda p: p.export_markets,
        "trusted": lambda p: [str(p.trusted).lower()],
    }

    state: Mapped[v.PartnerState]
    name: Mapped[dict[str, Any]]
    name_key: Mapped[SortKey]
    kind: Mapped[v.PartnerKind]
    note: Mapped[dict[str, Any] | None]
    parent_id: Mapped[Id | None] = mapped_column(ForeignKey("partner.id"), index=True)
    identifiers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    country: Mapped[str | None]
    municipality_code: Mapped[str | None]
    region_code: Mapped[str | None]
    valid_from: Mapped[str | None]
    valid_to: Mapped[str | None]
    successor_id: Mapped[Id | None] = mapped_column(ForeignKey("partner.id"), index=True)
    size: Mapped[v.PartnerSize | None]
    themes: Mapped[list[str]] = mapped_column(default=list)
    keywords: Mapped[list[str]] = mapped_column(default=list)
    capabilities: Mapped[list[str]] = mapped_column(default=list)
    technologies: Mapped[list[str]] = mapped_column(default=list)
    cpv: Mapped[list[str]] = mapped_column(default=list)
    nace: Mapped[list[str]] = mapped_column(default=list)
    trl_min: Mapped[int | None]
    trl_max: Mapped[int | None]
    export_markets: Mapped[list[str]] = mapped_column(default=list)
    website: Mapped[str | None]
    trusted: Mapped[bool] = mapped_column(default=False)
    reuse: Mapped[dict[str, Any]] = mapped_column(default=lambda: dict(reuse.OF_PARTNER))
    merged_into: Mapped[Id | None] = mapped_column(ForeignKey("partner.id"), index=True)
    contact_points: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Never part of the document: what is erased here must not live on in the history."""

    @classmethod
    def these(cls, ids: Collection[str]) -> list[Partner]:
        """The partners of these ids; the database is asked only for those that are not at hand already."""
        opened = session()
        at_hand = {id: opened.identity_map.get(identity_key(cls, id)) for id in ids}
        found = [one for one in at_hand.values() if one is not None]
        if len(found) < len(at_hand):
            wanted = [id for id, one in at_hand.items() if one is None]
            found += opened.scalars(select(cls).where(cls.id.in_(wanted)))
        return found

    @property
    def called(self) -> dict[str, Any]:
        return self.name

    def can_merge_into(self, id: str) -> bool:
        """Whether that partner can take this one's place: whoever was shown this one is sent on to it."""
        other = session().get(Partner, id)
        if other is None or other is self or other.state == v.PartnerState.MERGED:
            return False
        widest_first = list(Audience)
        return widest_first.index(other.audience) <= widest_first.index(self.audience)

    @property
    def below_itself(self) -> bool:
        """Whether it would be part of itself."""
        return self.id in tree.above(self)

    @property
    def places(self) -> Collection[str]:
        """The codes of the municipality or region it governs; none for others, wherever they have their seat."""
        code = {v.PartnerKind.MUNICIPALITY: self.municipality_code, v.PartnerKind.REGION: self.region_code}
        return [place] if (place := code.get(self.kind)) else []

    def taken(self, step: str, fields: Mapping[str, Any]) -> None:
        if step == "merge":
            if self.audience in (Audience.OWNERS, Audience.SANDBOX):  # as it was seen until now
                self.visibility = v.Visibility.PRIVATE  # being merged must not publish what never was
            merging.repoint(self.id, fields["merged_into"], self.sandbox)

    def derive(self) -> None:
        super().derive()
        self.name_key = danish_key(self.name["da"])
