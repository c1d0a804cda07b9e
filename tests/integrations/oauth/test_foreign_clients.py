"""Clients of others come along: authlib, requests-oauthlib, npm's openid-client."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet
from requests_oauthlib import OAuth2Session

from integrations.oauth import bearer
from organizations.roles import Role
from tests import node
from tests.factories import MembershipFactory
from tests.factories.oauth import SECRET, ApplicationFactory

FOLDER = Path(__file__).parent / "openid_client"
CALLBACK = "https://app.example.com/callback"
SCOPE = "openid profile email employees:read"


@pytest.fixture
def issuer(live_server: Any, settings: Any) -> str:
    """Return the address of a running server that names itself by it."""
    settings.PUBLIC_URL = live_server.url
    settings.OAUTH2_PROVIDER = {
        **settings.OAUTH2_PROVIDER,
        "OIDC_ISS_ENDPOINT": live_server.url,
    }
    address: str = live_server.url
    return address


@pytest.fixture
def application(transactional_db: None) -> Any:
    return ApplicationFactory(
        redirect_uris=[CALLBACK], post_logout_redirect_uris=[f"{CALLBACK}/bye"]
    )


class Person:
    """A member with a browser, who lets every app in."""

    def __init__(self, application: Any) -> None:
        self.membership = MembershipFactory(
            organization=application.organization,
            role=Role.EMPLOYEE,
            user__first_name="Ada",
            user__last_name="Lovelace",
        )
        self.browser = Client()
        self.browser.force_login(self.membership.user)

    def visit(self, address: str) -> str:
        """Open an address, press the button if asked, and say where one ends up."""
        path = "/" + address.split("/", 3)[3]
        response = self.browser.get(path)
        if response.status_code == 200:
            response = self.browser.post(path, {"allow": "1"})
        assert response.status_code == 302, response.content
        return response["Location"]


def test_authlib(issuer: str, application: Any) -> None:
    person = Person(application)
    client = AuthlibSession(
        application.client_id,
        SECRET,
        scope=SCOPE,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )
    told = client.get(f"{issuer}/.well-known/openid-configuration", withhold_token=True)
    server = told.json()
    verifier = "v" * 64
    address, state = client.create_authorization_url(
        server["authorization_endpoint"], code_verifier=verifier, nonce="n0nce"
    )

    back = person.visit(address)
    tokens = client.fetch_token(
        server["token_endpoint"],
        authorization_response=back,
        state=state,
        code_verifier=verifier,
    )

    keys = KeySet.import_key_set(client.get(server["jwks_uri"]).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    jwt.JWTClaimsRegistry().validate(claims)
    assert (claims["iss"], claims["aud"]) == (issuer, application.client_id)
    assert (claims["nonce"], claims["name"]) == ("n0nce", "Ada Lovelace")
    who = client.get(server["userinfo_endpoint"]).json()
    assert who["sub"] == claims["sub"] == str(person.membership.user_id)
    renewed = client.refresh_token(server["token_endpoint"])
    assert renewed["refresh_token"] != tokens["refresh_token"]
    seen = client.introspect_token(
        server["introspection_endpoint"], token=renewed["access_token"]
    )
    assert seen.json()["active"] is True
    client.revoke_token(server["revocation_endpoint"], token=renewed["refresh_token"])
    assert client.get(server["userinfo_endpoint"]).status_code == 401


def test_authlib_as_a_service(issuer: str, application: Any) -> None:
    service = ApplicationFactory(service=True, organization=application.organization)
    for method in ("client_secret_basic", "client_secret_post"):
        client = AuthlibSession(
            service.client_id, SECRET, token_endpoint_auth_method=method
        )

        token = client.fetch_token(
            f"{issuer}/oauth/token/", grant_type="client_credentials"
        )

        access = bearer.access_of(token["access_token"])
        assert access.actor_type == "oauth_app"


def test_requests_oauthlib(
    issuer: str, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http, on this machine
    person = Person(application)
    client = OAuth2Session(
        application.client_id,
        scope=SCOPE.split(),
        redirect_uri=CALLBACK,
        pkce="S256",
    )
    address, _state = client.authorization_url(f"{issuer}/oauth/authorize/")

    back = person.visit(address)
    tokens = client.fetch_token(
        f"{issuer}/oauth/token/", authorization_response=back, client_secret=SECRET
    )

    assert set(tokens["scope"]) == set(SCOPE.split())
    userinfo = f"{issuer}/oauth/userinfo/"
    assert client.get(userinfo).json()["email"] == person.membership.user.email
    renewed = client.refresh_token(
        f"{issuer}/oauth/token/",
        client_id=application.client_id,
        client_secret=SECRET,
    )
    assert renewed["refresh_token"] != tokens["refresh_token"]
    client.post(
        f"{issuer}/oauth/revoke/",
        data={
            "token": renewed["access_token"],
            "client_id": application.client_id,
            "client_secret": SECRET,
        },
    )
    assert client.get(userinfo).status_code == 401


@pytest.fixture(scope="session")
def openid_client() -> Path:
    """Return the folder where openid-client is installed, as the lock file pins it."""
    return node.installed(FOLDER)


def run_flow(folder: Path, person: Person, **environment: str) -> dict[str, Any]:
    """Run the program; take its person where it sends them."""
    program = subprocess.Popen(
        [node.BINARY, "flow.mjs"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        for word, rest in words_of(program):
            if word == "result":
                result: dict[str, Any] = json.loads(rest)
                return result
            assert program.stdin
            program.stdin.write(person.visit(rest) + "\n")
            program.stdin.flush()
        assert program.stderr
        raise AssertionError(program.stderr.read())


def words_of(program: Any) -> Iterator[tuple[str, str]]:
    for line in program.stdout:
        word, _space, rest = line.strip().partition(" ")
        yield word, rest


@pytest.mark.parametrize("keeps_secret", [True, False])
def test_openid_client(
    issuer: str, application: Any, openid_client: Path, keeps_secret: bool
) -> None:
    if not keeps_secret:
        application = ApplicationFactory(
            browser=True,
            organization=application.organization,
            redirect_uris=[CALLBACK],
            post_logout_redirect_uris=[f"{CALLBACK}/bye"],
        )
    service = ApplicationFactory(service=True, organization=application.organization)
    person = Person(application)

    told = run_flow(
        openid_client,
        person,
        ISSUER=issuer,
        CLIENT_ID=application.client_id,
        CLIENT_SECRET=SECRET if keeps_secret else "",
        REDIRECT_URI=CALLBACK,
        SERVICE_ID=service.client_id,
        SERVICE_SECRET=SECRET,
    )

    assert told["claims"]["iss"] == issuer
    assert told["claims"]["sub"] == str(person.membership.user_id)
    assert told["claims"]["organization"] == str(application.organization_id)
    assert told["userinfo"]["name"] == "Ada Lovelace"
    assert told["renewed"]["refresh_token"] != told["tokens"]["refresh_token"]
    assert told["afterRevocation"] == "invalid_token"
    assert told["left"] == f"{CALLBACK}/bye?state=left"
    assert person.browser.get("/account/sessions/").status_code == 302
    assert told["service"]["token_type"] == "bearer"
    assert (told["introspected"] or {}).get("active", False) is keeps_secret
