"""Every operation of the contract under generated requests: good ones, bad ones, and those at the edges.

Schemathesis checks each answer against the document with all its checks. Every operation must have answered both a
success and a refusal, or the cases have not reached it.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import orjson
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from api.cli.demo import seed_demo_records, seed_demo_users
from api.cli.seed import seed_cases
from api.domain import clock
from api.feeds import digests, guard
from api.models import LoginSession
from openapi.contract import FILES, HERE
from schemas.names import EXAMPLE_IDS, EXAMPLE_SOURCES
from tests.clients import Client, Everybody, service
from tests.conftest import Server, build
from tests.make import PASSWORD, Make
from tests.make import SECRET as CLIENT_SECRET
from tests.v1.operations import OPERATIONS as DECLARED
from tests.v1.operations import record_for

DOCUMENT = orjson.loads((HERE / FILES["3.1.0"]).read_bytes())
OPERATIONS = [
    operation["operationId"]
    for path in DOCUMENT["paths"].values()
    for method, operation in path.items()
    # Schemathesis looks for all of them below the first server; discovery is tried by a client library.
    if method in ("get", "post", "patch", "put", "delete") and "servers" not in operation
]
FORMS = {one for one in OPERATIONS if one.startswith("create_") and one.endswith(("_document", "_import"))}
"""Made-up bytes are no document and no file of records; real ones are sent in `test_documents` and `tests/imports`."""
GOOD, BAD = (int(os.environ.get(name, default)) for name, default in (("FUZZ_GOOD", "6"), ("FUZZ_BAD", "4")))
"""Generated cases per operation; together at least 1,000 on each engine."""

BY_ID = {one.id: one for one in DECLARED}
CONFIG = SchemathesisConfig.from_dict({
    "checks": {
        # A valid request may still meet a record that has moved on, or a caller whose role does not reach.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412"]},
        # Not matching is how a malformed If-Match is refused.
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428"],
        },
    }
})  # fmt: skip


class Fuzzed:
    """The service on the demo data, a client that may do everything, and what has been answered so far."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.make = Make(app.extensions["copi"].database)
        self.admin: Client = Everybody(app, self.make).everywhere
        self.program = self.make.client()
        self.player = service(app, self.make.test_client())
        self.email = self._email()
        self.schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=CONFIG)
        self.statuses: dict[str, Counter[int]] = {}

    def _email(self) -> str:
        self.make.user(email="fuzzed@tests.example")
        return "fuzzed@tests.example"

    def run(self, operation_id: str, mode: GenerationMode, cases: int) -> None:
        """Send generated cases and check every answer."""
        operation = self.schema.find_operation_by_id(operation_id)
        chance = random.Random(operation_id)

        @settings(
            max_examples=cases, deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: Case) -> None:
            if mode is GenerationMode.POSITIVE:
                self._steer(operation_id, case, chance)
            self._send(operation_id, case)

        with suppress(Unsatisfiable):  # nothing about a request without parameters can be wrong
            check()

    def misname(self, operation_id: str) -> None:
        """Send a parameter the contract does not know; whatever the operation, that is refused."""
        case = self.schema.find_operation_by_id(operation_id).Case(
            path_parameters={
                "id": EXAMPLE_IDS["partner"],
                "scheme": "theme",
                "resource": "challenges",
                "version": 1,
                "system": "co-pi-cases",
                "external_id": "none",
                "token": "0",
                **dict.fromkeys(("secret", "user", "invitation", "delivery"), EXAMPLE_IDS["user"]),
            },
            query={"ukendt": "1"},
        )
        response = self.admin.call(case.method, case.formatted_path, query_string=case.query)
        self.statuses.setdefault(operation_id, Counter())[response.status_code] += 1
        assert response.status_code == 400
        assert response.json is not None
        if not BY_ID[operation_id].oauth:
            assert response.json["errors"][0]["parameter"] == "ukendt"

    def _send(self, operation_id: str, case: Case) -> None:
        # Called in process, it does not unpack what it says it takes.
        headers = self._headers(operation_id)
        response = case.call(headers={**headers, "Accept-Encoding": "identity"})
        self.statuses.setdefault(operation_id, Counter())[response.status_code] += 1
        # What a patch leaves out may be missing in the record too, which no schema can tell.
        untold = operation_id.startswith("update_") or operation_id in FORMS or operation_id in SECRET
        excluded = CHECKS.get_by_names(["positive_data_acceptance"]) if untold else []
        case.validate_response(response, checks=list(CHECKS.get_all()), excluded_checks=list(excluded), headers=headers)

    def _headers(self, operation_id: str) -> dict[str, str]:
        """Who calls: somebody who may do everything, a test client in its sandbox, a client that says itself who it is."""
        if BY_ID[operation_id].oauth:
            return {}
        if operation_id == "delete_token":
            return Client(self.app, self.make.user()).headers  # who has logged out does nothing else
        return self.player.headers if operation_id.endswith("_sandbox") else self.admin.headers

    def _steer(self, operation_id: str, case: Case, chance: random.Random) -> None:
        """Let a valid case reach a record: most random ids point at nothing, and most random versions are stale."""
        if isinstance(case.body, dict):
            _mend(case.body, operation_id.rpartition("_")[2], self.make.home)
        if operation_id.startswith("withdraw_") and case.method == "POST":
            case.body = {"reason": "Derfor."}
        if operation_id == "create_token" and isinstance(case.body, dict):
            case.body.pop("client_id", None)  # no frontend is made up
        if operation_id == "create_token" and chance.random() < 0.5:
            case.body = {"email": self.email, "password": PASSWORD}
        if operation_id in SECRET and chance.random() < 0.8:
            case.body = SECRET[operation_id](self)
        for place in {"user", "invitation"} & case.path_parameters.keys():
            case.path_parameters[place] = self._at_home(place)
        if "scheme" in case.path_parameters and chance.random() < 0.8:
            case.path_parameters["scheme"] = chance.choice(["theme", "cpv", "municipality", "indicator"])
        if "id" in case.path_parameters and chance.random() < 0.8:
            case.path_parameters["id"] = self._record(operation_id)
            if "If-Match" in case.headers and chance.random() < 0.8:
                case.headers["If-Match"] = '"1"'
            if "secret" in case.path_parameters:
                of = self.admin.get(f"/{BY_ID[operation_id].path.split('/')[1]}/{case.path_parameters['id']}").json
                case.path_parameters["secret"] = of["secrets"][0]["id"]
            if "delivery" in case.path_parameters:
                sent = self.admin.get(f"/webhooks/{case.path_parameters['id']}/deliveries").json
                case.path_parameters["delivery"] = sent["items"][0]["id"]
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())  # two calls of the same key are no two calls
        if operation_id.startswith("upsert_") and chance.random() < 0.8:
            case.headers.pop("If-Match", None)  # which only what is there can match
        if operation_id.endswith("_by_source") and chance.random() < 0.8:
            resource = operation_id.split("_")[1]
            case.path_parameters.update(system="co-pi-cases", external_id=EXAMPLE_SOURCES[resource])
        if "version" in case.path_parameters and chance.random() < 0.8:
            case.path_parameters["version"] = 1
        if "resource" in case.path_parameters and chance.random() < 0.8:
            case.path_parameters["resource"] = "challenges"
        if "token" in case.path_parameters:
            id = str(case.path_parameters["id"])
            case.path_parameters["token"] = digests.token_of(id, self.app.extensions["copi"].settings)
        for made in ("cursor", "search"):  # only the service can make one
            case.query.pop(made, None)
        if operation_id == "list_events":
            case.query.update({name: [known] for name, known in _EVENTS.items() if name in case.query})
            case.query["after"] = 0
        if "wait" in case.query:
            case.query["wait"] = 0
        _keep_what_fits(case.query)

    def _at_home(self, place: str) -> str:
        """A member of the partner in the address, or an invitation to it."""
        if place == "user":
            return self.make.user(roles={self.make.home: "member"})
        body = {"email": f"{uuid.uuid4()}@tests.example", "role": "member"}
        return str(self.admin.post(f"/partners/{self.make.home}/invitations", body).json["id"])

    def _log_in(self) -> str:
        now = clock.now()
        with self.make.database.writing() as session:
            begun = LoginSession(user_id=str(self.admin.user_id), client_id="copi", created_at=now, used_at=now,
                                 expires_at=now + dt.timedelta(days=1))  # fmt: skip
            session.add(begun)
            session.flush()
            return begun.id

    @property
    def shown(self) -> dict[str, str]:
        """How a client says in a form who it is."""
        return {"client_id": self.program, "client_secret": CLIENT_SECRET + self.program}

    def letter(self) -> str:
        """The token of a letter for a new password, which anybody may use."""
        return str(self.admin.post(f"/users/{self.make.user()}/password-reset").json["token"])

    def _record(self, operation_id: str) -> str:
        """A fresh record in a state from which the operation can succeed."""
        if operation_id == "end_session":
            return self._log_in()
        if operation_id == "read_document_content":
            return EXAMPLE_IDS["document"]  # one that has bytes
        plural = BY_ID[operation_id].path.split("/")[1]
        if plural in _MADE:
            return _MADE[plural](self.make, str(self.admin.user_id))
        if operation_id == "form_project":
            return self.make.challenge("closed")
        return record_for(BY_ID[operation_id], self.make)


