"""The contract's examples: answers that the service really gave, on the demo data, at a fixed moment."""

from __future__ import annotations

import datetime as dt
import io
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from api import create_app
from api.cli.db import upgrade
from api.cli.demo import DEMO_PASSWORD, MUNICIPALITY, seed_demo_records, seed_demo_users
from api.cli.seed import seed_cases, seeded_id
from api.config import Settings
from api.domain import clock
from api.feeds import guard
from api.imports.runner import Runner
from api.models import Client, Resource, base
from openapi.limits import LIMITS
from openapi.operations import EXAMPLES, example, sample
from schemas.base import creating
from schemas.clients import NewClientSchema, NewSecretSchema
from schemas.imports import ImportProfileSchema
from schemas.names import EXAMPLE_IDS, PLURALS, WRITABLE_IDS
from schemas.oauth import GrantedSchema, IntrospectionSchema, KeySchema
from schemas.people import AcceptedSchema, InvitationSchema, LetterSchema, SecurityEventSchema, SessionSchema
from schemas.system import TokenSchema
from schemas.vocabulary import ClientKind
from schemas.webhooks import NewWebhookSchema, NewWebhookSecretSchema, WebhookDeliverySchema

ADMIN = "admin@demo.example"
MOMENT = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)

STATISTICS = {
    **{f"count_{counted}": counted for counted in ("challenges", "partners", "projects", "outcomes")},
    "read_effects": "effects",
    "read_journey": "journey",
}


def drifted(*, mend: bool) -> list[Path]:
    """The files whose example is not what the service answers now; `mend` writes them anew."""
    changed = []
    for name, answer in _answers():
        path = EXAMPLES / f"{name}.response.json"
        text = json.dumps(answer, ensure_ascii=False, indent=2) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
            if mend:
                path.write_text(text, encoding="utf-8")
    example.cache_clear()
    return changed


def _answers() -> Iterator[tuple[str, Any]]:
    with _demo() as client:
        for name, address in STATISTICS.items():
            yield name, _shortened(_sent(client.get(f"/v1/statistics/{address}")))
        lists = _sent(client.get("/v1/code-lists"))
        yield "list_code_lists", {**lists, "items": lists["items"][:2]}
        yield "read_code_list", _sent(client.get("/v1/code-lists/theme"))
        yield from _dictionary(client)
        yield "read_status", _sent(client.get("/v1/status"))
        login = {"email": ADMIN, "password": DEMO_PASSWORD}
        _sent(client.post("/v1/tokens", json=login))
        yield from _secret()
        found = client.get("/.well-known/oauth-authorization-server").text
        yield "read_authorization_server", json.loads(found.replace("http://localhost", "https://api.example.org"))
        yield from _open_data(client)
        yield from _reads(client)
        yield from _writes(client)
        yield from _clients(client)
        yield from _webhooks(client)
        yield from _searches(client)
        yield from _people(client)
        yield from _imports(client)
        yield from _sandbox(client)


