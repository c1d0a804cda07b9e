"""How tests log in by password, and call with what they get."""

import datetime as dt
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode

from organizations.models import Membership
from organizations.services import remove_member
from organizations.tokens.ring import signing_key
from tests.factories.organizations import PASSWORD

ME = "/api/v1/me/"
TOKEN = "/api/v1/auth/token/"
REFRESH = "/api/v1/auth/token/refresh/"
REVOKE = "/api/v1/auth/token/revoke/"
SESSIONS = "/api/v1/auth/token/sessions/"

#: Beyond the grace of ten seconds, in which a refresh token may be shown again.
LATER = dt.timedelta(seconds=11)


def post(path: str, **body: Any) -> Any:
    return Client().post(path, body, content_type="application/json")


def log_in(membership: Membership, agent: str = "") -> dict[str, Any]:
    response = Client(headers={"User-Agent": agent}).post(
        TOKEN,
        {
            "email": membership.user.email,
            "password": PASSWORD,
            "organization": membership.organization.slug,
        },
        content_type="application/json",
    )
    assert response.status_code == 200, response.content
    tokens: dict[str, Any] = response.json()
    return tokens


def bearer(access: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {access}"}


def call(access: str, scheme: str = "Bearer") -> Any:
    return Client().get(ME, headers=bearer(access, scheme))


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def headers_of(token: str) -> dict[str, Any]:
    return jwt.get_unverified_header(token)


def b64(content: bytes | str | dict[str, Any]) -> str:
    raw = json.dumps(content) if isinstance(content, dict) else content
    raw = raw.encode() if isinstance(raw, str) else raw
    return base64url_encode(raw).decode()


def sign(
    claims: dict[str, Any] | str | bytes,
    key: ec.EllipticCurvePrivateKey | None = None,
    **headers: Any,
) -> str:
    """Return a token signed by our own key, with what somebody would like it to say.

    By hand, since libraries refuse much of it. A header that is None is left out.
    """
    key_id, own_key = signing_key()
    named = {"alg": "ES256", "kid": key_id, "typ": "at+jwt"} | headers
    head = {name: value for name, value in named.items() if value is not None}
    signed = f"{b64(head)}.{b64(claims)}"
    signer = ECAlgorithm(ECAlgorithm.SHA256)
    return f"{signed}.{b64(signer.sign(signed.encode(), key or own_key))}"


# --- What ends a login ------------------------------------------------------------


def deactivate(membership: Membership) -> None:
    membership.user.is_active = False
    membership.user.save()


def end_membership(membership: Membership) -> None:
    remove_member(membership)


def delete_user(membership: Membership) -> None:
    user = membership.user
    remove_member(membership)
    user.delete()


def close_organization(membership: Membership) -> None:
    membership.organization.closed_at = timezone.now()
    membership.organization.save()


def change_password(membership: Membership) -> None:
    membership.user.set_password("another horse battery")
    membership.user.save()


ENDINGS = (
    deactivate,
    end_membership,
    delete_user,
    close_organization,
    change_password,
)
