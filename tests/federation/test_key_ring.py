"""Keys of an issuer that rotates, is down, slow or hostile. Its clock is moved; nothing waits for time to pass."""

import json
import ssl
import threading
from itertools import pairwise

import pytest

from api.domain.errors import Refusal
from api.identity import issuer_keys, key_ring
from api.identity.issuer_file import secure
from tests.federation.loopback import KEYS, Ticks, entry, loopback, packed, public, rsa_key, send, trusting

NEXT = rsa_key()


@pytest.fixture
def issuer():
    with loopback() as issuer:
        yield issuer


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def trusted(issuer, ticks, tmp_path):
    return trusting(tmp_path, entry(issuer.issuer), ticks=ticks)


def taken(issuers, token):
    try:
        return bool(issuers.verified(token))
    except Refusal:
        return False


def down(request):
    send(request, b"", 503)


# --- How long keys are kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [("", 3600), ("max-age=1800", 1800), ("public, Max-Age=1800, must-revalidate", 1800), ("max-age=1", 300), ("max-age=0", 300),
     ("no-store", 300), ("no-cache, max-age=9000", 300), ("max-age=86400, private", 86_400), ("max-age=999999999", 86_400),
     ("max-age=9999999999", 3600), ("max-age=-5", 3600), ("max-age=soon", 3600), ("s-maxage=9", 3600)],
)  # fmt: skip
def test_keys_are_kept_as_long_as_the_issuer_asks_within_bounds(issuer, trusted, ticks, cache_control, seconds):
    issuer.headers = {"Cache_Control": cache_control}
    token = issuer.token()
    assert taken(trusted, token)
    ticks.now += seconds - 1
    assert taken(trusted, token)
    assert issuer.asked == 1
    ticks.now += 2
    assert taken(trusted, token)
    assert issuer.asked == 2


def test_a_flood_of_forged_key_ids_does_not_hammer_the_issuer(issuer, trusted, ticks):
    good = issuer.token()
    assert taken(trusted, good)
    for number in range(200):
        assert not taken(trusted, issuer.token(key=NEXT, kid=f"forged {number}"))
    assert issuer.asked == 1
    ticks.now += key_ring.PAUSE
    for number in range(200):
        assert not taken(trusted, issuer.token(key=NEXT, kid=f"forged {number}"))
    assert issuer.asked == 2
    assert taken(trusted, good)


def test_the_same_name_for_another_key_forgets_what_was_found_good(issuer, trusted, ticks):
    token = issuer.token()
    assert taken(trusted, token)
    issuer.keys = [public(NEXT, "one")]
    ticks.now += 3601
    assert not taken(trusted, token)
    assert taken(trusted, issuer.token(key=NEXT))


# --- An issuer that is down ---------------------------------------------------------------------------------


def test_known_keys_go_on_working_while_the_issuer_is_down_but_not_for_ever(issuer, trusted, ticks):
    token = issuer.token()
    assert taken(trusted, token)
    issuer.answer = down
    ticks.now += 3600 + key_ring.GRACE - 1
    assert taken(trusted, token)
    assert taken(trusted, issuer.token(jti="2"))
    ticks.now += 2
    assert not taken(trusted, token)
    issuer.answer = None
    ticks.now += key_ring.LONGEST_WAIT
    assert taken(trusted, token)


def test_an_issuer_that_is_down_is_asked_ever_more_seldom(issuer, trusted, ticks):
    issuer.answer = down
    asked, token = [], issuer.token()
    for _ in range(3600):
        ticks.now += 1
        before = issuer.asked
        assert not taken(trusted, token)
        if issuer.asked > before:
            asked.append(ticks.now)
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert 10 < len(asked) < 40
    assert gaps[0] <= key_ring.FIRST_WAIT + 1
    assert all(key_ring.LONGEST_WAIT / 2 <= gap <= key_ring.LONGEST_WAIT + 1 for gap in gaps[7:])
    assert len(set(gaps[7:])) > 1, "processes that failed together must not ask together"
    issuer.answer = None
    ticks.now += key_ring.LONGEST_WAIT
    assert taken(trusted, issuer.token())


