"""The questions: the same for every contender, and the proof that they give the same answers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.bench import facts
from tests.bench.dataset import EMAIL, PASSWORD
from tests.bench.servers import Server

Answer = tuple[int, Any, Mapping[str, str]]
_WALK = "/projects?sort=-updated_at&total=false&limit=50"
_CHECKED = 25
_EVERYONE = ("service", "FastAPI", "floor")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of question: its paths for a contender, the headers, the status that is right."""

    name: str
    paths: Callable[[Server], Sequence[str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    warm_up: float = 1.0
    """Seconds before anything is measured."""
    contenders: tuple[str, ...] = _EVERYONE

    def requests(self, server: Server) -> list[bytes]:
        """The requests, ready to be sent."""
        return [server.request(path, self.headers) for path in self.paths(server)]


def scenarios(rows: int, service: Server, many: int) -> list[Scenario]:
    """All of them, for a data set with so many projects."""
    chance = random.Random(facts.SEED)
    ids = [facts.id_of("project", chance.randrange(rows)) for _ in range(many)]
    lists = [f"?{question}&sort=-updated_at&limit=50" for question in _filters(chance, 200)]
    token = service.post("/tokens", {"email": EMAIL, "password": PASSWORD})["access_token"]
    whole, held = ("service", "FastAPI"), {"If-None-Match": '"1"'}
    walks: dict[str, Sequence[str]] = {}

    def walk(server: Server) -> Sequence[str]:
        if server.name not in walks:
            walks[server.name] = _walked(server, min(200, rows // 50))
        return walks[server.name]

    def items(_: Server) -> Sequence[str]:
        return [f"/projects/{id}" for id in ids]

    return [
        Scenario("read one", items),
        # Long enough for every process to have each page: it is remembered until the next write. The row below has none.
        Scenario("list 50", lambda _: [f"/projects{one}" for one in lists], warm_up=8.0),
        Scenario(
            "list 50, asked first", lambda _: [f"/projects{one}" for one in _never_twice(lists)], contenders=whole
        ),
        Scenario("cursor page", walk),
        Scenario("304", items, held, status=304),
        Scenario("304, tuned peer", lambda server: _tuned(server, ids), held, status=304, contenders=whole),
        Scenario("read whole", lambda server: [_whole(server, id) for id in ids], contenders=whole),
        Scenario("list whole", lambda server: [_whole_list(server, one) for one in lists], contenders=whole),
        Scenario("read, token", items, {"Authorization": f"Bearer {token}"}, contenders=("service",)),
    ]


def _tuned(server: Server, ids: Sequence[str]) -> list[str]:
    """The peer's conditional read that asks for the version alone."""
    return [f"/{'tuned-' if server.name == 'FastAPI' else ''}projects/{id}" for id in ids]


def _whole(server: Server, id: str) -> str:
    """A project with its participants' records and its outcomes."""
    return f"/projects/{id}/whole" if server.name == "FastAPI" else f"/projects/{id}?embed=partners,outcomes"


def _whole_list(server: Server, question: str) -> str:
    if server.name == "FastAPI":
        return f"/whole-projects{question}"
    return f"/projects{question}&embed=partners,outcomes"


def _filters(chance: random.Random, count: int) -> list[str]:
    """What visitors choose: a theme and a state, or a keyword."""
    themes, states = ("welfare_technology", "green_transition"), ("active", "completed", "in_operation", "planned")
    return [
        urlencode({"theme": chance.choice(themes), "state": chance.choice(states)})
        if place % 2
        else urlencode({"keyword": facts.keyword(chance)})
        for place in range(count)
    ]


def _never_twice(lists: Sequence[str]) -> list[str]:
    """The same lists, each with a filter of its own that all records pass: neither page nor total is remembered."""
    start = facts.EPOCH - dt.timedelta(days=1)
    moments = (start + dt.timedelta(milliseconds=place) for place in range(20_000))
    return [f"{lists[place % len(lists)]}&since={moment:%Y-%m-%dT%H:%M:%S.%fZ}" for place, moment in enumerate(moments)]


def _walked(server: Server, pages: int) -> list[str]:
    """The addresses of the first pages of the whole list, as a client would follow them."""
    paths, path = [], _WALK
    for _ in range(pages):
        paths.append(path)
        _, page, _ = server.get(path)
        if page["next"] is None:
            break
        following = str(page["next"])
        path = following.removeprefix(server.prefix) if following.startswith("/") else f"{_WALK}&cursor={following}"
    return paths


# --- Proof --------------------------------------------------------------------------------------------------


def prove_equal(scenario: Scenario, servers: Sequence[Server]) -> None:
    """Refuse to measure contenders that answer differently."""
    first, *others = [server for server in servers if server.name in scenario.contenders]
    for other in others:
        pairs = list(zip(scenario.paths(first), scenario.paths(other), strict=True))
        for mine, theirs in pairs[:: max(1, len(pairs) // _CHECKED)]:
            ours, others_answer = first.get(mine, scenario.headers), other.get(theirs, scenario.headers)
            if _essence(ours, other.name != "floor") != _essence(others_answer):
                raise RuntimeError(f"{scenario.name}: {first.name} and {other.name} differ on {mine}")


def _essence(answer: Answer, with_total: bool = True) -> Any:
    status, body, _ = answer
    if body is None:
        return status
    if "items" in body:
        return status, body["total"] if with_total else None, [_record(item) for item in body["items"]]
    return status, _record(body)


def _record(record: dict[str, Any]) -> Any:
    """A record's facts. Links, which only the service gives, aside; neighbours by their ids."""
    embedded = record.pop("embedded", None)
    if embedded is not None:
        neighbours = ([one["id"] for one in embedded["partners"]], [one["id"] for one in embedded["outcomes"]])
    elif "outcomes" in record:
        neighbours = (
            [one["partner"]["id"] for one in record["participants"]],
            [one["id"] for one in record.pop("outcomes")],
        )
        record["participants"] = [
            {name: value for name, value in one.items() if name != "partner"} for one in record["participants"]
        ]
    else:
        neighbours = ([], [])
    own = {name: _plain(name, value) for name, value in record.items() if name != "links"}
    return own, neighbours


def _plain(name: str, value: Any) -> Any:
    """Moments as moments: SQLite gives the ORM no time zone."""
    if not name.endswith("_at"):
        return value
    moment = dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
