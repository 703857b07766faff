"""Access tokens of a real provider: discovery, keys and log-in over HTTP, signed by Authlib."""

import time

import jwt
import pytest

from api.config import Settings
from api.domain.errors import UNAUTHENTICATED, Refusal
from api.identity.issuers import Issuers
from schemas.vocabulary import PlatformRole, Role
from tests.federation.loopback import Ticks, trusting
from tests.federation.provider import API, running

MAPS = f"""
audience = "{API}"
role_map = {{ "CO-PI.Editor" = "editor", "CO-PI.Manager" = "manager" }}
duty_map = {{ "CO-PI.Adviser" = "adviser" }}
"""


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def provider(request):
    with running(request.param) as provider:
        yield provider


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def trusted(provider, tmp_path, ticks):
    """The provider as a broker, whose tokens carry the CVR number."""
    return trusting(tmp_path, f'issuer = "{provider.issuer}"\ncvr = "nemlogin.cvr"\n{MAPS}', ticks=ticks)


def refused(issuers, token):
    with pytest.raises(Refusal) as refusal:
        issuers.verified(token)
    assert refusal.value.kind is UNAUTHENTICATED
    assert refusal.value.__cause__ is not None


def test_somebody_who_logged_in_there_is_known_here(provider, trusted):
    ida = provider.user(**{"name": "Ida Holm", "email": "ida@by.example", "nemlogin.cvr": "10000009",
                           "roles": ["CO-PI.Editor", "CO-PI.Adviser", "Payroll"]})  # fmt: skip
    token = provider.log_in(ida)["access_token"]
    assert trusted.knows(provider.issuer)
    assert trusted.meant(token)
    claims = trusted.verified(token)
    said = jwt.decode(token, options={"verify_signature": False})
    assert (claims.issuer, claims.subject, claims.jti, claims.expires) == (
        provider.issuer,
        ida,
        said["jti"],
        said["exp"],
    )
    assert (claims.name, claims.email, claims.partner_cvr) == ("Ida Holm", "ida@by.example", "10000009")
    assert claims.roles == {Role.EDITOR}
    assert claims.duties == {PlatformRole.ADVISER}
    assert claims.expires > time.time()


def test_a_citizen_without_an_organisation_holds_no_role(provider, trusted):
    token = provider.log_in(provider.user(name="Bo", roles=["CO-PI.Manager"]))["access_token"]
    claims = trusted.verified(token)
    assert claims.partner_cvr is None
    assert claims.roles == frozenset()


def test_a_municipality_s_own_issuer_speaks_for_it_alone(provider, tmp_path):
    own = trusting(tmp_path, f'issuer = "{provider.issuer}"\npartner = "10000009"\n{MAPS}')
    token = provider.log_in(provider.user(cvr="29189846", roles="CO-PI.Manager"))["access_token"]
    claims = own.verified(token)
    assert claims.partner_cvr == "10000009"
    assert claims.roles == {Role.MANAGER}


def test_nobody_becomes_staff_without_a_duty_map(provider, tmp_path):
    plain = trusting(tmp_path, f'issuer = "{provider.issuer}"\naudience = "{API}"\n')
    claims = plain.verified(provider.log_in(provider.user(roles=["copi_admin", "manager"]))["access_token"])
    assert (claims.duties, claims.roles) == (frozenset(), frozenset())


@pytest.mark.parametrize("audience", ["frontend", API])
def test_an_id_token_opens_nothing(provider, trusted, monkeypatch, audience):
    """Nor where frontend and service share a registration, so that the audience would be right."""
    monkeypatch.setattr(provider, "id_audience", audience)
    refused(trusted, provider.log_in(provider.user())["id_token"])


def test_the_keys_are_fetched_once_for_many_tokens(provider, trusted):
    before = provider.asked
    for _ in range(3):
        token = provider.log_in(provider.user())["access_token"]
        trusted.verified(token)
        trusted.verified(token)
    assert provider.asked == before + 1


def test_a_new_key_is_found_and_the_old_one_works_while_it_is_published(provider, trusted, ticks):
    old = provider.log_in(provider.user())["access_token"]
    trusted.verified(old)
    provider.rotate(keep=1)
    new = provider.log_in(provider.user())["access_token"]
    refused(trusted, new)  # it was asked just now
    ticks.now += 31
    assert trusted.verified(new)
    assert trusted.verified(old)


def test_a_key_taken_away_takes_its_tokens_along(provider, trusted, ticks):
    """Also those that were found good before: a key is withdrawn at once when it has been stolen."""
    stolen = provider.log_in(provider.user())["access_token"]
    trusted.verified(stolen)
    provider.rotate()
    assert trusted.verified(stolen)
    ticks.now += 31
    assert trusted.verified(provider.log_in(provider.user())["access_token"])
    refused(trusted, stolen)


def test_without_a_new_key_in_sight_a_withdrawn_one_goes_when_the_time_of_the_keys_is_up(provider, trusted, ticks):
    stolen = provider.log_in(provider.user())["access_token"]
    trusted.verified(stolen)
    provider.rotate()
    ticks.now += 3601  # the provider says nothing of how long they may be kept
    refused(trusted, stolen)


def test_without_the_setting_nobody_else_is_trusted(provider):
    nobody = Issuers.from_settings(Settings())
    token = provider.log_in(provider.user())["access_token"]
    assert not nobody.knows(provider.issuer)
    assert not nobody.meant(token)
    refused(nobody, token)


def test_the_setting_names_the_file(provider, tmp_path):
    path = tmp_path / "issuers.toml"
    path.write_text(f'[[issuer]]\nissuer = "{provider.issuer}"\n{MAPS}cvr = "cvr"', encoding="utf-8")
    assert Issuers.from_settings(Settings(issuers=str(path))).knows(provider.issuer)
