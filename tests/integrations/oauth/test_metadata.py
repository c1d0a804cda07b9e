"""What clients read about us: all that there is, and nothing that there is not."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.urls import get_resolver

from integrations.oauth import identity, keys
from organizations.roles import SCOPES
from tests.project.routes import all_routes

HERE = "http://127.0.0.1:8000"


def document(client, name: str):
    response = client.get(f"/.well-known/{name}")
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    return response.json()


@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
def test_the_server_describes_itself(client, name):
    told = document(client, name)

    assert told["issuer"] == HERE
    assert told["response_types_supported"] == ["code"]
    assert sorted(told["grant_types_supported"]) == [
        "authorization_code",
        "client_credentials",
        "refresh_token",
    ]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert set(told["scopes_supported"]) - set(SCOPES) == {"openid", "profile", "email"}
    assert "admin:access" not in told["scopes_supported"]
    for key, address in told.items():
        if key.endswith(("_endpoint", "jwks_uri")):
            path = address.removeprefix(HERE)
            assert get_resolver().resolve(path), key


def test_what_is_unsafe_is_neither_told_nor_there(client):
    told = json.dumps(
        [
            document(client, "oauth-authorization-server"),
            document(client, "openid-configuration"),
        ]
    )
    paths = [route.path for route in all_routes()]

    for word in ("device", "implicit", "password", "plain", "registration", "HS256"):
        assert word not in told
    assert [path for path in paths if "device" in path] == []
    assert [path for path in paths if path.startswith("o/")] == []
    for path in ("device-authorization/", "device/", "register/", "applications/"):
        assert client.get(f"/oauth/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "/api/v1/"])
def test_the_api_describes_itself(client, path):
    told = document(client, f"oauth-protected-resource{path}")

    assert told["resource"] == f"{HERE}/api/v1/"
    assert told["authorization_servers"] == [HERE]
    assert told["bearer_methods_supported"] == ["header"]


def test_keys_are_published_without_their_secret(client):
    told = client.get("/oauth/jwks.json").json()["keys"]

    assert [key["kid"] for key in told] == [
        key.thumbprint() for key in keys.signing_keys()
    ]
    assert set(told[0]) == {"kty", "n", "e", "kid", "alg", "use"}


def new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_keys_are_a_ring(client, settings):
    old = settings.OIDC_RSA_PRIVATE_KEYS
    before = identity.sign({"iss": identity.issuer(), "sub": "1"})

    settings.OIDC_RSA_PRIVATE_KEYS = [new_key(), *old]

    after = identity.sign({"iss": identity.issuer(), "sub": "2"})
    assert len(client.get("/oauth/jwks.json").json()["keys"]) == 2
    assert identity.read_hint(before)["sub"] == "1"
    assert identity.read_hint(after)["sub"] == "2"

    settings.OIDC_RSA_PRIVATE_KEYS = settings.OIDC_RSA_PRIVATE_KEYS[:1]
    assert identity.read_hint(before) is None


def test_without_a_key_there_is_no_openid(client, settings, visit):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ENABLED": False}

    assert client.get("/.well-known/openid-configuration").status_code == 404
    told = document(client, "oauth-authorization-server")
    assert "openid" not in told["scopes_supported"]
    assert "error=invalid_scope" in visit.ask(scope="openid")["Location"]
    assert visit.ask(scope="employees:read").status_code == 200


@pytest.mark.parametrize(
    "hint",
    [
        "",
        "x",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiIxIn0.c2ln",
        "\0",
        "é.é.é",
    ],
)
def test_what_we_did_not_sign_is_no_hint(hint):
    assert identity.read_hint(hint) is None
