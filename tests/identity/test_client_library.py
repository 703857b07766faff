"""A client library as everybody uses it, unmodified, against the real server: it needs our address and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from api.cli.demo import DEMO_PASSWORD, DEMO_SECRET
from schemas.names import EXAMPLE_IDS
from tests.conftest import Server
from tests.storage.test_concurrency import serving

pytestmark = pytest.mark.slow
README = Path(__file__).parents[2] / "README.md"
CLIENT = EXAMPLE_IDS["client"]
SCOPE = "challenge:create challenge:read"


@pytest.fixture(scope="module")
def base(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server, with the demo data."""
    with serving(server.database("library"), tmp_path_factory.mktemp("library")) as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def found(base: str, monkeypatch: pytest.MonkeyPatch) -> AuthorizationServerMetadata:
    """What the library discovers; that this server speaks HTTP is because it is on this machine."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    metadata = AuthorizationServerMetadata(requests.get(get_well_known_url(base, external=True), timeout=20).json())
    assert metadata["issuer"] == base
    for rule in ("token_endpoint", "jwks_uri", "scopes_supported", "grant_types_supported", "response_types_supported",
                 "token_endpoint_auth_methods_supported", "revocation_endpoint", "introspection_endpoint",
                 "revocation_endpoint_auth_methods_supported", "introspection_endpoint_auth_methods_supported",
                 "service_documentation"):  # fmt: skip
        if "127.0.0.1" not in str(metadata[rule]):  # it takes no address without HTTPS
            getattr(metadata, f"validate_{rule}")()
    return metadata


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_service_logs_in_calls_asks_and_revokes(base, found, method):
    assert method in found["token_endpoint_auth_methods_supported"]
    session = OAuth2Session(CLIENT, DEMO_SECRET, scope=SCOPE, token_endpoint_auth_method=method,
                            revocation_endpoint_auth_method=method)  # fmt: skip
    token = session.fetch_token(found["token_endpoint"], grant_type="client_credentials")
    assert (token["token_type"], token["scope"]) == ("Bearer", SCOPE)
    assert session.get(f"{base}/v1/me").json()["id"] == CLIENT

    told = session.introspect_token(found["introspection_endpoint"], token=token["access_token"]).json()
    assert (told["active"], told["client_id"], told["scope"]) == (True, CLIENT, SCOPE)
    assert session.revoke_token(found["revocation_endpoint"], token=token["access_token"]).status_code == 200
    assert session.get(f"{base}/v1/me").status_code == 401
    told = session.introspect_token(found["introspection_endpoint"], token=token["access_token"]).json()
    assert told == {"active": False}
    session.close()


def test_it_understands_what_is_refused(found):
    for secret, scope, error in (
        (DEMO_SECRET + "x", SCOPE, "invalid_client"),
        (DEMO_SECRET, "partner:trust", "invalid_scope"),
    ):
        with OAuth2Session(CLIENT, secret, scope=scope) as session, pytest.raises(OAuthError) as refused:
            session.fetch_token(found["token_endpoint"], grant_type="client_credentials")
        assert refused.value.error == error


def test_it_fetches_the_next_token_by_itself(base, found):
    with OAuth2Session(CLIENT, DEMO_SECRET, token_endpoint=found["token_endpoint"],
                       grant_type="client_credentials") as session:  # fmt: skip
        first = session.fetch_token(grant_type="client_credentials")
        session.token = {**first, "expires_at": int(time.time()) - 1}
        assert session.get(f"{base}/v1/me").status_code == 200
        assert session.token["access_token"] != first["access_token"]


def test_a_person_s_session_goes_on_until_it_is_revoked(base, found):
    login = {"email": "editor@aarhus.example", "password": DEMO_PASSWORD}
    pair = requests.post(f"{base}/v1/tokens", json=login, timeout=20).json()
    with OAuth2Session("copi", token=pair, token_endpoint_auth_method="none",
                       revocation_endpoint_auth_method="none") as session:  # fmt: skip
        assert session.get(f"{base}/v1/me").json()["email"] == login["email"]
        later = session.refresh_token(found["token_endpoint"], refresh_token=pair["refresh_token"])
        assert later["refresh_token"] != pair["refresh_token"]
        assert session.get(f"{base}/v1/me").status_code == 200
        revoked = session.revoke_token(found["revocation_endpoint"], token=later["refresh_token"],
                                       token_type_hint="refresh_token")  # fmt: skip
        assert revoked.status_code == 200
        assert session.get(f"{base}/v1/me").status_code == 401
        with pytest.raises(OAuthError) as refused:
            session.refresh_token(found["token_endpoint"], refresh_token=later["refresh_token"])
        assert refused.value.error == "invalid_grant"


def test_the_way_in_that_the_readme_shows_works_when_it_is_pasted(base, tmp_path):
    [block] = re.findall(r"```sh\n(api=.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    pasted = block.replace("http://127.0.0.1:8000", base).replace("python3", sys.executable)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", pasted], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state":"draft"' in done.stdout
