"""Whom nothing is sent to: every address that is not on the public Internet, however it is spelt or reached."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.config import Settings
from api.feeds import guard, sender
from api.feeds.guard import Guard, Refused, public
from api.feeds.sender import Line
from schemas.vocabulary import DeliveryError
from tests.v1.expect import problem
from tests.webhooks.receiver import receiving

NEAR = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",  # noqa: S104
    "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:53aa:64c::1", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "2a00::1%eth0",
]  # fmt: skip
FAR = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255",
       "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450:4001::1", "3ffe::1"]  # fmt: skip


@pytest.mark.parametrize("address", NEAR)
def test_addresses_nothing_is_sent_to(address):
    assert not public(ipaddress.ip_address(address))
    with pytest.raises(Refused) as refused:
        asking(address).demand("https://hooks.example.org/")
    assert refused.value.error is DeliveryError.REFUSED_ADDRESS
    with pytest.raises(Refused):
        asking("8.8.8.8", address).demand("https://hooks.example.org/")


@pytest.mark.parametrize("address", FAR)
def test_addresses_that_are_sent_to(address):
    asking(address).demand("https://hooks.example.org/")
    asking().demand(f"https://[{address}]/" if ":" in address else f"https://{address}/")


def asking(*answers: str, **options):
    """A guard whose DNS answers this, whatever it is asked."""
    return Guard(resolve=lambda host, port: list(answers), **options)


@pytest.mark.parametrize(
    "url",
    # Spellings of 127.0.0.1 and others that resolvers, browsers and libraries understand each in its own way.
    ["https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://127.0.1/",
     "https://0/", "https://0x/", "https://127.0.0.1./", "https://127.0.0.01/", "https://127.0.0.1.", "https://8.8.8.8./",
     "https://134744072/", "https://010.8.8.8/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::]/",
     "https://[0:0:0:0:0:0:0:1]/", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::1/", "https://::1/",
     "https://example.org./", "https://localhost./", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://ⓛocalhost/",
     "https://blåbær.example/", "https://hooks%2eexample.org/", "https://hooks.example.org%00.evil.example/",
     "https://user@hooks.example.org/", "https://user:word@hooks.example.org/", "https://@hooks.example.org/",
     "https://hooks.example.org#@evil.example/", "https://hooks.example.org/#here", "https://hooks.example.org\\@evil.example/",
     "https://hooks.example.org\\evil.example/", "https:// hooks.example.org/", "https://hooks.example.org/ here",
     "https://hooks.example.org/\r\nHost: evil.example", "https://hooks.example.org/\there", "https:///copi", "https://",
     "https:hooks.example.org", "//hooks.example.org/", "http://hooks.example.org/", "ftp://hooks.example.org/",
     "file:///etc/passwd", "gopher://hooks.example.org/", "https://hooks.example.org:22/", "https://hooks.example.org:80/",
     "https://hooks.example.org:0/", "https://hooks.example.org:1023/", "https://hooks.example.org:65536/",
     "https://hooks.example.org:https/", "https://hooks.example.org:-443/"],
)  # fmt: skip
def test_spellings_nothing_is_sent_to(url):
    with pytest.raises(Refused):
        asking("8.8.8.8").demand(url)


@pytest.mark.parametrize(
    ("url", "place", "path"),
    [("https://hooks.example.org", "hooks.example.org:443", "/"), ("https://HOOKS.example.ORG/A?b=c&d", "hooks.example.org:443", "/A?b=c&d"),
     ("https://hooks.example.org:8443/x", "hooks.example.org:8443", "/x"), ("https://hooks.example.org:1024/", "hooks.example.org:1024", "/"),
     ("https://xn--blbr-roah.example/", "xn--blbr-roah.example:443", "/"), ("https://1.example/", "1.example:443", "/"),
     ("https://[2606:4700::1111]:443/", "[2606:4700::1111]:443", "/")],
)  # fmt: skip
def test_what_is_sent_to(url, place, path):
    found = asking("8.8.8.8")
    found.demand(url)
    assert (found.target(url).place, found.target(url).path) == (place, path)


def test_plain_http_is_for_development_and_the_allow_list():
    with pytest.raises(Refused):
        asking("8.8.8.8", production=True).demand("http://hooks.example.org/")
    asking("8.8.8.8", production=False).demand("http://hooks.example.org/")
    exempt = Guard.of(Settings(webhook_allow="127.0.0.1:9000, localhost:80 ,[::1]:9000"))
    for url in ("http://127.0.0.1:9000/x", "http://localhost/", "http://[::1]:9000/"):
        exempt.demand(url)
    for url in ("http://127.0.0.1:9001/", "http://127.0.0.1/", "https://127.0.0.1/", "http://localhost:9000/"):
        with pytest.raises(Refused):
            exempt.demand(url)
    with pytest.raises(Refused):
        Guard(frozenset({"127.0.0.1:9000"}), production=True).demand("http://127.0.0.1:9000/")


def test_a_name_without_an_address_or_with_a_slow_answer_is_refused(monkeypatch):
    def unknown(host, port):
        raise OSError("no such name")

    for resolve in (unknown, lambda host, port: []):
        with pytest.raises(Refused) as refused:
            Guard(resolve=resolve).demand("https://hooks.example.org/")
        assert refused.value.error is DeliveryError.NO_ADDRESS
    monkeypatch.setattr(guard, "LONGEST", 0.05)
    answering = threading.Event()

    def slow(host, port):
        answering.wait(10)
        return ["8.8.8.8"]

    with pytest.raises(Refused):
        Guard(resolve=slow).demand("https://hooks.example.org/")
    answering.set()


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://2130706433/",
                                 "https://localhost/", "https://user@example.org/", "https://example.org:22/", "nonsense"])  # fmt: skip
def test_registration_and_change_are_refused_with_words(as_, subscribe, url):
    editor = as_.copi_editor
    refusal = problem(editor.post("/webhooks", {"url": url}), 422)
    assert [one["pointer"] for one in refusal["errors"]] == ["/url"]
    webhook = subscribe(editor)
    problem(editor.patch(f"/webhooks/{webhook['id']}", {"url": url}), 422)


# --- When it is dialled --------------------------------------------------------------------------------------


class Rebinding:
    """A name that leads to one place when it is judged and to another when it is asked again."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