def _keep_what_fits(query: dict[str, Any]) -> None:
    """Pages are of JSON and feeds, dialects of CSV, and languages of what people read."""
    format = query.get("format", "json")
    for name, fitting in _FITTING.items():
        if format not in fitting:
            query.pop(name, None)


_TABLES = frozenset({"json", "csv", "xlsx", "ndjson"})
_FITTING = {
    **dict.fromkeys(("limit", "page"), frozenset({"json", "atom"})),
    **dict.fromkeys(("total", "embed"), frozenset({"json"})),
    "fields": _TABLES,
    "dialect": frozenset({"csv"}),
    "language": frozenset({"atom", "ics"}),
}
"""The formats in which a parameter means something."""


CHOSEN = "fire graner ved en gul låge"
SECRET: Mapping[str, Callable[[Fuzzed], Any]] = {
    "accept_invitation": lambda fuzzed: {"token": fuzzed.letter(), "password": CHOSEN},
    "replace_password": lambda _: {"current": PASSWORD, "new": CHOSEN},
    "erase_me": lambda _: {"password": "whoever calls is needed for the rest"},
    "grant_token": lambda fuzzed: {"grant_type": "client_credentials", **fuzzed.shown},
    "revoke_token": lambda fuzzed: {"token": "nobody's", **fuzzed.shown},
    "introspect_token": lambda fuzzed: {"token": "nobody's", **fuzzed.shown},
}
"""What no schema can tell, because only one person knows it."""
_POINTERS = {"owners": "partner", "reused_by": "partner", "challenge_ids": "challenge", "consortium": "partner"}
_POINTER = {
    "funder_id": "partner", "successor_id": "partner", "project_id": "project", "lead_id": "partner",
    "merged_into": "partner", "enquiry_id": "enquiry", "challenge_id": "challenge",
}  # fmt: skip
_SETTLED = {
    "reason": "Derfor.",
    "expires_at": "2099-01-01T00:00:00Z",
    "close_reason": "procured",
    "correction": {"date": "2023-11"},
}
"""Where what is sent must agree with how the record stands."""
_MADE: Mapping[str, Callable[[Make, str], str]] = {
    "webhooks": Make.webhook, "searches": Make.search, "imports": Make.an_import, "import-profiles": Make.import_profile,
}  # fmt: skip
"""What belongs to one account."""
_EVENTS = {"type": "challenge.published", "resource": "challenge"}
_CODES = {"cpv": "43300000", "municipality_codes": "0101", "region_codes": "1084"}