def test_the_log_tells_what_is_wrong_with_an_issuer(issuer, trusted, log, caplog):
    issuer.answer = down
    taken(trusted, issuer.token())
    assert any(issuer.issuer in said and "503" in said for said in caplog.messages)


# --- An issuer that is slow ---------------------------------------------------------------------------------


class Gate:
    """An answer that waits until it is let go."""

    def __init__(self, issuer):
        self.issuer, self.reached, self.go = issuer, threading.Semaphore(0), threading.Event()
        self.answered = False

    def __call__(self, request):
        self.reached.release()
        self.go.wait(20)
        self.answered = True
        send(request, json.dumps({"keys": self.issuer.keys}).encode())


def test_one_asks_and_the_others_use_what_is_known(issuer, trusted, ticks, monkeypatch):
    monkeypatch.setattr(key_ring, "PATIENCE", 60)
    monkeypatch.setattr(issuer_keys, "LONGEST", 90)
    token = issuer.token()
    assert taken(trusted, token)
    issuer.answer = gate = Gate(issuer)
    ticks.now += 3601
    found = []
    asking = threading.Thread(target=lambda: found.append(taken(trusted, token)))
    asking.start()
    assert gate.reached.acquire(timeout=10)
    for _ in range(20):
        assert taken(trusted, token)
    assert not gate.answered
    assert issuer.asked == 2
    gate.go.set()
    asking.join(10)
    assert found == [True]
    assert issuer.asked == 2


def test_those_who_come_first_share_one_look(issuer, trusted):
    issuer.answer = gate = Gate(issuer)
    found, token = [], issuer.token()
    asking = [threading.Thread(target=lambda: found.append(taken(trusted, token))) for _ in range(8)]
    for one in asking:
        one.start()
    assert gate.reached.acquire(timeout=10)
    gate.go.set()
    for one in asking:
        one.join(10)
    assert found == [True] * 8
    assert issuer.asked == 1


def test_a_request_is_not_held_up_by_an_issuer_without_end(issuer, trusted, ticks, monkeypatch):
    monkeypatch.setattr(key_ring, "PATIENCE", 0.01)
    issuer.answer = stuck = Gate(issuer)
    assert not taken(trusted, issuer.token())
    assert stuck.reached.acquire(timeout=10)
    assert not taken(trusted, issuer.token())
    assert issuer.asked == 1
    # A look that never ends is given up; what it brings in the end counts for nothing.
    monkeypatch.setattr(key_ring, "PATIENCE", 10)
    issuer.answer = None
    ticks.now += key_ring.GIVEN_UP
    assert taken(trusted, issuer.token())
    issuer.keys = [public(NEXT, "late")]
    stuck.go.set()
    assert taken(trusted, issuer.token())


def test_an_answer_drop_by_drop_is_given_up(issuer, trusted, monkeypatch):
    monkeypatch.setattr(issuer_keys, "LONGEST", 0.5)
    ended = threading.Event()

    def dripping(request):
        request.send_response(200)
        request.end_headers()
        try:
            while not ended.wait(0.01):
                request.wfile.write(b" ")
        except OSError:
            ended.set()

    issuer.answer = dripping
    assert not taken(trusted, issuer.token())
    assert ended.wait(10), "the connection is closed"


def test_silence_is_given_up(issuer, trusted, monkeypatch):
    monkeypatch.setattr(issuer_keys, "LONGEST", 0.3)
    issuer.answer = gate = Gate(issuer)
    assert not taken(trusted, issuer.token())
    gate.go.set()


# --- An issuer that is hostile ------------------------------------------------------------------------------


def moved(request):
    send(request, b"", 302, Location=f"http://127.0.0.1:{request.server.server_port}/elsewhere")


def endless(request):
    request.send_response(200)
    request.end_headers()
    for _ in range(1000):
        request.wfile.write(b" " * 65_536)


def padded(request):
    """Right keys, after more than anybody should have to read."""
    right = json.dumps({"keys": [public(KEYS["RS256"], "one")]}).encode()
    send(request, b" " * issuer_keys.LARGEST + right)


