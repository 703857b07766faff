"""How a resource file declares its operations: one decorator each, which acts and documents.

`operation` says who may call (a permission of `domain.policy`, or PUBLIC), what it takes and gives, and on which kind
of record it works; `listing` reads pages; `steps` makes a POST of every row of a lifecycle. `history` reads what the
event log knows of a record. A view that declares nothing stops start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Response
from flask.views import MethodView

from api.domain import policy
from api.domain.steps import Lifecycle, Step
from api.kit import by_source, history, moving, parameters, writing
from api.kit import formats as offers
from api.kit.asking import Read
from api.kit.formats import Format
from api.kit.items import ItemReader
from api.kit.lists import ListReader
from api.kit.views import View, commands, declare, documented, reads, reads_document, writes
from api.models import Guarded, Resource
from openapi.deprecation import Deprecated
from openapi.operations import Described
from schemas.base import ResourceSchema, Shape, creating, patching, sending
from schemas.pages import page_of
from schemas.query import ListQuery, Q, Query, item_query, nested_query, offering
from schemas.steps import step_body

PUBLIC = None
"""The permission of what anyone may call."""
LOGGED_IN = "logged-in"
"""The permission of what everyone with a log-in may call, and sees what is theirs."""


class Undeclared(TypeError):
    """A view serves something it has not declared."""


class Blueprint(flask_smorest.Blueprint):
    """The operations on one resource. What is not `versioned` stands at the root of the server, for good."""

    def __init__(self, name: str, about: str | None, *, versioned: bool = True) -> None:
        super().__init__(name, f"api.v1.{name}", description=about)
        self.versioned = versioned
        self._prepare_doc_cbks = [documented]

    def add_url_rule(self, rule: str, endpoint: Any = None, view_func: Any = None, *rest: Any, **options: Any) -> None:
        """Register a view, once it has declared every operation it serves."""
        if isinstance(view_func, type) and issubclass(view_func, MethodView):
            view_func.init_every_request = False
            views = [getattr(view_func, method.lower()) for method in view_func.methods or ()]
        else:
            views = [view_func]
        for view in views:
            if "described" not in getattr(view, "_apidoc", {}):
                raise Undeclared(f"{view.__qualname__} on {rule} declares neither operation nor listing.")
        super().add_url_rule(rule, endpoint, view_func, *rest, **options)

    def listing(
        self,
        model: type[Resource],
        query: type[ListQuery],
        *,
        gives: type[Shape],
        within: type[Resource] | None = None,
        needs: str | None = PUBLIC,
        formats: tuple[Format, ...] = (),
        deprecated: Deprecated | None = None,
    ) -> Callable[[View], View]:
        """Read pages of a resource: filters, order, paging and total as its query declares them.

        `within` reads those that belong to the record in the address, which the caller must be able to see. What
        nobody sees without a log-in `needs` one, so that who forgot it is told so instead of finding nothing.
        Besides JSON it is answered in the `formats`.
        """
        query = _offering(query, formats)
        above = ""
        if within is not None:
            query, above = nested_query(query, within.__tablename__), f"{within.__tablename__}_"
        described = Described(
            f"list_{above}{self.name.replace('-', '_')}",
            "get",
            needs,
            query=query,
            gives=page_of(gives),
            formats=offers.media(formats),
            listing=True,
            item=within is not None,
            deprecated=deprecated,
        )
        reader = ListReader(model, query(), within, needs is not PUBLIC, formats)
        if within is None:
            return declare(described, lambda view: lambda _view: reader.respond())
        return declare(described, lambda view: lambda _view, id: reader.respond(str(id)))

    def operation(
        self,
        permission: str | None,
        *,
        name: str | None = None,
        item: type[Resource | Guarded] | None = None,
        within: type[Resource] | None = None,
        query: type[Query] = Query,
        takes: type[Shape] | None = None,
        gives: type[Shape] | None = None,
        streams: tuple[str, ...] = (),
        formats: tuple[Format, ...] = (),
        status: int = 200,
        named: bool = False,
        tagged: bool = False,
        seconds: int = 0,
        refuses: type[Shape] | None = None,
        needs: str = "",
        counted: bool = True,
        proves: bool = False,
        deprecated: Deprecated | None = None,
    ) -> Callable[[View], View]:
        """Declare what a view method is: who may call it, what it works on, takes and gives.

        A `tagged` answer carries an ETag of its own making. One that is the same for everybody may be kept for some
        `seconds`. One that is not `counted` has no limit; one that `proves` who calls counts for them once they have.
        One that `streams` bytes of these media types, rather than giving JSON, makes its answer itself. What is
        read comes in the `formats` besides JSON; unless it is a record, the view makes them.
        A write that asks for no permission of the policy works on no record: it minds its own transactions.
        One that `refuses` in a shape of its own answers no problem details.
        Who may call it, where no permission says so but the view itself, is told in words by `needs`.
        """
        if permission not in (PUBLIC, LOGGED_IN) and permission not in policy.POLICY:
            raise Undeclared(f"The policy table has no row {permission!r}.")

        def decorate(view: View) -> View:
            method = view.__name__
            kept = item is not None and issubclass(item, Resource)
            command = permission in (PUBLIC, LOGGED_IN) and item is None
            if method == "get" and item is not None and issubclass(item, Resource) and gives is type(item.schema):
                query_of_item = _offering(item_query(query), formats)  # type: ignore[arg-type]
                reader = ItemReader(item, query_of_item(), permission is not PUBLIC, formats)
                described = Described(
                    name or f"read_{item.__tablename__}",
                    method,
                    permission,
                    query=query_of_item,
                    gives=gives,
                    formats=offers.media(formats),
                    item=True,
                    versioned=True,
                    redirects="merged_into" in gives._declared_fields,
                    deprecated=deprecated,
                )
                return declare(described, lambda view: reads_document(reader))(view)
            asked = _offering(query, formats)
            described = Described(
                name or f"{_VERBS[method]}_{(permission or '').split(':')[0]}",
                method,
                permission,
                query=asked,
                takes=_taken(method, takes),
                gives=gives,
                streams=streams,
                formats=offers.media(formats),
                status=status,
                item=item is not None,
                named=named or within is not None,
                versioned=kept
                or (status == 201 and gives is not None and issubclass(gives, ResourceSchema))
                or tagged
                or seconds > 0,
                location=status in (201, 202) and item is None and gives is not None and gives.located,
                refuses=refuses,
                repeatable=method == "post" and permission is not PUBLIC and not command,
                versioned_address=self.versioned,
                needs=policy.needs(permission).en if permission in policy.POLICY else needs,
                counted=counted,
                proves=proves,
                deprecated=deprecated,
            )
            if method == "get":
                read = Read(permission, item or within, within is not None, asked(), gives, seconds)
                return declare(described, lambda view: reads(view, read))(view)
            if command:
                commanded = writing.Command(permission, takes, gives, status)
                return declare(described, lambda view: commands(view, commanded, asked()))(view)
            write = writing.Write(permission, item, within, takes, gives, status)
            return declare(described, lambda view: writes(view, write, asked()))(view)

        return decorate

    def steps(
        self,
        model: type[Resource],
        lifecycle: Lifecycle,
        *,
        gives: type[Shape],
        afterwards: Callable[[Any], None] | None = None,
    ) -> None:
        """One POST per row of the lifecycle; `afterwards` is told of each that was taken, once it is committed."""
        for step in (one for one in lifecycle.steps if not one.apart):
            view = self._step(model, lifecycle, step, gives, afterwards)
            self.add_url_rule(f"/{self.name}/<uuid:id>/{step.name}", view.__name__, view, methods=["POST"])

    def _step(
        self,
        model: type[Resource],
        lifecycle: Lifecycle,
        step: Step,
        gives: type[Shape],
        afterwards: Callable[[Any], None] | None,
    ) -> View:
        name = f"{step.name.replace('-', '_')}_{lifecycle.resource}"
        permission = f"{lifecycle.resource}:{step.name}"
        if permission not in policy.POLICY:
            raise Undeclared(f"The policy table has no row {permission!r}.")
        takes = step_body("".join(part.title() for part in name.split("_")), step.asks) if step.asks else None
        described = Described(
            name,
            "post",
            permission,
            takes=takes,
            body_required=any(not ask.endswith("?") for ask in step.asks),
            gives=gives,
            item=True,
            versioned=True,
            repeatable=True,
            needs=policy.needs(permission).en,
            shown=(f"read_{lifecycle.resource}", {"state": str(step.target), "version": 2}),
        )
        move = moving.Move(permission, model, step, takes, gives, afterwards)

        def view(id: Any) -> Response:
            parameters.read(_NO_PARAMETERS)
            return move.respond(str(id))

        view.__name__ = view.__qualname__ = name
        view.__doc__ = f"{step.summary}\n\n{_from_to(step)}"
        view._apidoc = {"described": described}  # type: ignore[attr-defined]
        return view

    def by_source(self, model: type[Resource], query: type[ListQuery], *, gives: type[ResourceSchema]) -> None:
        """Reading and putting a record by its id in the system it comes from."""
        for method, view in by_source.views(model, query, gives):
            rule = f"/{self.name}/by-source/<string:system>/<path:external_id>"
            self.add_url_rule(rule, view.__name__, view, methods=[method])

    def history(self, model: type[Resource], *, gives: type[Shape]) -> None:
        """Who changed a record, when, what and why; and each of its versions as it was."""
        for rest, view in history.views(model, gives):
            self.add_url_rule(f"/{self.name}/<uuid:id>/history{rest}", view.__name__, view, methods=["GET"])


def _offering(query: type[Q], formats: tuple[Format, ...]) -> type[Q]:
    if not formats:
        return query
    return offering(query, offers.names(formats), offers.dialects(formats), offers.languages(formats))


_NO_PARAMETERS = Query()
_VERBS = {"get": "read", "post": "create", "patch": "update", "put": "replace"}


def _taken(method: str, takes: type[Shape] | None) -> type[Shape] | None:
    if takes is None or takes.request:
        return takes
    return {"post": creating, "patch": patching}.get(method, sending)(takes)


def _from_to(step: Step) -> str:
    sources = ", ".join(f"`{source}`" for source in sorted(step.sources))
    words = " ".join(guard.words.en for guard in step.guards if not guard.about)
    demands = f" Refused with 409 as well while something is missing: {words}" if words else ""
    return f"{step.about} From {sources} to `{step.target}`; from any other state it is refused with 409.{demands}"
