"""The pages people see: front page, docs with their prose, every kind of problem, and the way out of a digest.

Everything is served from here under a strict Content-Security-Policy: no inline script, nothing from elsewhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import orjson
from flask import Blueprint, Response, render_template, request, send_from_directory
from markdown_it import MarkdownIt

from api.config import Settings
from api.domain.errors import KINDS, NOT_FOUND, Refusal
from api.feeds import digests
from api.kit.answers import answer, public
from api.kit.problems import base_url, language_of_request
from api.kit.service import service
from api.site import figures
from openapi import contract
from openapi.spec import HERE, VERSION
from openapi.spec import intro as introduction
from schemas.wording import Say

blp = Blueprint("site", __name__, template_folder="templates", static_folder="static", static_url_path="/site")

_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_VARYING = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
_OF_PAGES = {
    **_VARYING,
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SWAGGER = Path(next(iter((find_spec("flask_swagger_ui") or KeyError).submodule_search_locations or ["."]))) / "dist"  # type: ignore[union-attr]
_SWAGGER_FILES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})


def _page(template: str, status: int = 200, **facts: object) -> Response:
    response = Response(render_template(template, version=VERSION, **facts), status)
    response.headers.update(_OF_PAGES)
    return response


def _facts(facts: Mapping[str, object]) -> Response:
    return Response(orjson.dumps(facts), headers=_VARYING, content_type="application/json")


def _wants_html() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html"


@cache
def _html(name: str, settings: Settings) -> str:
    text = introduction() if name == "intro.md" else (HERE / name).read_text(encoding="utf-8")
    if name == "security.md":
        for figure, value in figures.of(settings).items():
            text = text.replace(f"{{{figure}}}", value)
    return str(MarkdownIt().enable("table").render(text))


@blp.get("/")
def front() -> Response:
    """Say what this is, to a browser as a page, to a program as JSON."""
    if _wants_html():
        return _page("front.html", intro=_html("intro.md", service().settings))
    base = base_url()
    facts = {
        "name": "CO-PI API",
        "version": VERSION,
        "documentation": f"{base}/docs",
        "contract": f"{base}/v1/openapi.json",
        "status": f"{base}/v1/status",
        "resources": {
            name: f"{base}/v1/{name}" for name in ("challenges", "partners", "projects", "outcomes", "code-lists")
        },
    }
    return _facts(facts)


@blp.get("/docs")
def docs() -> Response:
    """Swagger UI on the running server's own contract."""
    return _page("docs.html")


@blp.get("/docs/<any(conformance, integrating, journey, 'open-data', security, versions):page>")
def prose(page: str) -> Response:
    """How to use the API, what is open data, how it meets rules of the state and of security, and how it changes."""
    return _page("prose.html", text=_html(f"{page}.md", service().settings))


@blp.get("/docs/<path:name>")
def docs_file(name: str) -> Response:
    """The packaged files of Swagger UI."""
    if name not in _SWAGGER_FILES:
        raise Refusal(NOT_FOUND)
    return send_from_directory(_SWAGGER, name, max_age=86_400)


@blp.get("/problems/<slug>")
def problem(slug: str) -> Response:
    """What a kind of problem means and what to do about it."""
    kind = KINDS.get(slug)
    if kind is None:
        raise Refusal(NOT_FOUND)
    language = language_of_request()
    if not _wants_html():
        facts = {
            "type": f"{base_url()}/problems/{slug}",
            "title": kind.title.in_(language),
            "status": kind.status,
            "advice": kind.advice.in_(language),
        }
        return _facts(facts)
    return _page("problem.html", kind=kind, kinds=KINDS.values(), language=language)


_LEAVING = {
    "title": Say("Afmeld mails fra CO-PI", "Stop mails from CO-PI"),
    "asks": Say(
        "Vil du ikke længere have mails om det nye i denne gemte søgning?",
        "Do you no longer want mails about what is new in this saved search?",
    ),
    "button": Say("Afmeld", "Stop them"),
    "stopped": Say(
        "Du får ikke flere mails om denne søgning. Den er stadig gemt.",
        "You get no more mails about this search. It is still saved.",
    ),
}


@blp.get("/unsubscribe/<uuid:id>/<string:token>")
def leaving(id: UUID, token: str) -> Response:
    """Ask the reader of a digest whether to stop it; a look changes nothing, for mail scanners look at everything."""
    digests.demand_token(str(id), token)
    return _leaving(action=f"/unsubscribe/{id}/{token}")


@blp.post("/unsubscribe/<uuid:id>/<string:token>")
def left(id: UUID, token: str) -> Response:
    """Stop a digest, by the button of that page."""
    digests.unsubscribe(str(id), token)
    return _leaving(stopped=True)


def _leaving(*, action: str = "", stopped: bool = False) -> Response:
    language = language_of_request()
    other = "en" if language == "da" else "da"
    facts = {"language": language, "other": other, "action": action, "stopped": stopped}
    response = _page("unsubscribe.html", 200, words=_LEAVING, **facts)
    response.headers["Cache-Control"] = "no-store"
    return response


@blp.get("/v1/openapi.json")
def openapi() -> Response:
    """The contract, OpenAPI 3.1."""
    return _contract(contract.FILES["3.1.0"])


@blp.get("/v1/openapi-3.0.json")
def openapi_older() -> Response:
    """The contract, OpenAPI 3.0, for tools that cannot read 3.1 yet."""
    return _contract(contract.FILES["3.0.3"])


def _contract(name: str) -> Response:
    body = _committed(name)
    return answer(body, f'"{zlib.crc32(body):08x}"', public(300))


@cache
def _committed(name: str) -> bytes:
    return (HERE / name).read_bytes()
