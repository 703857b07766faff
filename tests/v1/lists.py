"""How the tests of lists try a filter, a sort key and the alphabet."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from api.models import RESOURCES
from schemas.names import PLURALS
from tests.clients import Client
from tests.make import Make

Given = Mapping[str, Any] | Callable[[Make], Mapping[str, Any]]


def ids(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


def assert_filters(
    client: Client, make: Make, resource: str, name: str, matching: Given, other: Given, asked: str, hides: bool = False
) -> None:
    """The filter finds the record that matches and not the other. `asked` may name the field that holds the value."""
    builder = getattr(make, resource)
    fields = [given(make) if callable(given) else given for given in (matching, other)]
    there, elsewhere = (builder(**given) for given in fields)
    value = fields[0].get(asked, asked)
    value = value[0] if isinstance(value, list) else value
    path = f"/{PLURALS[resource]}?{name}={value}"

    found = client.get(path)
    assert found.status_code == 200, found.json
    assert there in (found_ids := [one["id"] for one in found.json["items"]])
    assert elsewhere not in found_ids
    assert found.json["total"] == len(found_ids) == int(found.headers["X-Total-Count"])
    assert {there, elsewhere} <= set(ids(client, f"/{PLURALS[resource]}"))

    wider = ids(client, f"/{PLURALS[resource]}?{name}={value},{value}")
    assert wider == found_ids
    narrowed = ids(client, f"/{PLURALS[resource]}?{name}={value}&q=findes-slet-ikke")
    assert narrowed == []
    assert ids(client, f"{path}&sort=-created_at&limit=1&total=false") == [max(found_ids)]


SORT_VALUES: dict[str, Callable[[str], dict[str, Any]]] = {
    "name": lambda text: {"name": {"da": text}},
    "title": lambda text: {"title": {"da": text}},
    "posed": lambda text: {"timeline": {"posed": text}},
    "deadline": lambda text: {"timeline": {"response_deadline": f"{text}T12:00:00Z"}},
    "start": lambda text: {"start": text},
    "end": lambda text: {"end": text},
    "date": lambda text: {"date": text},
    "in_use_from": lambda text: {"in_use_from": text},
}
_DATES = ["2026-04-01", "1998-01-31", "2026-03-31", "2031-12-01", "2020-02-29"]
_WORDS = ["Delta", "alfa", "Charlie", "bravo", "Ærlig"]


def assert_sorts(client: Client, make: Make, resource: str) -> None:
    """Every sort key orders the list both ways; equal values stand by id, and those without a value before the first."""
    for key in RESOURCES[resource].SORTS:
        if key in ("created_at", "updated_at"):
            made = [getattr(make, resource)() for _ in range(3)]
            assert [one for one in ids(client, f"/{PLURALS[resource]}?sort={key}") if one in made] == made
            assert [one for one in ids(client, f"/{PLURALS[resource]}?sort=-{key}") if one in made] == made[::-1]
            continue
        values = _WORDS if key in ("name", "title") else _DATES
        given = SORT_VALUES[key]
        made_by = {value: getattr(make, resource)(**given(value)) for value in values}
        twin = getattr(make, resource)(**given(values[0]))
        order = [made_by[value] for value in sorted(values, key=str.casefold)]
        order.insert(order.index(made_by[values[0]]) + 1, twin)
        if key not in ("name", "title"):
            order.insert(0, getattr(make, resource)())
        ours = set(order)
        assert [one for one in ids(client, f"/{PLURALS[resource]}?sort={key}") if one in ours] == order, key
        assert [one for one in ids(client, f"/{PLURALS[resource]}?sort=-{key}") if one in ours] == order[::-1], key
        mixed = ids(client, f"/{PLURALS[resource]}?sort={key},-created_at")
        assert mixed.index(twin) + 1 == mixed.index(made_by[values[0]]), key


ALPHABET = [
    "2 skoler",
    "abe",
    "Abrikos",
    "café",
    "Cykel",
    "Müller",
    "Myre",
    "Zoo",
    "æble",
    "Ærø",
    "øl",
    "Ørred",
    "ål",
    "Ås",
]


def alphabetical(client: Client, make: Make, resource: str, field: str) -> None:
    """Danish order whatever the order they were made in."""
    for text in itertools.chain(ALPHABET[1::2], ALPHABET[-2::-2]):
        getattr(make, resource)(**{field: {"da": text}})
    for sort, expected in ((field, ALPHABET), (f"-{field}", ALPHABET[::-1])):
        items = client.get(f"/{PLURALS[resource]}?sort={sort}").json["items"]
        ours = [one[field]["da"] for one in items if one[field]["da"] in ALPHABET]
        assert ours == expected, ours
