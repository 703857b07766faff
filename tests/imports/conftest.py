"""What tests of imports share: sending a file, and a runner at work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.imports.runner import Runner
from tests.clients import Client


def form(fields: Mapping[str, str], name: str, content: bytes) -> bytes:
    """A form with a file in it; the test client's own would leave large ones open."""
    parts = [
        f'--b0und\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    head = f'--b0und\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return "".join([*parts, head]).encode() + content + b"\r\n--b0und--\r\n"


@dataclass
class Imports:
    """Sends files as a client, and works on them."""

    app: Flask
    client: Client

    def by(self, client: Client) -> Imports:
        """The same for somebody else."""
        return Imports(self.app, client)

    def send(self, content: bytes | str, name: str = "file.csv", **fields: str) -> TestResponse:
        """Send a file as a browser's form does; text goes in UTF-8."""
        content = content.encode() if isinstance(content, str) else content
        body = form({"resource": "partners", **fields}, name, content)
        return self.client.call("POST", "/imports", data=body, content_type="multipart/form-data; boundary=b0und")

    def work(self) -> int:
        """Have a runner work on what is waiting."""
        service = self.app.extensions["copi"]
        return Runner(service.database, service.storage).run(threading.Event())

    def take_in(self, content: bytes | str, name: str = "file.csv", **fields: str) -> dict[str, Any]:
        """Send a file and work on it; how that came out."""
        sent = self.send(content, name, **fields)
        assert sent.status_code == 202, sent.json
        self.work()
        return self.read(sent.json["id"])

    def read(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/imports/{id}").json
        return found


@pytest.fixture
def imports(app: Flask, as_: Any) -> Imports:
    """Imports by an editor at CO-PI, who may do all that files say."""
    return Imports(app, as_.copi_editor)


Csv = Callable[..., str]


def csv(*rows: Mapping[str, str], separator: str = ",", end: str = "\r\n") -> str:
    """A table of rows that all have the columns of the first; nothing is quoted."""
    lines = [separator.join(rows[0]), *(separator.join(row.values()) for row in rows)]
    return end.join(lines) + end


def partner(number: int | str, **cells: str) -> dict[str, str]:
    """A row of a partner that is in order."""
    own = {"source.system": "tests", "source.external_id": str(number), "name.da": f"Firma {number}", "kind": "company"}
    return own | cells


def counts(job: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, refused."""
    return job["created"], job["changed"], job["unchanged"], job["refused"]


def places(job: Mapping[str, Any]) -> list[tuple[int, str | None]]:
    """Where the errors are: lines and columns."""
    return [(one["line"], one["column"]) for one in job["errors"]]
