"""The operator's file: what is taken, and what every mistake is told."""

import re
from pathlib import Path

import pytest

from api.config import SettingsError
from api.identity.issuer_file import issuers
from schemas.vocabulary import PlatformRole, Role

RIGHT = 'issuer = "https://login.by.example/"\naudience = "copi"\n'


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "issuers.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_an_issuer_and_its_audience_are_enough(file):
    (one,) = issuers(file(f"[[issuer]]\n{RIGHT}"))
    assert one.issuer == "https://login.by.example/"
    assert one.discovery == "https://login.by.example/.well-known/openid-configuration"
    assert one.audience == ("copi",)
    assert one.algorithms == {"RS256", "ES256", "PS256", "EdDSA"}
    assert one.token_types == {"at+jwt", "jwt", ""}
    assert (one.cvr, one.partner, one.role_map, one.duty_map, one.max_age) == (None, None, {}, {}, None)


def test_everything_can_be_said(file):
    (one,) = issuers(
        file(f"""[[issuer]]
        {RIGHT}
        algorithms = ["ES384"]
        discovery = "http://[::1]:9/openid"
        token_types = ["application/AT+JWT"]
        cvr = ["org", "cvr"]
        roles = "groups"
        role_map = {{ a = "manager" }}
        duty_map = {{ b = "copi_admin" }}
        name = "display"
        email = "upn"
        required_claims = {{ acr = "high", amr = ["mfa", "hwk"] }}
        leeway = 0
        max_age = 3600
    """)
    )
    assert one.discovery == "http://[::1]:9/openid"
    assert one.algorithms == {"ES384"}
    assert one.token_types == {"at+jwt"}
    assert (one.cvr, one.roles, one.name, one.email) == (("org", "cvr"), ("groups",), ("display",), ("upn",))
    assert (one.role_map, one.duty_map) == ({"a": Role.MANAGER}, {"b": PlatformRole.COPI_ADMIN})
    assert one.required_claims == {"acr": {"high"}, "amr": {"mfa", "hwk"}}
    assert (one.leeway, one.max_age) == (0, 3600)


MISTAKES = {
    "no audience": ('issuer = "https://a.example"', "audience: must be given"),
    "no issuer": ('audience = "copi"', "issuer: must be given"),
    "an empty audience": ('issuer = "https://a.example"\naudience = ""', "audience: write a string, or a list"),
    "no audience in the list": ('issuer = "https://a.example"\naudience = []', "audience: write a string, or a list"),
    "an audience that is no string": ('issuer = "https://a.example"\naudience = [7]', "audience: write a string, or a list"),
    "an issuer in the clear": ('issuer = "http://a.example"\naudience = "x"', "issuer: write an https:// address"),
    "an issuer that is no address": ('issuer = "a.example"\naudience = "x"', "issuer: write an https:// address"),
    "an issuer with a password": ('issuer = "https://a:b@a.example"\naudience = "x"', "issuer: write an https:// address"),
    "an issuer that is no string": ('issuer = 7\naudience = "x"', "issuer: Not a valid string"),
    "discovery in the clear": (f'{RIGHT}discovery = "http://a.example/x"', "discovery: write an https:// address"),
    "a shared secret": (f'{RIGHT}algorithms = ["RS256", "HS256"]', "algorithms: HS256 proves nothing here; choose among RS256"),
    "no signature": (f'{RIGHT}algorithms = "none"', "algorithms: none proves nothing here"),
    "a frontend that is none": (f'{RIGHT}frontend = "app"', "frontend: write the id of a frontend registered here"),
    "an unknown algorithm": (f'{RIGHT}algorithms = "rs256"', "algorithms: rs256 proves nothing here"),
    "a word misspelt": (f'{RIGHT}rolemap = {{}}', "rolemap: no such key; correct its name or take it out"),
    "a role that is none": (f'{RIGHT}cvr = "cvr"\nrole_map = {{ x = "boss" }}', "role_map.x: choose among member, editor, manager"),
    "a duty for a role": (f'{RIGHT}cvr = "cvr"\nrole_map = {{ x = "copi_admin" }}', "role_map.x: choose among"),
    "a duty that is none": (f'{RIGHT}duty_map = {{ x = "manager" }}', "duty_map.x: choose among adviser, copi_editor, copi_admin"),
    "a duty of service accounts": (f'{RIGHT}duty_map = {{ x = "integrator" }}', "duty_map.x: choose among adviser"),
    "roles in no organisation": (f'{RIGHT}role_map = {{ x = "editor" }}', "role_map: a role is held in an organisation: set cvr or partner too"),
    "an organisation twice": (f'{RIGHT}cvr = "cvr"\npartner = "10000009"', "partner: name either the claim"),
    "a CVR number that is none": (f'{RIGHT}partner = "12345678"', "partner: write the CVR number as its eight digits"),
    "a CVR number with its country": (f'{RIGHT}partner = "DK10000009"', "partner: write the CVR number as its eight digits"),
    "a CVR number as a number": (f'{RIGHT}partner = 10000009', "partner: Not a valid string"),
    "too much leeway": (f'{RIGHT}leeway = 61', "leeway: Must be greater than or equal to 0 and less than or equal to 60"),
    "leeway in words": (f'{RIGHT}leeway = "30"', "leeway: "),
    "leeway in parts": (f'{RIGHT}leeway = 0.5', "leeway: "),
    "an age too small": (f'{RIGHT}max_age = 5', "max_age: "),
    "a claim with no value": (f'{RIGHT}required_claims = {{ acr = [] }}', "required_claims.acr: write a string, or a list"),
    "a claim with a number": (f'{RIGHT}required_claims = {{ acr = 3 }}', "required_claims.acr: write a string, or a list"),
    "a path of nothing": (f'{RIGHT}cvr = [""]', "cvr: write a string, or a list"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place(file, text, told):
    path = file(f'[[issuer]]\nissuer = "https://first.example"\naudience = "x"\n\n[[issuer]]\n{text}\n')
    with pytest.raises(SettingsError) as wrong:
        issuers(path)
    said = str(wrong.value)
    assert said.startswith(f"COPI_ISSUERS: {path}, [[issuer]] at line 5: ")
    assert told in said
    assert said.endswith(".")


FILES = {
    "an empty file": ("", "names no issuer; begin each with a line [[issuer]]"),
    "no TOML": ("[[issuer]\n", "line 1"),
    "no UTF-8": (b"\xff", "cannot be read"),
    "one issuer without its brackets": (f"[issuer]\n{RIGHT}", "begin each with a line [[issuer]]"),
    "another table": (f"[[issuer]]\n{RIGHT}\n[[issuers]]\nx = 1", "unknown key issuers; only [[issuer]] belongs there"),
    "no tables": ('issuer = ["x"]', "number 1: Invalid input type"),
    "the same twice": (f"[[issuer]]\n{RIGHT}[[issuer]]\n{RIGHT}", "at line 4: issuer: https://login.by.example/ is named twice"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_used_is_told(file, text, told):
    path = file(text)
    with pytest.raises(SettingsError, match=re.escape(told)) as wrong:
        issuers(path)
    assert path in str(wrong.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"COPI_ISSUERS: .*nowhere\.toml cannot be read: "):
        issuers(str(tmp_path / "nowhere.toml"))


def test_the_examples_in_the_docs_are_taken(file):
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    entra, broker = issuers(file(example))
    assert entra.partner
    assert not entra.duty_map
    assert broker.cvr == ("nemlogin.cvr",)
    assert broker.required_claims["loa"] == {"https://data.gov.dk/concept/core/nsis/Substantial"}
