"""Which of the declared operations the request at hand asks for."""

from __future__ import annotations

from flask import current_app, request

from openapi.operations import Described


def operation() -> Described | None:
    """The operation as it was declared; None of a page, and of an address that is none."""
    view = current_app.view_functions.get(request.endpoint or "")
    method = "get" if request.method == "HEAD" else request.method.lower()
    acting = getattr(getattr(view, "view_class", None), method, view)
    found: Described | None = getattr(acting, "_apidoc", {}).get("described")
    return found
