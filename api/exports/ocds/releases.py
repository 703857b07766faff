"""What every release has: its ids, its documents, and the processes it belongs with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.exports.ocds.neighbours import Neighbours, Record
from api.exports.ocds.values import Part, texts
from schemas.documents import MEDIA_TYPES
from schemas.names import PLURALS
from schemas.vocabulary import DocumentFormat

OCID = "OCID"
"""What a procurement reference is of, when it is an open contracting id."""


@dataclass(frozen=True, slots=True)
class Publication:
    """Where the releases are published, and under which prefix."""

    base: str
    prefix: str
    neighbours: Neighbours

    def ocid(self, record: Record) -> str:
        """The process's id: the one it is published under elsewhere, if there is one, else our own."""
        known = ocids(record)
        return known[0] if len(known) == 1 else f"{self.prefix}-{record['id']}"

    def release(self, kind: str, record: Record, parts: Part) -> Part:
        """The release of a record as it now stands: another version is another release."""
        return {
            "ocid": self.ocid(record),
            "id": f"{kind}-{record['id']}-{record['version']}",
            "date": record["updated_at"],
            "initiationType": "tender",
            "language": "da",
            **parts,
        }

    def documents(self, kind: str, record: Record) -> list[Part]:
        """The record itself, the files attached to it, and the pages on which its facts can be checked."""
        return [
            {
                "id": "record",
                **texts("title", record["title"]),
                "url": f"{self.base}/v1/{PLURALS[kind]}/{record['id']}",
                "dateModified": record["updated_at"],
                "format": "application/json",
            },
            *(self._file(one) for one in self.neighbours.documents.get(record["id"], ())),
            *({"id": f"source-{number}", "url": url} for number, url in enumerate(_sources(record), start=1)),
        ]

    def _file(self, document: Record) -> Part:
        return {
            "id": document["id"],
            **texts("title", document["title"]),
            "url": f"{self.base}{document['links']['content']}",
            "datePublished": document["created_at"],
            "format": MEDIA_TYPES[DocumentFormat(document["format"])],
        }

    def related(self, relationship: str, kind: str, records: Iterable[Record]) -> Iterator[Part]:
        """Other processes of ours, and what they are to this one."""
        for record in records:
            yield {
                "id": record["id"],
                "relationship": [relationship],
                **texts("title", record["title"]),
                "scheme": "ocid",
                "identifier": self.ocid(record),
                "uri": f"{self.base}/v1/{PLURALS[kind]}/{record['id']}",
            }


def ocids(record: Record) -> list[str]:
    """The open contracting ids under which the record says it is published elsewhere."""
    return [one["reference"] for one in record.get("procurement_refs", ()) if one["system"].upper() == OCID]


def _sources(record: Record) -> Iterable[str]:
    first = (record["source"] or {}).get("url")
    return dict.fromkeys([*([first] if first else []), *record["sources"]])