def zipped(request):
    import gzip

    send(request, gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")


def garbled(request):
    request.wfile.write(b"\x00\x01 not HTTP at all\r\n\r\n")


def cut(request):
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"keys":')


def headers(request):
    request.send_response(200)
    for number in range(500):
        request.send_header(f"X-{number}", "x")
    request.end_headers()


def body(content):
    return lambda request: send(request, content)


HOSTILE = {
    "an error": down,
    "another address": moved,
    "no end": endless,
    "right keys after much nothing": padded,
    "a bomb": zipped,
    "no HTTP": garbled,
    "half an answer": cut,
    "headers without end": headers,
    "nothing": body(b""),
    "no JSON": body(b"<html>"),
    "no UTF-8": body(b"\xff\xfe"),
    "a list": body(b"[]"),
    "brackets": body(b"[" * 400_000),
    "no keys": body(b"{}"),
    "an empty set": body(b'{"keys":[]}'),
    "keys that are none": body(b'{"keys":[null,7,"x",{},{"kty":"RSA"},{"kty":"EC","crv":"P-256","x":1,"y":[]}]}'),
    "keys in an object": body(b'{"keys":{"kty":"RSA"}}'),
    "a secret": body(json.dumps({"keys": [{"kty": "oct", "kid": "one", "k": packed(b"x" * 32)}]}).encode()),
    "a point off its curve": body(
        json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "x": packed(b"\1" * 32), "y": packed(b"\1" * 32)}]}).encode()
    ),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_no_answer(issuer, trusted, ticks, answer):
    issuer.answer = answer
    assert not taken(trusted, issuer.token())
    issuer.answer = None
    ticks.now += key_ring.LONGEST_WAIT
    assert taken(trusted, issuer.token())
    issuer.answer = answer
    ticks.now += 3601
    assert taken(trusted, issuer.token()), "what was known goes on working"


ABOUT = {
    "another issuer": {"issuer": "https://another.example"},
    "a slash more": {"issuer": "{}/"},
    "no issuer": {"issuer": None},
    "no keys": {"jwks_uri": None},
    "keys in a list": {"jwks_uri": ["{}/keys"]},
    "a file": {"jwks_uri": "file:///etc/passwd"},
    "another machine in the clear": {"jwks_uri": "http://keys.tests.example/keys"},
    "a password on the way": {"jwks_uri": "http://me:secret@127.0.0.1/keys"},
    "no address": {"jwks_uri": "http://[::1/keys"},
    "no port": {"jwks_uri": "http://127.0.0.1:99999/keys"},
    "a line break": {"jwks_uri": "http://127.0.0.1/\r\nkeys"},
}


@pytest.mark.parametrize("about", ABOUT.values(), ids=ABOUT)
def test_a_discovery_document_that_misleads_is_not_followed(issuer, trusted, about):
    issuer.about |= {
        name: said.format(issuer.issuer) if isinstance(said, str) else said for name, said in about.items()
    }
    assert not taken(trusted, issuer.token())
    assert issuer.asked == 0


def test_an_issuer_elsewhere_cannot_point_into_this_machine():
    assert secure("http://127.0.0.1:9/keys")
    assert not secure("http://127.0.0.1:9/keys", local=False)
    assert not secure("http://localhost.tests.example/keys")
    assert secure("https://keys.tests.example/keys", local=False)


# --- TLS ----------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path):
    """A certificate for this machine that nobody has vouched for."""
    import datetime as dt
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    key, now = KEYS["ES256"], dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False), critical=True
        )
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "tls.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_only_a_certificate_somebody_vouches_for_is_believed(certificate, tmp_path, ticks, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with loopback(context) as issuer:
        trusted = trusting(tmp_path, entry(issuer.issuer), ticks=ticks)
        assert not taken(trusted, issuer.token())
        assert issuer.asked == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        ticks.now += key_ring.LONGEST_WAIT
        assert taken(trusted, issuer.token())


def test_an_issuer_behind_tls_leads_nowhere_without(certificate, tmp_path, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with loopback(context) as issuer, loopback() as plain:
        trusted = trusting(tmp_path, entry(issuer.issuer))
        issuer.about["jwks_uri"] = f"{plain.issuer}/keys"
        assert not taken(trusted, issuer.token())
        assert plain.asked == 0


def test_nothing_is_asked_before_a_token_comes(issuer, trusted):
    assert trusted.knows(issuer.issuer)
    assert issuer.asked == 0
