"""OAuth 2 on the wire: forms in, JSON out, with the members its RFCs name."""

from __future__ import annotations

from typing import ClassVar

import marshmallow as ma

from schemas.base import FORM, Shape
from schemas.fields import Flag, Integer, Many, Object, Text, Url


class FormShape(Shape):
    """Base of what is sent as a form. Members nobody knows are let be (RFC 6749 section 3.2)."""

    class Meta:
        unknown = ma.EXCLUDE

    request = True
    media: ClassVar[str] = FORM


class ClientFormSchema(FormShape):
    """How a client says who it is when it does not use HTTP Basic."""

    client_id = Text("The client's id.", max=100, example="019b76da-a800-7c11-8a01-1f0e4b9d2c33")
    client_secret = Text(
        "The client's secret; HTTP Basic is the better place for it.",
        max=200,
        format="password",
        example="copi_secret_skriv-jeres-egen",
    )


class GrantSchema(ClientFormSchema):
    """What a client has to show for a token."""

    grant_type = Text("`client_credentials` or `refresh_token`.", max=100, required=True, example="client_credentials")
    scope = Text(
        "The scopes wanted, with spaces in between; all the client has when left out.",
        max=4000,
        example="challenge:create challenge:read",
    )
    refresh_token = Text(
        "The refresh token; it is used up by this.", max=200, format="password", example="copi_refresh_jeres-eget"
    )


class GrantedSchema(Shape):
    """The tokens for a grant (RFC 6749 section 5.1)."""

    always = frozenset({"access_token", "token_type", "expires_in"})

    access_token = Text(
        "The token, a JWT.", max=8192, required=True, example="eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"
    )
    token_type = Text("Always Bearer.", max=10, required=True, example="Bearer")
    expires_in = Integer("Seconds until it expires.", min=1, max=86_400, required=True, example=900)
    refresh_token = Text(
        "For a person: the next refresh token, of one use.", max=200, example="copi_refresh_det-naeste"
    )
    scope = Text("For a service: the scopes it got.", max=4000, example="challenge:create challenge:read")


class TokenFormSchema(ClientFormSchema):
    """A token to revoke or to ask about."""

    token = Text("An access or refresh token.", max=8192, required=True, example="copi_refresh_jeres-eget")
    token_type_hint = Text("What it is; found out without, too.", max=100, example="refresh_token")


class IntrospectionSchema(Shape):
    """What a token says, and whether it counts now (RFC 7662)."""

    always = frozenset({"active"})

    active = Flag("Whether it counts now.", example=True)
    sub = Text("The user it stands for.", max=36, example="019b76da-a800-7c11-8a01-1f0e4b9d2c33")
    client_id = Text("The client it was issued to.", max=100, example="copi")
    scope = Text("A service's scopes.", max=4000, example="challenge:create challenge:read")
    token_type = Text("Bearer, of an access token.", max=10, example="Bearer")
    iss = Url("Who issued it.", example="https://api.example.org")
    aud = Text("Whom it is for.", max=100, example="copi-api")
    iat = Integer("When it was issued, in seconds since 1970.", min=0, example=1_790_000_000)
    exp = Integer("When it expires, in seconds since 1970.", min=0, example=1_790_000_900)
    jti = Text("The token's own id.", max=36, example="5b6f7f0e-8f0c-4a39-9b1e-5d0c2a6e1f11")


class OAuthErrorSchema(Shape):
    """A refusal as OAuth words it (RFC 6749 section 5.2)."""

    always = frozenset({"error"})

    error = Text("The error's name.", max=100, required=True, example="invalid_grant")
    error_description = Text(
        "What is wrong, in English as the RFC asks.", max=5000, example="The refresh token is not known."
    )


class KeySchema(Shape):
    """A public key (RFC 7517)."""

    kty = Text("Its kind.", max=10, required=True, example="EC")
    crv = Text("Its curve.", max=20, required=True, example="P-256")
    x = Text("Its x.", max=100, required=True, example="f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
    y = Text("Its y.", max=100, required=True, example="x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
    kid = Text("Its name in tokens' headers: its thumbprint (RFC 7638).", max=100, required=True, example="3a1c5e")
    use = Text("What it is for: `sig`.", max=10, required=True, example="sig")
    alg = Text("The algorithm it signs by.", max=20, required=True, example="ES256")


class KeySetSchema(Shape):
    """The public keys that verify our access tokens (RFC 7517)."""

    keys = Many(Object(KeySchema, "A key."), "The keys.", max=100, required=True)


def _names(words: str, example: str) -> Many:
    return Many(Text("One of them.", max=100, example=example), words, max=1000, required=True)


class AuthorizationServerSchema(Shape):
    """Where a client finds what it needs for tokens (RFC 8414)."""

    issuer = Url("Who issues the tokens: `iss`.", required=True, example="https://api.example.org")
    token_endpoint = Url("Tokens for a grant.", required=True, example="https://api.example.org/v1/oauth/token")
    revocation_endpoint = Url("Revocation.", required=True, example="https://api.example.org/v1/oauth/revoke")
    introspection_endpoint = Url("Introspection.", required=True, example="https://api.example.org/v1/oauth/introspect")
    jwks_uri = Url("The keys.", required=True, example="https://api.example.org/.well-known/jwks.json")
    service_documentation = Url("The docs.", required=True, example="https://api.example.org/docs")
    grant_types_supported = _names("The grants.", "client_credentials")
    response_types_supported = _names("`none`: there is no authorization endpoint.", "none")
    scopes_supported = _names("Every scope there is.", "challenge:create")
    token_endpoint_auth_methods_supported = _names("How clients say who they are.", "client_secret_basic")
    revocation_endpoint_auth_methods_supported = _names("The same, to revoke.", "client_secret_basic")
    introspection_endpoint_auth_methods_supported = _names("The same, to introspect.", "client_secret_basic")