@pytest.fixture
def dialled(monkeypatch):
    """Every address that is dialled; none of them answers."""
    found: list[str] = []

    class Silent:
        def __init__(self, address, port, **options):
            found.append(address)

        def connect(self):
            raise TimeoutError

        def close(self):
            pass

    monkeypatch.setattr(sender, "HTTPSConnection", Silent)
    return found


def test_the_address_that_was_judged_is_the_one_that_is_dialled(dialled):
    rebinding = Rebinding(["8.8.8.8", "2606:4700::1111"], ["127.0.0.1"])
    outcome = Line(Guard(resolve=rebinding)).post("https://hooks.example.org/", {}, b"{}")
    assert outcome.error is DeliveryError.TIMED_OUT
    assert dialled == ["8.8.8.8", "2606:4700::1111"]
    assert rebinding.asked == 1, "the name is not asked for a second time"


def test_a_name_that_has_turned_is_refused_at_the_next_connection(dialled):
    guarding = Guard(resolve=Rebinding(["8.8.8.8"], ["127.0.0.1"]))
    guarding.demand("https://hooks.example.org/")  # as at registration
    outcome = Line(guarding).post("https://hooks.example.org/", {}, b"{}")
    assert (outcome.error, outcome.status, dialled) == (DeliveryError.REFUSED_ADDRESS, None, [])


def certificate(folder, *names: str):
    """A certificate for these names, signed by itself: what is trusted by who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    ("names", "trusted", "error"),
    [(["hooks.example.org"], True, None), (["other.example.org"], True, DeliveryError.NO_TLS),
     (["hooks.example.org"], False, DeliveryError.NO_TLS)],
)  # fmt: skip
def test_the_certificate_is_that_of_the_name_though_an_address_is_dialled(tmp_path, monkeypatch, names, trusted, error):
    context = certificate(tmp_path, *names)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with receiving(context) as receiver:
        port = receiver.address.rpartition(":")[2]
        seen: list[str | None] = []
        context.sni_callback = lambda connection, name, _: seen.append(name)
        guarding = Guard(
            frozenset({f"hooks.example.org:{port}"}), production=True, resolve=lambda host, port: ["127.0.0.1"]
        )
        line = Line(guarding)
        outcome = line.post(f"https://hooks.example.org:{port}/", {}, b"{}")
        assert outcome.error is error
        assert seen == ["hooks.example.org"]
        assert len(receiver.got) == (error is None)
        if error is None:
            assert receiver.got[0].headers["host"] == f"hooks.example.org:{port}"
            assert line.post(f"https://hooks.example.org:{port}/", {}, b"{}").status == 204
            assert len({got.connection for got in receiver.got}) == 1
        line.close()


def test_proxies_of_the_environment_are_not_used(monkeypatch, receiver):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    line = Line(Guard(frozenset({receiver.place}), production=False))
    assert line.post(receiver.address, {}, b"{}").error is None
    line.close()
