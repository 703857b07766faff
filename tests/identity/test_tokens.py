"""Access tokens: what is taken, and that everything else is 401, never 422 or 500."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.identity import keys
from api.identity.tokens import TYPE
from tests.clients import Client
from tests.identity.forge import Forge, encoded
from tests.make import PASSWORD
from tests.v1.expect import problem

A_UUID = "019b76da-a800-7000-8000-00000000000a"


@pytest.fixture
def forge(app, make):
    return Forge(app, make.user(duties=["copi_admin"]))


def calls(app, authorization):
    """A list, a write and a read: each decides on its own who calls."""
    client = Client(app)
    yield client.get("/challenges", headers={"Authorization": authorization})
    yield client.post("/partners", {}, headers={"Authorization": authorization})
    yield client.get(f"/challenges/{A_UUID}", headers={"Authorization": authorization})


def refused(app, token):
    for response in calls(app, f"Bearer {token}"):
        body = problem(response, 401)
        assert token not in response.text
        assert body["type"].endswith("/problems/unauthenticated")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_right_token_is_taken(app, forge):
    for scheme in ("Bearer", "bearer"):
        assert Client(app).get("/challenges", headers={"Authorization": f"{scheme} {forge.token()}"}).status_code == 200
    whole = forge.raw(json.dumps(forge.claims()).encode())
    assert Client(app).get("/challenges", headers={"Authorization": f"Bearer {whole}"}).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", " ", "Bearer", "Bearer ", "Bearer  ", "Bearer x", "Bearer a.b.c", "Bearer ...", "Bearer " + "x" * 5000, "Basic YTpi",
     "Token abc", "Bearer,x", "Bearer a b", "Bearer \xe6\xf8\xe5", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
     "Bearer eyJhbGciOiJIUzI1NiJ9..", "Bearer bnVsbA.bnVsbA.bnVsbA", "Bearer W10.W10.W10", "Digest username=x", "x" * 8000],
)  # fmt: skip
def test_an_authorization_that_cannot_be_read_is_refused(app, header):
    for response in calls(app, header):
        problem(response, 401)


def public_pem(private: Any) -> bytes:
    return bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def hs_signed(forge: Forge, secret: bytes) -> str:
    """HS256 by hand: libraries refuse a public key as its secret, an attacker does not."""
    import hashlib
    import hmac

    head = encoded(json.dumps({"alg": "HS256", "typ": TYPE, "kid": forge.kid}).encode())
    signed = f"{head}.{encoded(json.dumps(forge.claims()).encode())}"
    return f"{signed}.{encoded(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def swapped(forge: Forge) -> str:
    head, _, signature = forge.token().split(".")
    return f"{head}.{forge.token(sub=A_UUID).split('.')[1]}.{signature}"


NAMES = ("sub", "iss", "aud", "exp", "iat", "nbf", "jti", "client_id", "sid", "scope", "type")
REQUIRED = ("sub", "iss", "aud", "exp", "iat", "jti", "client_id", "type")
MAY_BE = {("nbf", None), ("sid", None)}
"""A claim that need not be there may as well be null."""
ODD = {
    "null": None, "true": True, "a number": 5, "a negative number": -1, "zero": 0, "a float": 1.5, "beyond time": 10**30,
    "an empty text": "", "a word": "admin", "NUL": "a\x00b", "a list": ["x"], "an empty list": [], "an object": {"x": 1},
    "a lone surrogate": "\ud800", "a quote": "' OR 1=1 --", "a long text": "x" * 3000, "another id": A_UUID,
}  # fmt: skip
STILL_RIGHT = {
    ("exp", "beyond time"), ("iat", "zero"), ("iat", "a negative number"), ("iat", "a number"), ("iat", "a float"),
    ("iat", "true"), ("nbf", "zero"), ("nbf", "a negative number"), ("nbf", "a number"), ("nbf", "a float"), ("nbf", "true"),
    ("nbf", "null"), ("sid", "null"), ("jti", "another id"),
    *(("scope", odd) for odd in ("an empty text", "a word", "NUL", "a quote", "a long text", "another id", "a lone surrogate")),
}  # fmt: skip
"""What is odd, and yet nothing that decides: a person's token has no use for scopes; the past is the past."""
ODD_CLAIMS = [
    pytest.param(name, value, id=f"{name} is {odd}")
    for name in NAMES
    for odd, value in ODD.items()
    if (name, odd) not in STILL_RIGHT
]


