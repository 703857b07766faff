"""Where documents' bytes are: the same behaviour in a folder and behind S3, bounded memory, and nothing lost or half there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from api.config import Settings
from api.services.documents import lost
from api.storage import Missing, Storage, Unreachable
from tests.clients import Everybody
from tests.conftest import UNLIMITED, Server, build, empty
from tests.files import PDF
from tests.make import PASSWORD, Make
from tests.v1.test_documents import attach, form

MEBIBYTE = 1024 * 1024
CONTENT = os.urandom(7 * MEBIBYTE + 1)  # more than one part of a multipart upload
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 endpoint with a bucket."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    address = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/bilag", method="PUT")).close()
    yield address
    running.stop()


def in_s3(address: str, prefix: str) -> Settings:
    return Settings(
        documents=f"s3://bilag/{prefix}",
        s3_endpoint=address,
        s3_region="eu-north-1",
        s3_key_id="id",
        s3_secret="key-of-tests",
    )


@pytest.fixture(params=["folder", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "folder":
        return Settings(documents=str(tmp_path / "not" / "yet" / "there"))
    return in_s3(request.getfixturevalue("s3"), tmp_path.name)


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage(settings)


def test_a_content_is_kept_read_and_erased(storage):
    assert not storage.holds(SHA256)
    assert list(storage.contents()) == []
    storage.keep(SHA256, io.BytesIO(CONTENT))
    storage.keep(SHA256, io.BytesIO(CONTENT))
    assert storage.holds(SHA256)
    assert list(storage.contents()) == [SHA256]
    chunks = list(storage.read(SHA256, 0, len(CONTENT)))
    assert b"".join(chunks) == CONTENT
    assert len(chunks) > 1
    assert b"".join(storage.read(SHA256, 5, 6 * MEBIBYTE)) == CONTENT[5 : 6 * MEBIBYTE]
    storage.erase(SHA256)
    storage.erase(SHA256)
    assert not storage.holds(SHA256)
    with pytest.raises(Missing):
        storage.read(SHA256, 0, 1)


def test_another_process_finds_it(settings, storage):
    storage.keep(SHA256, io.BytesIO(CONTENT))
    assert b"".join(Storage(settings).read(SHA256, 0, 10)) == CONTENT[:10]


def test_the_keys_are_told_to_nobody(s3):
    settings = in_s3(s3, "x")
    assert "key-of-tests" not in repr(settings)
    assert "key-of-tests" not in repr(Storage(settings)._store)


def test_a_storage_that_is_gone_is_unreachable_soon():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        storage = Storage(in_s3(f"http://127.0.0.1:{closed.getsockname()[1]}", "x"))
        started = time.monotonic()
        with pytest.raises(Unreachable) as refused:
            storage.keep(SHA256, io.BytesIO(b"x"))
    assert time.monotonic() - started < 20
    assert "key-of-tests" not in str(refused.value.__cause__)


def test_a_bucket_that_is_not_there_is_unreachable(s3):
    storage = Storage(Settings(documents="s3://no-such-bucket", s3_endpoint=s3, s3_region="eu-north-1", s3_key_id="id",
                               s3_secret="key-of-tests"))  # fmt: skip
    with pytest.raises(Unreachable):
        storage.keep(SHA256, io.BytesIO(b"x"))


def test_a_document_goes_to_s3_and_back_over_http(server: Server, s3: str):
    settings = in_s3(s3, f"http-{server.engine}")
    app = build(
        server.database("documents_s3"), documents=settings.documents, s3_endpoint=s3, s3_region="eu-north-1",
        s3_key_id="id", s3_secret="key-of-tests",
    )  # fmt: skip
    database = app.extensions["copi"].database
    make = Make(database)
    try:
        editor = Everybody(app, make).copi_editor
        document = attach(editor, f"/challenges/{make.challenge()}").json["id"]
        assert editor.get(f"/documents/{document}/content").data == PDF
        part = editor.get(f"/documents/{document}/content", headers={"Range": "bytes=1-3"})
        assert (part.status_code, part.data) == (206, b"PDF")
        assert list(Storage(settings).contents()) == [hashlib.sha256(PDF).hexdigest()]
        assert editor.post(f"/documents/{document}/remove", version=1).status_code == 200
        assert list(Storage(settings).contents()) == []
    finally:
        empty(database)
        database.dispose()


# --- A server of its own ----------------------------------------------------------------------------------------

DIE = """
import os, signal, sys
from api.kit import uploads
keep = uploads.keep
def keep_and_die(*given):
    keep(*given)
    os.kill(os.getpid(), signal.SIGKILL)
