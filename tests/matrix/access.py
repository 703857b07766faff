"""Who may do what with accounts and programs: every caller, in person, on what they see and what they do not.

The promises are written by hand, as in `expected`; the policy is broken here line by line as it is for records.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from api.domain.policy import POLICY
from api.models import Client as ClientRow
from api.models import (
    ClientSecret,
    Import,
    ImportProfile,
    Membership,
    SavedSearch,
    User,
    Webhook,
    WebhookDelivery,
    WebhookSecret,
)
from schemas.vocabulary import ClientKind, DeliveryKind, DeliveryState, Language, Role
from tests.matrix.expected import ANONYMOUS, AWAY, CALLERS, HOME, Caller
from tests.matrix.mutants import OF_ACCESS
from tests.matrix.operations import OPERATIONS_OF_ACCESS
from tests.matrix.world import World, rehearsed

ADMIN, NEWCOMER = "copi_admin", "newcomer without a role"
OF_HOME, OF_AWAY = "manager of home", "manager of away"
MAKER = "editor of home"
"""Who has made the program of home, which now is no matter of theirs."""
EVERYBODY = frozenset(caller.name for caller in CALLERS)


@dataclass(frozen=True)
class Attempt:
    """One operation on one thing: who sees it and who may."""

    permission: str
    method: str
    path: str
    body: Any
    sees: Collection[str]
    may: Collection[str]

    def expected(self, caller: Caller) -> int:
        if caller is ANONYMOUS:
            return 401
        if caller.name not in self.sees:
            return 404
        return 200 if caller.name in self.may else 403


@dataclass(frozen=True)
class Programs:
    """One that acts for home, one for home and away, one for nobody, made for tests alone; each with a secret."""

    home: tuple[str, str]
    both: tuple[str, str]
    test: tuple[str, str]
    webhook: tuple[str, str, str]
    """One of an editor's, a secret of it that is not its only one, and a delivery."""
    service_webhook: tuple[str, str, str]
    """The same of the program of home."""
    search: str
    """An editor's."""
    imports: tuple[str, str]
    """A checked import of an editor's, and a profile."""


def programs(world: World) -> Programs:
    """Register them."""
    makers = world.in_person
    home = _program(world, makers[MAKER].user_id, [HOME])
    return Programs(
        home,
        _program(world, makers[ADMIN].user_id, [HOME, AWAY]),
        _program(world, makers[NEWCOMER].user_id, [], test=True),
        _webhook(world, str(makers[MAKER].user_id)),
        _webhook(world, home[0]),
        _search(world, str(makers[MAKER].user_id)),
        _import(world, str(makers[MAKER].user_id)),
    )


def _webhook(world: World, maker: str) -> tuple[str, str, str]:
    now = dt.datetime.now(dt.UTC)
    with world.database.writing() as session:
        webhook = Webhook(url="https://8.8.8.8/", created_by=maker, after=0, created_at=now, updated_at=now)
        webhook.secrets = [WebhookSecret(sealed=b"sealed", created_at=now) for _ in range(2)]
        session.add(webhook)
        session.flush()
        sent = WebhookDelivery(webhook_id=webhook.id, kind=DeliveryKind.EVENT, message_id="1", seq=1,
                               state=DeliveryState.DELIVERED, at=now)  # fmt: skip
        session.add(sent)
        session.flush()
        return webhook.id, webhook.secrets[0].id, sent.id


def _search(world: World, maker: str) -> str:
    with world.database.writing() as session:
        kept = SavedSearch(name="x", resource="challenge", query="", language=Language.DA, created_by=maker, told_until=0,
                           created_at=dt.datetime.now(dt.UTC))  # fmt: skip
        session.add(kept)
        session.flush()
        return kept.id


def _import(world: World, maker: str) -> tuple[str, str]:
    made: dict[str, Any] = {"resource": "partners", "created_at": dt.datetime.now(dt.UTC), "created_by": maker}
    job = Import(state="checked", mode="line_by_line", dry_run=True, granted={}, file_name="f", size=1, sha256="0" * 64,
                 **made)  # fmt: skip
    profile = ImportProfile(name="mine", system="s", external_id="id", columns=COLUMNS, **made)
    with world.database.writing() as session:
        session.add_all([job, profile])
        session.flush()
        return job.id, profile.id


COLUMNS = [{"target": "name.da", "source": "navn"}]
PROFILE = {"name": "another", "resource": "partners", "system": "s", "external_id": "id", "columns": COLUMNS}