@pytest.mark.parametrize(("name", "value"), ODD_CLAIMS)
def test_a_claim_that_is_odd_is_refused(app, forge, name, value):
    refused(app, forge.raw(json.dumps(forge.claims(**{name: value})).encode()))


@pytest.mark.parametrize("name", REQUIRED)
def test_a_claim_that_is_missing_is_refused(app, forge, name):
    refused(app, forge.token(without=(name,)))


WRONG = {
    "another key": lambda forge: forge.token(key=ec.generate_private_key(ec.SECP256R1())),
    "another key under another name": lambda f: f.token(
        key=ec.generate_private_key(ec.SECP256R1()), headers={"kid": "x"}
    ),
    "a key that is not known": lambda forge: forge.token(headers={"kid": "unknown"}),
    "no name of a key": lambda forge: forge.token(headers={"kid": None}),
    "the name of a key with NUL": lambda forge: forge.token(headers={"kid": "a\x00b"}),
    "the path of a key": lambda forge: forge.token(headers={"kid": "../../dev/null"}),
    "a key by SQL": lambda forge: forge.token(headers={"kid": "x' UNION SELECT 'y"}),
    "a long name of a key": lambda forge: forge.token(headers={"kid": "x" * 5000}),
    "no signature": lambda forge: forge.token(algorithm="none", key=""),
    "NONE": lambda forge: (
        f"{encoded(json.dumps({'alg': 'NONE', 'typ': TYPE, 'kid': forge.kid}).encode())}."
        f"{encoded(json.dumps(forge.claims()).encode())}."
    ),
    "the public key as HS256's secret": lambda forge: hs_signed(forge, public_pem(forge.private)),
    "an empty HS256 secret": lambda forge: hs_signed(forge, b""),
    "RS256": lambda forge: forge.token(algorithm="RS256", key=rsa.generate_private_key(65537, 2048)),
    "PS256": lambda forge: forge.token(algorithm="PS256", key=rsa.generate_private_key(65537, 2048)),
    "ES384": lambda forge: forge.token(algorithm="ES384", key=ec.generate_private_key(ec.SECP384R1())),
    "EdDSA": lambda forge: forge.token(algorithm="EdDSA", key=ed25519.Ed25519PrivateKey.generate()),
    "expired": lambda forge: forge.token(exp=int(time.time()) - 1),
    "not valid yet": lambda forge: forge.token(nbf=int(time.time()) + 3600),
    "issued in the future": lambda forge: forge.token(iat=int(time.time()) + 3600),
    "another issuer": lambda forge: forge.token(iss="https://somebody.example"),
    "the issuer with a slash": lambda forge: forge.token(iss="http://localhost/"),
    "another audience": lambda forge: forge.token(aud="another-api"),
    "other audiences": lambda forge: forge.token(aud=["another-api", "a-third"]),
    "a refresh token": lambda forge: forge.token(type="refresh"),
    "a user that is not there": lambda forge: forge.token(sub=A_UUID),
    "a client that is not there": lambda forge: forge.token(client_id=A_UUID),
    "somebody as their own client": lambda forge: forge.token(client_id=forge.user),
    "a plain JWT": lambda forge: forge.token(headers={"typ": "JWT"}),
    "no type": lambda forge: forge.token(headers={"typ": None}),
    "an ID token": lambda forge: forge.token(headers={"typ": "id_token"}, nonce="x"),
    "a critical header": lambda forge: forge.token(headers={"crit": ["x"], "x": 1}),
    "an empty critical header": lambda forge: forge.token(headers={"crit": []}),
    "detached content": lambda forge: forge.token(headers={"crit": ["b64"], "b64": False}),
    "a key set of its own": lambda forge: forge.token(
        key=ec.generate_private_key(ec.SECP256R1()), headers={"kid": "mine", "jku": "http://127.0.0.1:1/jwks"}
    ),
    "a signature cut short": lambda forge: forge.token()[:-2],
    "a signature of nothing": lambda forge: forge.token().rpartition(".")[0] + ".",
    "no third part": lambda forge: forge.token().rpartition(".")[0],
    "a fourth part": lambda forge: forge.token() + ".x",
    "two tokens": lambda forge: f"{forge.token()}, {forge.token()}",
    "a space inside": lambda forge: forge.token().replace(".", " .", 1),
    "another payload under the signature": swapped,
    "a longer header": lambda forge: forge.token().replace(".", "A.", 1),
    "padding": lambda forge: forge.token() + "==",
    "too long": lambda forge: forge.token(scope="x" * 10_000),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_token_that_is_wrong_in_anything_is_refused(app, forge, wrong):
    refused(app, wrong(forge))


PAYLOADS = {
    "nothing": b"", "null": b"null", "a list": b"[]", "a text": b'"x"', "a number": b"1", "broken": b"{", "NaN": b'{"exp": NaN}',
    "bytes": b"\xff\xfe", "deep": b"[" * 2000, "an infinite expiry": b'{"exp": Infinity}', "an empty object": b"{}",
}  # fmt: skip
HEADERS = {
    "nothing": b"", "null": b"null", "a list": b"[]", "a text": b'"x"', "broken": b"{", "bytes": b"\xff", "deep": b"[" * 2000,
    "no algorithm": b'{"typ": "at+jwt"}', "a list of algorithms": b'{"alg": ["ES256"], "typ": "at+jwt"}',
    "no known algorithm": b'{"alg": "X", "typ": "at+jwt"}', "a number for a name": b'{"alg": "ES256", "typ": "at+jwt", "kid": 5}',
    "an object for a name": b'{"alg": "ES256", "typ": "at+jwt", "kid": {}}', "a null algorithm": b'{"alg": null}',
}  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_signed_payload_that_is_no_set_of_claims_is_refused(app, forge, payload):
    refused(app, forge.raw(payload))


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_no_header_is_refused(app, forge, header):
    refused(app, forge.raw(json.dumps(forge.claims()).encode(), header))


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_a_token_with_one_letter_changed_is_refused(app, forge, place):
    right = forge.token()
    at = place % (len(right) - 1)  # not the last letter, of which two bits say nothing
    if right[at] == ".":
        at += 1
    refused(app, right[:at] + ("A" if right[at] != "A" else "Q") + right[at + 1 :])


def test_a_blocked_user_is_refused_with_the_token_they_still_hold(app, make):
    user = make.user(duties=["copi_admin"], blocked=True)
    problem(Client(app, user).get("/challenges"), 401)


def test_a_library_agrees_with_what_we_issue(app, make, client):
    """RFC 9068: an outside resource server needs our key set and nothing else."""
    user = make.user(email="user@tests.example")
    issued = client.post("/tokens", {"email": "user@tests.example", "password": PASSWORD}).json["access_token"]
    known = client.outside("/.well-known/jwks.json").json
    key = jwt.PyJWKSet.from_dict(known)[jwt.get_unverified_header(issued)["kid"]]
    claims = jwt.decode(issued, key, audience="copi-api", issuer="http://localhost", algorithms=["ES256"])
    assert claims["sub"] == user
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} <= claims.keys()
    assert jwt.get_unverified_header(issued)["typ"] == "at+jwt"


@pytest.mark.parametrize("path", ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server"])
def test_what_others_keep_of_us_they_may_keep_until_a_new_key_signs(app, client, path):
    found = client.outside(path)
    assert found.headers["Cache-Control"] == f"public, max-age={keys.PUBLISHED_SECONDS}"
    assert "Authorization" not in found.headers["Vary"]
    assert client.outside(path, headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    with app.extensions["copi"].database.writing() as session:
        keys.rotate(session, app.extensions["copi"].settings)
    same = client.outside(path).headers["ETag"] == found.headers["ETag"]
    assert same == ("jwks" not in path)
