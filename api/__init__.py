"""The service: `create_app` puts its parts together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from api.config import Settings


def create_app(settings: Settings | None = None, openapi_version: str = "3.1.0") -> Flask:
    """The WSGI application for one installation."""
    # Here rather than above: a command that only needs, say, the settings must not load the whole service.
    from functools import partial

    from flask import Flask

    from api import config, identity, site, v1
    from api.db import Database
    from api.identity import refused, tokens
    from api.identity.issuers import Issuers
    from api.kit import http, logs, problems, proxies
    from api.kit.limits import Limits
    from api.kit.service import Service
    from api.kit.uploads import Request
    from api.kit.waiting import Seats
    from api.services import sandbox
    from api.storage import Storage
    from openapi.spec import PREFIX, Contract

    settings = settings or config.read()
    app = Flask("api", static_folder=None)
    app.request_class = Request
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["PROPAGATE_EXCEPTIONS"] = False

    logs.configure(settings.log)
    database = Database(settings.database_url)
    authenticate = sandbox.furnishing(partial(identity.authenticate, Issuers.from_settings(settings)))
    app.extensions["copi"] = Service(
        settings, database, authenticate, Storage(settings), Limits(settings), Seats(settings.waiting)
    )
    proxies.register(app, settings.trusted_proxies)
    http.register(app)
    problems.register(app)
    tokens.register(app, settings)
    refused.register(app)

    contract = Contract(app, problems.samples(), openapi_version)
    for blueprint in v1.BLUEPRINTS:
        contract.register_blueprint(blueprint, url_prefix=PREFIX if blueprint.versioned else None)
    app.register_blueprint(site.blp)
    app.extensions["contract"] = contract
    return app