def _of_imports(there: Programs) -> Iterator[Attempt]:
    """Everybody may have some; they are seen by who made them and by administrators, who run none in another's name."""
    yield Attempt("import:create", "POST", "/imports", FORM, EVERYBODY, EVERYBODY)
    yield Attempt("import_profile:create", "POST", "/import-profiles", PROFILE, EVERYBODY, EVERYBODY)
    (job, profile), seen = there.imports, {MAKER, ADMIN}
    yield Attempt("import:run", "POST", f"/imports/{job}/run", None, seen, {MAKER})
    yield Attempt("import:cancel", "POST", f"/imports/{job}/cancel", None, seen, seen)
    yield Attempt("import_profile:update", "PATCH", f"/import-profiles/{profile}", {}, seen, seen)
    yield Attempt("import_profile:delete", "DELETE", f"/import-profiles/{profile}", None, seen, seen)


FORM: dict[str, Any] = {"resource": "partners", "file": ("f.csv", b"a,b")}


def _program(world: World, maker: str | None, works_for: list[str], **given: Any) -> tuple[str, str]:
    now = dt.datetime.now(dt.UTC)
    members = [Membership(partner_id=world.partner[one], role=Role.MEMBER) for one in works_for]
    with world.database.writing() as session:
        account = User(name="program", created_at=now, memberships=members)
        session.add(account)
        session.flush()
        secret = ClientSecret(digest=account.id, created_at=now)
        session.add(ClientRow(id=account.id, name="program", kind=ClientKind.SERVICE, created_at=now, created_by=maker,
                              secrets=[secret], **given))  # fmt: skip
        session.flush()
        return account.id, secret.id


_ONE_OF = {"client:update", "client:revoke-secret", "client:block"}
"""What stops or changes a program asks any of those it acts for; the rest asks all of them."""


def attempts(world: World, there: Programs) -> Iterator[Attempt]:
    """Everything that asks for a permission about accounts or programs."""
    home = [{"partner_id": world.partner[HOME], "role": "member"}]
    program = {"name": "another", "kind": "service", "scopes": [], "memberships": home}
    yield Attempt("client:create", "POST", "/clients", program, EVERYBODY, {OF_HOME, ADMIN})
    both = {**program, "memberships": [*home, {"partner_id": world.partner[AWAY], "role": "member"}]}
    yield Attempt("client:create", "POST", "/clients", both, EVERYBODY, {ADMIN})
    alone = {"name": "another", "kind": "service", "scopes": [], "memberships": [], "test": True}
    yield Attempt("client:create", "POST", "/clients", alone, EVERYBODY, EVERYBODY)
    for permission, method, rest, body in (
        ("client:update", "PATCH", "", {}), ("client:block", "POST", "/block", None),
        ("client:unblock", "POST", "/unblock", None), ("client:add-secret", "POST", "/secrets", {}),
        ("client:revoke-secret", "DELETE", "/secrets/{secret}", None),
    ):  # fmt: skip
        of_both = {OF_HOME, OF_AWAY, ADMIN} if permission in _ONE_OF else {ADMIN}
        for (id, secret), sees, may in (
            (there.home, {OF_HOME, ADMIN}, {OF_HOME, ADMIN}),
            (there.both, {OF_HOME, OF_AWAY, ADMIN}, of_both),
            (there.test, {NEWCOMER, ADMIN}, {NEWCOMER, ADMIN}),
        ):
            path = f"/clients/{id}{rest}".replace("{secret}", secret)
            yield Attempt(permission, method, path, body, sees, may)
    # Its name belongs to everybody it acts for.
    named = f"/clients/{there.both[0]}"
    yield Attempt("client:update", "PATCH", named, {"name": "renamed"}, {OF_HOME, OF_AWAY, ADMIN}, {ADMIN})
    yield from _of_webhooks(there)
    yield from _of_searches(there)
    yield from _of_imports(there)
    yield Attempt("user:read", "GET", "/users", None, EVERYBODY, {ADMIN})
    reason = {"reason": "En prøve."}
    for permission, method, rest, body in (
        ("user:read", "GET", "", None), ("user:read", "GET", "/security-events", None),
        ("user:block", "POST", "/block", reason), ("user:unblock", "POST", "/unblock", reason),
        ("user:change-duties", "PUT", "/duties", {"duties": []}), ("user:erase", "POST", "/erase", reason),
        ("user:reset-password", "POST", "/password-reset", None),
    ):  # fmt: skip
        yield Attempt(permission, method, f"/users/{world.colleague}{rest}", body, {ADMIN}, {ADMIN})
        # Oneself is seen by everybody, which tells who may not from who does not see.
        yield Attempt(permission, method, f"/users/{{self}}{rest}", body, EVERYBODY - {ADMIN}, ())