def _open_data(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """The catalogue itself with one dataset and its first form; the release of a project with a supplier."""
    catalogue = _elsewhere(client.get("/v1/catalog"))
    shown = ("/catalog", "#projects", "#projects-csv")
    nodes = [one for one in catalogue["@graph"] if one["@id"].endswith(shown)]
    yield "read_catalog", _shortened({**catalogue, "@graph": nodes})
    package = _elsewhere(client.get("/v1/ocds/releases?limit=250"))
    [release, *_] = [one for one in package["releases"] if "contracts" in one]
    yield "list_releases", {**package, "releases": [release]}


def _elsewhere(answer: Any) -> Any:
    """An answer with whole addresses, as it would be on a server with a name."""
    _sent(answer)
    return json.loads(answer.text.replace("http://localhost", "https://api.example.org"))


def _dictionary(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """A few columns of many: one with codes, one with a unit, and one inside another."""
    everything = _sent(client.get("/v1/data-dictionary"))
    shown = ("theme", "budget_indication.amount", "figures", "figures[].value")
    [told] = [one for one in everything["items"] if one["resource"] == "challenges"]
    told = {**told, "columns": [one for one in told["columns"] if one["path"] in shown]}
    yield "read_data_dictionary", told
    yield "list_data_dictionaries", {**everything, "items": [told]}


def _secret() -> Iterator[tuple[str, Any]]:
    """What differs from one installation to the next, or must not be shown: as the schemas have it."""
    yield "create_token", sample(TokenSchema())
    yield "grant_token", sample(GrantedSchema())
    yield "introspect_token", sample(IntrospectionSchema())
    yield "read_keys", {"keys": [sample(KeySchema())]}
    for letter in ("create_partner_invitation", "reset_password"):
        yield letter, sample(LetterSchema())
    yield "accept_invitation", sample(AcceptedSchema())
    yield "list_sessions", {"items": [sample(SessionSchema())], "total": 1, "next": None}
    for log in ("list_own_security_events", "list_user_security_events"):
        yield log, {"items": [sample(SecurityEventSchema())], "total": 1, "next": None}


def _people(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """People and what they may do; whatever is done to them is undone."""
    headers, partner = _log_in(client, "manager@aarhus.example"), seeded_id("partner", MUNICIPALITY)
    user = f"/v1/users/{EXAMPLE_IDS['user']}"
    yield "read_me", _sent(client.get("/v1/me", headers=headers))
    yield "update_me", _sent(client.patch("/v1/me", json={"name": "Manager at Aarhus Kommune"}, headers=headers))
    yield "list_members", _sent(client.get(f"/v1/partners/{partner}/members", headers=headers))
    member = f"/v1/partners/{partner}/members/{EXAMPLE_IDS['user']}"
    yield "replace_member", _sent(client.put(member, json={"role": "editor"}, headers=headers))
    yield "list_partner_invitations", {"items": [sample(InvitationSchema())], "total": 1, "next": None}
    headers = _log_in(client, ADMIN)
    yield "list_users", _shortened(_sent(client.get("/v1/users?limit=2", headers=headers)))
    yield "read_user", _sent(client.get(user, headers=headers))
    yield "replace_duties", _sent(client.put(f"{user}/duties", json={"duties": []}, headers=headers))
    yield "block_user", _sent(client.post(f"{user}/block", json={"reason": "Eksempel."}, headers=headers))
    yield "unblock_user", _sent(client.post(f"{user}/unblock", json={"reason": "Eksempel."}, headers=headers))


def _shortened(value: Any) -> Any:
    """The same with the first few items of every list."""
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    return [_shortened(inner) for inner in value[:3]] if isinstance(value, list) else value


def _reads(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    headers = _log_in(client, ADMIN)
    for resource, plural in PLURALS.items():
        page = _sent(client.get(f"/v1/{plural}?limit=1&sort=created_at", headers=headers))
        yield f"list_{plural}", page
        for parent in _above(resource):
            yield f"list_{parent}_{plural}", page
        yield f"read_{resource}", _sent(client.get(f"/v1/{plural}/{EXAMPLE_IDS[resource]}", headers=headers))
    yield "list_events", _sent(client.get("/v1/events?resource=challenge&limit=1"))
    tasks = client.get("/v1/tasks", headers=_log_in(client, "manager@aarhus.example"))
    yield "list_tasks", _sent(tasks)
    lineage = _sent(client.get(f"/v1/challenges/{EXAMPLE_IDS['challenge']}/lineage"))
    yield "read_lineage", {**lineage, "supports": lineage["supports"][:1]}


def _writes(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    for resource, plural in PLURALS.items():
        if resource == "document":
            yield from _documents(client)
            continue
        headers = _log_in(client, _WRITERS.get(resource, ADMIN))
        parent = next(iter(_above(resource)), None)
        around = f"{PLURALS[parent]}/{WRITABLE_IDS.get(parent, EXAMPLE_IDS[parent])}/" if parent else ""
        made = _sent(client.post(f"/v1/{around}{plural}", json=_request(f"create_{resource}"), headers=headers))
        yield f"create_{resource}", made
        change = {"json": _request(f"update_{resource}"), "headers": {**headers, "If-Match": '"1"'}}
        yield f"update_{resource}", _sent(client.patch(f"/v1/{plural}/{made['id']}", **change))
        yield f"read_{resource}_history", _sent(client.get(f"/v1/{plural}/{made['id']}/history", headers=headers))
    headers = _log_in(client, ADMIN)
    points = f"/v1/partners/{EXAMPLE_IDS['partner']}/contact-points"
    change = {"json": _request("replace_contact_points"), "headers": {**headers, "If-Match": '"1"'}}
    yield "replace_contact_points", _sent(client.put(points, **change))
    yield "read_contact_points", _sent(client.get(points))
    match = {**headers, "If-Match": "*"}
    trust = client.put(f"/v1/partners/{EXAMPLE_IDS['partner']}/trust", json=_request("replace_trust"), headers=match)
    yield "replace_trust", _sent(trust)
    challenge = f"/v1/challenges/{WRITABLE_IDS['challenge']}"
    _sent(client.post(f"{challenge}/close", headers=match))
    yield "form_project", _sent(client.post(f"{challenge}/form-project", json=_request("form_project"), headers=match))


def _clients(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    headers = _log_in(client, "manager@aarhus.example")
    address = f"/v1/clients/{EXAMPLE_IDS['client']}"
    yield "list_clients", _sent(client.get("/v1/clients", headers=headers))
    yield "read_client", _sent(client.get(address, headers=headers))
    made = _sent(client.post("/v1/clients", json=_request("create_client"), headers=headers))
    yield "create_client", {**made, "secret": sample(NewClientSchema())["secret"]}
    yield "update_client", _sent(client.patch(address, json=_request("update_client"), headers=headers))
    for step in ("block", "unblock"):
        yield f"{step}_client", _sent(client.post(f"{address}/{step}", headers=headers))
    yield "add_secret", sample(NewSecretSchema())


def _webhooks(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    headers = _log_in(client, "manager@aarhus.example")
    address = f"/v1/webhooks/{EXAMPLE_IDS['webhook']}"
    yield "list_webhooks", _sent(client.get("/v1/webhooks", headers=headers))
    yield "read_webhook", _sent(client.get(address, headers=headers))
    made = _sent(client.post("/v1/webhooks", json=_request("create_webhook"), headers=headers))
    yield "create_webhook", {**made, "secret": sample(NewWebhookSchema())["secret"]}
    yield "update_webhook", _sent(client.patch(address, json=_request("update_webhook"), headers=headers))
    yield "resume_webhook", _sent(client.post(f"{address}/resume", headers=headers))
    yield "ping_webhook", _sent(client.post(f"{address}/ping", headers=headers))
    yield "add_webhook_secret", sample(NewWebhookSecretSchema())
    sent = sample(WebhookDeliverySchema())
    well = {**sent, "error": None, "message": None, "next_attempt_at": None}
    yield "list_deliveries", {"items": [well], "total": 1, "next": None}
    waiting = {"kind": "redelivery", "state": "queued", "status_code": None, "milliseconds": None}
    yield "redeliver_event", {**well, **waiting}


def _searches(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    headers, address = _log_in(client, "manager@aarhus.example"), f"/v1/searches/{EXAMPLE_IDS['search']}"
    yield "list_searches", _sent(client.get("/v1/searches", headers=headers))
    yield "read_search", _sent(client.get(address, headers=headers))
    yield "create_search", _sent(client.post("/v1/searches", json=_request("create_search"), headers=headers))
    yield "update_search", _sent(client.patch(address, json=_request("update_search"), headers=headers))


def _above(resource: str) -> list[str]:
    """The resources below which it is made and listed: those it belongs to that its body does not name."""
    model = Resource.named(resource)
    sent = creating(type(model.schema))().fields
    return [parent for parent in model.PARENTS if f"{parent}_id" not in sent]


def _documents(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """A file is a form, which no example shows; what comes of it is shown."""
    address, headers = f"/v1/documents/{EXAMPLE_IDS['document']}", _log_in(client, "editor@aarhus.example")
    document = _sent(client.get(address, headers=headers))
    for parent in Resource.named("document").PARENTS:
        yield f"create_{parent}_document", document
    change = {"json": _request("update_document"), "headers": {**headers, "If-Match": '"1"'}}
    yield "update_document", _sent(client.patch(address, **change))
    yield "read_document_history", _sent(client.get(f"{address}/history", headers=headers))


def _imports(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """A file with a mistake in it: sent, checked, looked at, taken in."""
    headers, service = _log_in(client, ADMIN), client.application.extensions["copi"]
    profile = sample(creating(ImportProfileSchema)())
    made = _sent(client.post("/v1/import-profiles", json=profile, headers=headers))
    address = f"/v1/import-profiles/{made['id']}"
    page = {"items": [made], "total": 1, "next": None}
    yield from (("create_import_profile", made), ("read_import_profile", made), ("list_import_profiles", page))
    yield "update_import_profile", _sent(client.patch(address, json={"note": "Hver mandag."}, headers=headers))
    shipped = _sent(client.get("/v1/import-profiles/shipped", headers=headers))
    yield "list_shipped_profiles", _shortened({**shipped, "items": shipped["items"][:1]})
    content = (
        b"source.system;source.external_id;name.da;kind\nfagsystem;1;Ny Virksomhed;company\nfagsystem;2;En til;firma\n"
    )
    form = {"file": (io.BytesIO(content), "partnere.csv"), "resource": "partners", "dry_run": "true"}
    sent = _sent(client.post("/v1/imports", data=form, content_type="multipart/form-data", headers=headers))
    yield "create_import", sent
    Runner(service.database, service.storage).run(threading.Event())
    address = f"/v1/imports/{sent['id']}"
    yield "read_import", _sent(client.get(address, headers=headers))
    yield "list_imports", _sent(client.get("/v1/imports", headers=headers))
    yield "list_import_errors", _sent(client.get(f"{address}/errors", headers=headers))
    yield "run_import", _sent(client.post(f"{address}/run", headers=headers))
    yield "cancel_import", _sent(client.post(f"{address}/cancel", headers=headers))


def _sandbox(client: FlaskClient) -> Iterator[tuple[str, Any]]:
    """As somebody sees it who has logged in through a frontend that is a test client."""
    id = seeded_id("client", "test frontend")
    frontend = Client(id=id, name="Example", kind=ClientKind.FRONTEND, test=True, created_at=MOMENT)
    with client.application.extensions["copi"].database.writing() as session:
        session.add(frontend)
    headers = _log_in(client, ADMIN, client_id=id)
    yield "read_sandbox", _sent(client.get("/v1/sandbox", headers=headers))
    yield "reset_sandbox", _sent(client.post("/v1/sandbox/reset", headers=headers))


_WRITERS = {
    "support": "editor@aarhus.example",
    "question": "editor@startup.example",
    "response": "editor@startup.example",
    "enquiry": "member@aarhus.example",
}
"""Who may register a record, where CO-PI may not."""


def _log_in(client: FlaskClient, email: str, **through: str) -> dict[str, str]:
    token = _sent(client.post("/v1/tokens", json={"email": email, "password": DEMO_PASSWORD, **through}))
    return {"Authorization": f"Bearer {token['access_token']}"}


def _request(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.request.json").read_text(encoding="utf-8"))


def _sent(response: Any) -> Any:
    if response.status_code >= 400:
        raise RuntimeError(f"{response.request.method} {response.request.path}: {response.text}")
    return response.json


_UNLIMITED: dict[str, Any] = {one.setting: 0 for one in LIMITS.values()}


@contextmanager
def _demo() -> Iterator[FlaskClient]:
    """The service on a throw-away database with the demo data; its clock stands still and its ids repeat."""
    usual, new_id, lookup = clock.read, base.new_id, guard.lookup
    made: list[str] = []

    def counted() -> str:
        made.append(seeded_id("example", str(len(made))))
        return made[-1]

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            f"sqlite:///{folder}/examples.db", secret="x" * 32, documents=folder, log="none", **_UNLIMITED
        )
        app = create_app(settings)
        database = app.extensions["copi"].database
        clock.read, base.new_id, guard.lookup = lambda: MOMENT, counted, lambda *_: ["93.184.215.14"]
        try:
            upgrade(database)
            seed_cases(database)
            seed_demo_users(database)
            seed_demo_records(database, app.extensions["copi"].storage)
            yield app.test_client()
        finally:
            clock.read, base.new_id, guard.lookup = usual, new_id, lookup
            database.dispose()
