"""The steps of an app and its person, for tests: ask, consent, redeem, refresh."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.test import Client

from integrations.oauth.models import Application
from organizations.models import Membership
from tests.factories.oauth import SECRET


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header of an app that shows its secret."""
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def answer_of(response: HttpResponse) -> dict[str, str]:
    """Return the parameters that the browser takes back to the app."""
    query = parse_qs(urlsplit(response["Location"]).query)
    return {name: values[0] for name, values in query.items()}


@dataclass
class Visit:
    """One person's browser in one app's hands."""

    application: Application
    membership: Membership
    scope: str = "openid profile email employees:read"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    browser: Client = field(default_factory=Client)
    apps_server: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.browser.force_login(self.membership.user)

    def query(self, **changes: Any) -> dict[str, str]:
        """Return what the app asks with; None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.application.redirect_uris[0],
            "scope": self.scope,
            "state": "st4te",
            "nonce": "n0nce",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in asked.items() if value is not None}

    def ask(self, **changes: Any) -> HttpResponse:
        """Open the page where the person is asked."""
        return self.browser.get("/oauth/authorize/", self.query(**changes))

    def allow(self, **changes: Any) -> HttpResponse:
        """Press the button that lets the app in."""
        return self.browser.post(
            "/oauth/authorize/",
            {"allow": "1"},
            query_params=self.query(**changes),
        )

    def code(self, **changes: Any) -> str:
        """Return a new code."""
        return answer_of(self.allow(**changes))["code"]

    def proof(self) -> dict[str, str]:
        """Return what the app proves itself with in a body."""
        shown = {"client_id": self.application.client_id}
        if self.application.keeps_secret:
            shown["client_secret"] = SECRET
        return shown

    def redeem(self, code: str, **changes: Any) -> HttpResponse:
        """Exchange a code for tokens."""
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.application.redirect_uris[0],
            "code_verifier": self.verifier,
            **self.proof(),
        } | changes
        return self.post("token", {k: v for k, v in body.items() if v is not None})

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """Go the whole way and return the tokens."""
        response = self.redeem(self.code(**changes))
        assert response.status_code == 200, response.content
        tokens: dict[str, Any] = response.json()
        return tokens

    def refresh(self, refresh_token: str, **changes: Any) -> HttpResponse:
        """Exchange a refresh token for the next pair."""
        body = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            **self.proof(),
        } | changes
        return self.post("token", {k: v for k, v in body.items() if v is not None})

    def post(self, where: str, body: Any, **headers: str) -> HttpResponse:
        """Call an endpoint as the app's server does: without the person's cookies."""
        return self.apps_server.post(f"/oauth/{where}/", body, headers=headers)

    def userinfo(self, access_token: str) -> HttpResponse:
        """Ask who the person is."""
        return self.apps_server.get(
            "/oauth/userinfo/", headers={"Authorization": f"Bearer {access_token}"}
        )
