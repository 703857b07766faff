"""Tokens that must open nothing, and right ones that must."""

import base64
import datetime as dt
import json
import time
import warnings

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.domain import clock
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.identity.envelope import LONGEST
from schemas.vocabulary import Role
from tests.federation.loopback import API, CVR, KEYS, entry, loopback, packed, public, rsa_key, trusting

pytestmark = pytest.mark.usefixtures("log")
STRANGER = rsa_key()
SHORT = rsa_key(1024)
P384 = ec.generate_private_key(ec.SECP384R1())


@pytest.fixture(autouse=True)
def _standing_still(monkeypatch):
    """It is the moment the tokens were made at, however long the tests before took."""
    monkeypatch.setattr(clock, "read", lambda: dt.datetime.fromtimestamp(NOW, dt.UTC))


@pytest.fixture(scope="module")
def one():
    """An issuer with a key of each kind, and some that must never be used."""
    with loopback() as issuer:
        issuer.keys = [
            public(KEYS["RS256"], "one"),
            public(KEYS["ES256"], "ec", alg="ES256", use="sig"),
            public(KEYS["EdDSA"], "ed"),
            public(STRANGER, "for encryption", use="enc"),
            public(STRANGER, "for wrapping", key_ops=["wrapKey"]),
            public(SHORT, "short"),
            public(STRANGER, "pinned", alg="PS256"),
            {
                **jwt.get_algorithm_by_name("RS256").to_jwk(STRANGER, as_dict=True),
                "kid": "given away",
                "key_ops": ["verify"],
            },
            public(KEYS["RS256"], "twice"),
            public(STRANGER, "twice"),
            {"kty": "oct", "kid": "secret", "k": packed(b"x" * 32), "alg": "HS256"},
            {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
            {"kty": ["RSA"], "kid": "odd", "key_ops": 7},
            {"kty": "RSA", "kid": "odder", "key_ops": 7},
            {},
        ]
        yield issuer


@pytest.fixture(scope="module")
def two():
    with loopback() as issuer:
        issuer.keys = [public(STRANGER, "two")]
        yield issuer


@pytest.fixture(scope="module")
def trusted(one, two, tmp_path_factory):
    return trusting(tmp_path_factory.mktemp("file"), entry(one.issuer), entry(two.issuer))


def refused(issuers, token, caplog):
    caplog.clear()
    with pytest.raises(Refusal) as refusal:
        issuers.verified(token)
    assert refusal.value.kind is UNAUTHENTICATED
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "refused" in said
    assert len(said) < 200
    assert not any(len(part) > 8 and part in said for part in token.split("."))
    return said


def raw(header, claims, key=KEYS["RS256"]):
    """A token with these very bytes in it, rightly signed."""
    signed = f"{packed(header)}.{packed(claims)}"
    return f"{signed}.{packed(jwt.get_algorithm_by_name('RS256').sign(signed.encode(), key))}"


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(issuer, secret, kid="one"):
    header, claims = issuer.token(kid=kid).split(".")[:2]
    header = packed({"alg": "HS256", "typ": "at+jwt", "kid": kid})
    signature = jwt.get_algorithm_by_name("HS256").sign(f"{header}.{claims}".encode(), secret)
    return f"{header}.{claims}.{packed(signature)}"


NOW = time.time()
RIGHT = {
    "RS256": {},
    "ES256": {"alg": "ES256", "kid": "ec"},
    "EdDSA": {"alg": "EdDSA", "kid": "ed"},
    "PS256 with a key for any RSA": {"alg": "PS256", "key": KEYS["RS256"]},
    "PS256 with a key for it": {"alg": "PS256", "key": STRANGER, "kid": "pinned"},
    "the only key that fits, unnamed": {"alg": "ES256", "kid": None},
    "a plain type": {"typ": "JWT"},
    "a type in full": {"typ": "application/at+jwt"},
    "no type": {"typ": None},
    "several audiences": {"aud": ["https://another.example", API]},
    "a moment in parts": {"exp": NOW + 60.5, "iat": NOW - 0.5},
    "a clock a little ahead": {"nbf": int(NOW) + 20, "iat": int(NOW) + 20},
    "a clock a little behind": {"exp": int(NOW) - 5},
    "a last day far away": {"exp": 253_402_300_799},
    "a nonce where the type is plain": {"nonce": "x"},
    "keys to fetch, which are not fetched": {
        "header": {"jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/", "jwk": public(STRANGER)}
    },
}


@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT)
def test_a_right_token_is_taken(one, trusted, right):
    token = one.token(**right)
    claims = trusted.verified(token)
    assert (claims.issuer, claims.subject, claims.partner_cvr, claims.roles) == (one.issuer, "ida", CVR, {Role.EDITOR})
    assert trusted.verified(token) is claims