uploads.keep = keep_and_die
"""


def _environment(url: str, folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COPI_")}
    unlimited = {f"COPI_{name.upper()}": "0" for name in UNLIMITED}
    return {**kept, **unlimited, "COPI_DATABASE_URL": url, "COPI_DOCUMENTS": str(folder / "documents"),
            "COPI_SECRET": "s" * 40, "COPI_WORKERS": "1", "COPI_LOG": "none", "PYTHONPATH": os.getcwd(), **more}  # fmt: skip


def test_killed_between_storage_and_commit_no_document_is_left(server: Server, tmp_path: Path):
    """The bytes are there, nothing refers to them, and `copi documents` erases them."""
    url = server.database("documents_killed")
    app = build(url, documents=str(tmp_path / "documents"))
    database, make = app.extensions["copi"].database, Make(app.extensions["copi"].database)
    challenge, user = make.challenge(), make.user(duties=["copi_editor"])
    script = (
        DIE
        + f"""
from api import create_app
from tests.clients import Client
from tests.v1.test_documents import attach
attach(Client(create_app(), {user!r}), "/challenges/{challenge}")
"""
    )
    died = subprocess.run(
        [sys.executable, "-c", script], env=_environment(url, tmp_path), capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    storage = Storage(Settings(documents=str(tmp_path / "documents")))
    assert list(storage.contents()) == [hashlib.sha256(PDF).hexdigest()]
    assert Everybody(app, make).copi_editor.get("/documents").json["total"] == 0
    assert list(lost(database, storage)) == []
    tidied = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "documents"],
        env=_environment(url, tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tidied.returncode == 0, tidied.stderr
    assert "erased 1 contents" in tidied.stdout
    assert list(storage.contents()) == []
    database.dispose()


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/v1/status").close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, running.pid
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(20)


def _peaks(group: int) -> dict[str, int]:
    """The most memory each process of the group has had, in bytes."""
    peaks = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) == group:
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
                peaks[status.parent.name] = int(lines["VmHWM"].split()[0]) * 1024
        except (OSError, KeyError):
            continue
    return peaks


def _growth(before: dict[str, int], after: dict[str, int]) -> int:
    return max(after[process] - before.get(process, 0) for process in after)


def _call(url: str, data: bytes | None = None, **headers: str) -> bytes:
    asked = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(asked) as answer:
        return bytes(answer.read())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_file_is_never_whole_in_memory(tmp_path: Path):
    """Over the real server: 150 MiB in and out, far more than what it has lying about unused after its start."""
    url = f"sqlite:///{tmp_path / 'copi.db'}"
    # Filled here: what the server itself would free after filling it would hide what an upload takes.
    make = Make(build(url).extensions["copi"].database)
    project, email = make.project(), "copi@tests.example"
    make.user(duties=["copi_editor"], email=email)
    make.database.dispose()
    limit = {"COPI_MAX_DOCUMENT_BYTES": str(200 * MEBIBYTE)}
    with _serving(_environment(url, tmp_path, **limit)) as (address, group):
        login = json.dumps({"email": email, "password": PASSWORD}).encode()
        token = json.loads(_call(f"{address}/v1/tokens", login, Content_Type="application/json"))["access_token"]
        known = {"Authorization": f"Bearer {token}", "Content_Type": "multipart/form-data; boundary=b"}

        def upload(content: bytes) -> str:
            sent = form('filename="a.pdf"', content)
            return str(json.loads(_call(f"{address}/v1/projects/{project}/documents", sent, **known))["id"])

        upload(PDF)
        before = _peaks(group)
        content = PDF + os.urandom(MEBIBYTE) * 150
        document = upload(content)
        uploading = _growth(before, _peaks(group))
        assert _call(f"{address}/v1/documents/{document}/content") == content
        altogether = _growth(before, _peaks(group))
    print(f"peak RSS: upload +{uploading / MEBIBYTE:.1f} MiB, with download +{altogether / MEBIBYTE:.1f} MiB")
    assert altogether < 40 * MEBIBYTE