def _mend(value: Any, resource: str, home: str) -> None:
    """Keep the rules that JSON Schema cannot say: what is pointed at exists, and fields agree with each other."""
    if isinstance(value, list):
        for item in value:
            _mend(item, resource, home)
    if not isinstance(value, dict):
        return
    if value.get("participants"):
        del value["participants"][1:]
    if resource == "client" and "partner_id" not in value:
        # A service has no origins, a frontend nothing else; of generated partners one is there.
        value["origins"] = []
        only_one = (value.get("memberships") or [])[:1]
        value.update(
            {"scopes": [], "memberships": []} if value.get("kind") == "frontend" else {"memberships": only_one}
        )
    if resource == "webhook":
        known = {"url": "https://hooks.example.org/", "types": [], "resources": [], "after": 0, "state": "paused",
                 "search_id": None}  # fmt: skip
        value.update({name: known[name] for name in known.keys() & value.keys()})
    if resource == "search":
        known = {"query": "q=skole", "digest": None}
        value.update({name: known[name] for name in known.keys() & value.keys()})
    if resource == "profile" and "target" in value:
        value.update({**dict.fromkeys(value), "target": "name.da", "source": "navn"})
    elif resource == "profile" and "columns" in value:
        value.update(resource="partners", columns=(value["columns"] or [])[:1])
    if resource == "adoption" and "kind" in value:
        value.update(partner_id=home, count=None)
    for name, inner in value.items():
        if name == "partner_id" and inner is not None:
            value[name] = home
        elif name in _SETTLED:
            value[name] = _SETTLED[name] if inner is None or isinstance(inner, type(_SETTLED[name])) else inner
        elif name == "scopes" and inner:
            value[name] = ["challenge:read"]
        elif name in _POINTERS and inner:
            value[name] = [EXAMPLE_IDS[_POINTERS[name]]]
        elif name in _POINTER and inner is not None:
            value[name] = EXAMPLE_IDS[_POINTER[name]]
        elif name == "parent_id" and inner is not None:
            value[name] = EXAMPLE_IDS[resource]
        elif name in _CODES and inner:
            value[name] = [_CODES[name]]
        elif name in ("municipality_code", "region_code") and inner is not None:
            value[name] = _CODES[f"{name}s"]
        elif name == "identifiers" and inner:
            value[name] = [{"scheme": "DK-P", "value": "1000000000"}]
        else:
            _mend(inner, resource, home)
    if "value_kind" in value:
        value.update(value=value.get("value") or 1, low=None, high=None)
    for first, last in (("start", "end"), ("valid_from", "valid_to"), ("trl_min", "trl_max")):
        if value.get(first) is not None and value.get(last) is not None:
            value[last] = value[first]
    if isinstance(value.get("source"), dict):
        value["source"] = None