WRONG = {
    "a stranger's key": {"key": STRANGER},
    "a stranger's key that comes along": {"key": STRANGER, "header": {"jwk": public(STRANGER, "one")}},
    "expired": {"exp": int(NOW) - 31},
    "not yet valid": {"nbf": int(NOW) + 3600},
    "made in the future": {"iat": int(NOW) + 3600},
    "another audience": {"aud": "https://another.example"},
    "several other audiences": {"aud": ["a", "b"]},
    "part of the audience": {"aud": API[:-1]},
    "no audience among the audiences": {"aud": []},
    "an audience that is no string": {"aud": [API, 7]},
    "an audience in an object": {"aud": {API: 1}},
    "another issuer": {"iss": "https://another.example"},
    "an issuer with a slash more": {"iss": None},
    "issuers in a list": {"iss": ["x"]},
    "no issuer": {"without": ("iss",)},
    "no audience": {"without": ("aud",)},
    "no expiry": {"without": ("exp",)},
    "no subject": {"without": ("sub",)},
    "an empty subject": {"sub": ""},
    "a subject of spaces": {"sub": "  "},
    "a subject with NUL": {"sub": "a\x00b"},
    "half a character as subject": {"sub": "\ud800"},
    "a subject that turns the text round": {"sub": "a\u202eb"},
    "a subject without end": {"sub": "x" * 256},
    "an id that is no string": {"jti": 7},
    "an id without end": {"jti": "x" * 256},
    "an expiry in words": {"exp": "tomorrow"},
    "an expiry in digits": {"exp": str(int(NOW) + 600)},
    "an expiry that is true": {"exp": True},
    "an expiry beyond time": {"exp": 10**30},
    "an expiry before time": {"exp": -1},
    "an expiry in a list": {"exp": [int(NOW) + 600]},
    "a beginning in words": {"nbf": "now"},
    "a beginning of nothing": {"nbf": None},
    "a beginning that is true": {"nbf": True},
    "a key nobody has": {"kid": "nine"},
    "the other issuer's key": {"key": STRANGER, "kid": "two"},
    "no key named where several fit": {"kid": None},
    "a name two keys have": {"kid": "twice"},
    "a key for encryption": {"key": STRANGER, "kid": "for encryption"},
    "a key whose secret half is published": {"key": STRANGER, "kid": "given away"},
    "a key for wrapping": {"key": STRANGER, "kid": "for wrapping"},
    "a key for another algorithm": {"key": STRANGER, "kid": "pinned"},
    "a curve's key for RSA": {"kid": "ec"},
    "an algorithm that is not allowed": {"alg": "RS512", "key": KEYS["RS256"]},
    "a curve that is not allowed": {"alg": "ES384", "key": P384, "kid": "ec"},
    "a header that must be understood": {"header": {"crit": ["exp"]}},
    "a header with an empty list to understand": {"header": {"crit": []}},
    "an ID token": {"typ": "JWT", "nonce": "x"},
    "an ID token of a code": {"typ": None, "at_hash": "x"},
    "a logout token": {"typ": "logout+jwt"},
    "a logout token that hides it": {"typ": "JWT", "events": {}},
    "another service's kind of token": {"typ": "dpop+jwt"},
    "a CVR number that is none": {"cvr": "12345678"},
    "a CVR number as a number": {"cvr": int(CVR)},
    "two CVR numbers": {"cvr": [CVR, "29189846"]},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_token_that_is_wrong_in_anything_is_refused(one, trusted, caplog, wrong):
    if wrong == {"iss": None}:
        wrong = {"iss": f"{one.issuer}/"}
    refused(trusted, made(one, **wrong), caplog)


def made(issuer, **wrong):
    """A token PyJWT itself would not make: its own checks of types are stepped over."""
    now = int(clock.now().timestamp())
    header = {"alg": wrong.pop("alg", "RS256"), "typ": wrong.pop("typ", "at+jwt"), "kid": wrong.pop("kid", "one")}
    header = {**{name: said for name, said in header.items() if said is not None}, **wrong.pop("header", {})}
    key, without = wrong.pop("key", KEYS["RS256"]), wrong.pop("without", ())
    claims = {"iss": issuer.issuer, "aud": API, "sub": "ida", "iat": now, "nbf": now, "exp": now + 600, "jti": "1", "cvr": CVR,
              **wrong}  # fmt: skip
    signed = f"{packed(header)}.{packed({name: said for name, said in claims.items() if name not in without})}"
    return f"{signed}.{packed(jwt.get_algorithm_by_name(header['alg']).sign(signed.encode(), key))}"


def test_the_tokens_above_are_right_but_for_what_is_wrong(one, trusted):
    assert trusted.verified(made(one)).subject == "ida"


def test_a_token_of_one_issuer_under_the_name_of_the_other_is_refused(one, two, trusted, caplog):
    assert trusted.verified(two.token(key=STRANGER, kid="two")).issuer == two.issuer
    refused(trusted, made(two, key=KEYS["RS256"], kid="one"), caplog)
    refused(trusted, made(two, key=KEYS["RS256"], kid="two"), caplog)


def test_a_short_key_signs_nothing(one, trusted, caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        token = one.token(key=SHORT, kid="short")
    refused(trusted, token, caplog)


def test_a_public_key_is_no_secret(one, trusted, caplog):
    for secret in (pem(KEYS["RS256"]), json.dumps(public(KEYS["RS256"], "one")).encode(), b"x" * 32, b""):
        for kid in ("one", "secret"):
            refused(trusted, hs256(one, secret, kid), caplog)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "rs256", "RS256 ", "HS256\x00", None, 7, ["RS256"], {}])