def _of_webhooks(there: Programs) -> Iterator[Attempt]:
    """Everybody may have some, seen by who made them, by administrators and by those who lead the partner of a service, who
    can end its; nobody signs in another's name."""
    receiver = {"url": "https://8.8.8.8/"}
    yield Attempt("webhook:create", "POST", "/webhooks", receiver, EVERYBODY, EVERYBODY)
    yield from _of_webhook(there.webhook, {MAKER, ADMIN}, {MAKER, ADMIN}, {MAKER, ADMIN}, {MAKER})
    yield from _of_webhook(there.service_webhook, {OF_HOME, ADMIN}, {OF_HOME, ADMIN}, {ADMIN}, ())


def _of_webhook(
    one: tuple[str, str, str],
    sees: Collection[str],
    ends: Collection[str],
    may: Collection[str],
    signs: Collection[str],
) -> Iterator[Attempt]:
    id, secret, delivery = one
    for permission, method, rest, body in (
        ("webhook:update", "PATCH", "", {}), ("webhook:delete", "DELETE", "", None), ("webhook:ping", "POST", "/ping", None),
        ("webhook:resume", "POST", "/resume", None), ("webhook:add-secret", "POST", "/secrets", None),
        ("webhook:revoke-secret", "DELETE", f"/secrets/{secret}", None),
        ("webhook:redeliver", "POST", f"/deliveries/{delivery}/redeliver", None),
    ):  # fmt: skip
        who = {"webhook:add-secret": signs, "webhook:delete": ends}.get(permission, may)
        yield Attempt(permission, method, f"/webhooks/{id}{rest}", body, sees, who)


def _of_searches(there: Programs) -> Iterator[Attempt]:
    """Everybody may have some, seen by who made them and by administrators."""
    body = {"name": "x", "resource": "challenge"}
    yield Attempt("search:create", "POST", "/searches", body, EVERYBODY, EVERYBODY)
    yield Attempt("search:update", "PATCH", f"/searches/{there.search}", {"name": "y"}, {MAKER, ADMIN}, {MAKER, ADMIN})
    yield Attempt("search:delete", "DELETE", f"/searches/{there.search}", None, {MAKER, ADMIN}, {MAKER, ADMIN})


def differences(world: World, there: Programs, permission: str | None = None) -> Iterator[str]:
    """Where the answer is not what was promised."""
    for attempt in attempts(world, there):
        if permission is not None and attempt.permission != permission:
            continue
        for caller in CALLERS:
            if "{self}" in attempt.path and caller in (ANONYMOUS, _admin()):
                continue  # nobody is nobody's account; the last administrator stays, whoever may what
            yield from _difference(world, attempt, caller)


def _admin() -> Caller:
    return next(caller for caller in CALLERS if caller.name == ADMIN)


def _difference(world: World, attempt: Attempt, caller: Caller) -> Iterator[str]:
    client = world.in_person[caller.name]
    path = attempt.path.replace("{self}", client.user_id or "")
    options: dict[str, Any] = {} if attempt.body is None else {"json": attempt.body}
    if attempt.body is FORM:
        name, content = FORM["file"]
        form = {**FORM, "file": (io.BytesIO(content), name)}
        options = {"data": form, "content_type": "multipart/form-data"}
    with rehearsed(world.database):
        status = client.call(attempt.method, path, **options).status_code
    if attempt.expected(caller) != (200 if status in (200, 201, 202, 204) else status):
        yield f"{caller}: {attempt.method} {path}: {status} instead of {attempt.expected(caller)}"


def tried(world: World, there: Programs) -> set[str]:
    """The permissions that are."""
    return {attempt.permission for attempt in attempts(world, there)}


def asked() -> set[str]:
    """Those that the operations ask for, and those of the policy table."""
    ours = {one.permission for one in OPERATIONS_OF_ACCESS} - {"public", "logged-in"}
    return ours | {one for one in POLICY if one.split(":")[0] in OF_ACCESS}