@pytest.fixture(scope="module")
def fuzzed(server: Server) -> Iterator[Fuzzed]:
    app = build(server.database("fuzzed"))
    database = app.extensions["copi"].database
    seed_cases(database)
    seed_demo_users(database)
    seed_demo_records(database, app.extensions["copi"].storage)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(guard, "lookup", lambda *_: ["93.184.215.14"])
        yield Fuzzed(app)
    database.dispose()


@pytest.mark.slow
def test_every_operation_keeps_its_contract(fuzzed: Fuzzed) -> None:
    """In one test an engine, which alone can see whether each of them was reached."""
    broken = {}
    for operation_id in OPERATIONS:
        try:
            fuzzed.run(operation_id, GenerationMode.POSITIVE, GOOD)
            fuzzed.run(operation_id, GenerationMode.NEGATIVE, BAD)
            fuzzed.misname(operation_id)
        except Exception as failure:  # every operation is tried, whatever another one does
            broken[operation_id] = "".join(traceback.format_exception(failure))[-2000:]
    assert not broken, "\n\n".join(f"{name}: {said}" for name, said in broken.items())

    never_succeeded = [
        name
        for name, seen in fuzzed.statuses.items()
        if not any(200 <= s < 300 for s in seen) and name not in (*FORMS, "erase_me")
    ]
    never_refused = [name for name, seen in fuzzed.statuses.items() if not any(400 <= s < 500 for s in seen)]
    assert (never_succeeded, never_refused) == ([], [])
    assert sum(seen.total() for seen in fuzzed.statuses.values()) >= 1_000