@pytest.mark.parametrize("signature", ["", "own"])
def test_a_token_chooses_no_algorithm(one, trusted, caplog, alg, signature):
    _, claims, own = one.token().split(".")
    header = packed({"alg": alg, "typ": "at+jwt", "kid": "one"})
    refused(trusted, f"{header}.{claims}.{own if signature else ''}", caplog)


HEADER = {"alg": "RS256", "typ": "at+jwt", "kid": "one"}


def claims_of(issuer, **more):
    now = int(clock.now().timestamp())
    return {"iss": issuer, "aud": API, "sub": "ida", "exp": now + 600, **more}


ODD_CLAIMS = {
    "a member twice": lambda said: said[:-1] + b',"sub":"admin"}',
    "a member twice, further in": lambda said: said[:-1] + b',"x":{"a":1,"a":2}}',
    "a member twice, spelled another way": lambda said: said[:-1] + b',"s\\u0075b":"admin"}',
    "a list": lambda said: b"[" + said + b"]",
    "a string": lambda said: b'"ida"',
    "null": lambda said: b"null",
    "nothing": lambda said: b"",
    "NaN": lambda said: said[:-1] + b',"nbf":NaN}',
    "NaN where nobody looks": lambda said: said[:-1] + b',"x":NaN}',
    "infinity": lambda said: said[:-1] + b',"nbf":-Infinity}',
    "a number beyond floats": lambda said: said[:-1] + b',"nbf":1e400}',
    "a number of 5,000 digits": lambda said: said[:-1] + b',"nbf":' + b"9" * 5000 + b"}",
    "7,000 brackets": lambda said: said[:-1] + b',"x":' + b"[" * 3500 + b"]" * 3500 + b"}",
    "half a bracket": lambda said: said[:-1],
    "something after the end": lambda said: said + b"{}",
    "a mark at the beginning": lambda said: b"\xef\xbb\xbf" + said,
    "UTF-16": lambda said: said.decode().encode("utf-16"),
    "no UTF-8": lambda said: said[:-1] + b',"x":"\xff"}',
    "NUL": lambda said: said[:-1] + b',"x":"\x00"}',
}


@pytest.mark.parametrize("odd", ODD_CLAIMS.values(), ids=ODD_CLAIMS)
def test_a_rightly_signed_token_that_can_be_read_in_two_ways_is_refused(one, trusted, caplog, odd):
    said = json.dumps(claims_of(one.issuer)).encode()
    assert trusted.verified(raw(HEADER, said))
    refused(trusted, raw(HEADER, odd(said)), caplog)


@pytest.mark.parametrize(
    "header",
    [b'{"alg":"RS256","kid":"one","alg":"none"}', b'{"alg":"RS256","kid":"one","kid":"two"}', b"[]", b"null", b"7", b"", b"{}",
     {**HEADER, "typ": 7}, {**HEADER, "typ": None}, {**HEADER, "kid": 7}, {**HEADER, "kid": None}, {**HEADER, "kid": ""}, {**HEADER, "kid": {}},
     {**HEADER, "kid": "x" * 5000}, {**HEADER, "kid": "../../etc/passwd"}, {**HEADER, "b64": False}, {**HEADER, "b64": 0}],
    ids=str,
)  # fmt: skip
def test_an_odd_header_is_refused(one, trusted, caplog, header):
    refused(trusted, raw(header, claims_of(one.issuer)), caplog)


SPOILED = {
    "padding": lambda head, body, sign: f"{head}.{body}.{sign}==",
    "padding in the middle": lambda head, body, sign: f"{head}=.{body}.{sign}",
    "a space": lambda head, body, sign: f"{head}.{body[:9]} {body[9:]}.{sign}",
    "a line break": lambda head, body, sign: f"{head}.{body}\n.{sign}",
    "letters of the other alphabet": lambda head, body, sign: f"{head}.{body[:9]}+{body[10:]}.{sign}",
    "wide letters": lambda head, body, sign: f"{head}.{chr(ord(body[0]) + 0xFEE0)}{body[1:]}.{sign}",
    "a letter nobody sees": lambda head, body, sign: f"{head}.{body}\u200b.{sign}",
    "half a character": lambda head, body, sign: f"{head}.{body}\ud800.{sign}",
    "a dot like another": lambda head, body, sign: f"{head}\u2024{body}.{sign}",
    "no signature": lambda head, body, sign: f"{head}.{body}.",
    "no dot": lambda head, body, sign: f"{head}.{body}",
    "a part more": lambda head, body, sign: f"{head}.{body}.{sign}.{sign}",
    "five parts": lambda head, body, sign: f"{head}.{body}.{sign}..",
    "half a signature": lambda head, body, sign: f"{head}.{body}.{sign[: len(sign) // 2]}",
    "another claim": lambda head, body, sign: f"{head}.{body[:-1]}{'A' if body[-1] != 'A' else 'B'}.{sign}",
    "nothing": lambda head, body, sign: "",
    "dots": lambda head, body, sign: "..",
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_token_with_a_sign_changed_is_refused(one, trusted, caplog, spoil):
    token = spoil(*one.token().split("."))
    refused(trusted, token, caplog)
    trusted.meant(token)  # decides nothing, and must not fail


def test_the_last_letter_s_idle_bits_are_not_idle(one, trusted, caplog):
    """The same bytes, spelled another way."""
    head, body, sign = one.token().split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = sign[:-1] + letters[letters.index(sign[-1]) + 1]
    assert base64.urlsafe_b64decode(other + "==") == base64.urlsafe_b64decode(sign + "==")
    refused(trusted, f"{head}.{body}.{other}", caplog)


def test_an_enormous_token_is_not_even_looked_at(one, trusted, caplog):
    assert trusted.verified(one.token(x="x" * 10_000))
    for token in (one.token(x="x" * LONGEST), "x" * 1_000_000, "." * 1_000_000):
        assert "too long" in refused(trusted, token, caplog)


def test_what_a_token_claims_to_be_is_told_before_it_is_judged(one, trusted):
    """So that whoever judges it is chosen by its issuer; a token that cannot be read is nobody's."""
    assert trusted.meant(one.token())
    assert trusted.meant(one.token(key=STRANGER))
    for other in (
        one.token(iss="https://another.example"),
        one.token(without=("iss",)),
        "",
        "x",
        "a.b.c",
        "æ.ø.å",
        "x" * 99_999,
    ):
        assert not trusted.meant(other)


def test_a_remembered_token_expires_all_the_same(one, trusted, caplog, monkeypatch):
    token = one.token()
    trusted.verified(token)
    later = clock.now() + dt.timedelta(seconds=631)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert "expired" in refused(trusted, token, caplog)


def test_a_token_that_is_too_old_is_refused_however_long_it_says_it_lives(one, tmp_path, caplog, monkeypatch):
    strict = trusting(tmp_path, entry(one.issuer, "max_age = 300\nleeway = 0"))
    token = one.token(exp=int(clock.now().timestamp()) + 86_400)
    assert strict.verified(token).subject == "ida"
    refused(strict, one.token(without=("iat",)), caplog)
    later = clock.now() + dt.timedelta(seconds=301)
    monkeypatch.setattr(clock, "read", lambda: later)
    assert "expired" in refused(strict, token, caplog)


def test_what_must_be_said_must_be_said(one, tmp_path, caplog):
    """As a level of assurance that is at least substantial."""
    nsis = "https://data.gov.dk/concept/core/nsis/"
    sure = trusting(
        tmp_path,
        entry(one.issuer, f'required_claims = {{ loa = ["{nsis}Substantial", "{nsis}High"], scp = "access_as_user" }}'),
    )
    right = {"loa": f"{nsis}Substantial", "scp": "profile access_as_user"}
    assert sure.verified(one.token(**right)).subject == "ida"
    for wrong in ({"loa": f"{nsis}Low"}, {"loa": ""}, {"loa": None}, {"loa": True}, {"loa": {f"{nsis}High": 1}},
                  {"loa": f"{nsis}substantial"}, {"loa": f"{nsis}High Low"}, {"scp": "access_as_user2"}):  # fmt: skip
        refused(sure, one.token(**{**right, **wrong}), caplog)
    refused(sure, one.token(scp="access_as_user"), caplog)


def test_claims_are_found_where_the_file_says(one, tmp_path):
    deep = trusting(
        tmp_path,
        f'issuer = "{one.issuer}"\naudience = ["x", "{API}"]\ncvr = "dk:gov:saml:attribute:CvrNumberIdentifier"\n'
        'roles = ["realm_access", "roles"]\nrole_map = { editors = "editor", boss = "manager" }\n'
        'name = ["person", "name"]\nemail = "mail"\ntoken_types = "JWT"\nalgorithms = "RS256"\n',
    )
    said = {"dk:gov:saml:attribute:CvrNumberIdentifier": [CVR], "realm_access": {"roles": ["boss", 7, None, "x"]},
            "person": {"name": "Ida"}, "mail": "ida@by.example"}  # fmt: skip
    claims = deep.verified(one.token(typ="JWT", **said))
    assert claims.roles == {Role.MANAGER}
    assert (claims.partner_cvr, claims.name, claims.email) == (CVR, "Ida", "ida@by.example")


@pytest.mark.parametrize("odd", [7, None, [], {}, "", "  ", "a\nb", "a\x00b", "\ud800", "x" * 300])
def test_a_name_that_cannot_be_shown_is_none(one, trusted, odd):
    claims = trusted.verified(made(one, name=odd, email=odd, roles=odd))
    assert (claims.name, claims.email, claims.roles) == (None, None, frozenset())


@pytest.mark.parametrize("verified", [False, "false", None, 0])
def test_an_address_nobody_has_verified_is_none(one, trusted, verified):
    assert trusted.verified(one.token(email="ida@by.example", email_verified=True)).email == "ida@by.example"
    assert trusted.verified(one.token(email="ida@by.example", email_verified=verified)).email is None


def test_memory_has_an_end(one, trusted, monkeypatch):
    monkeypatch.setattr("api.identity.issuers.REMEMBERED", 2)
    tokens = [one.token(jti=str(number)) for number in range(5)]
    for token in [*tokens, *tokens]:
        assert trusted.verified(token)
    assert len(trusted._verdicts) <= 2
