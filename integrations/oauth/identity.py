"""Who somebody is, as ID tokens and userinfo tell it."""

import json
from collections.abc import Collection
from typing import Any

from django.conf import settings
from jwcrypto.common import JWException
from jwcrypto.jwt import JWT
from oauth2_provider.settings import oauth2_settings

from integrations.oauth.keys import ALGORITHM, key_named, signing_keys
from organizations.models import Organization, User

#: Claims by the scope that asks for them; `sub` comes with every one.
CLAIMS: dict[str, tuple[str, ...]] = {
    "openid": ("sub", "organization", "organization_name", "role"),
    "profile": ("name", "given_name", "family_name"),
    "email": ("email",),
}


def issuer() -> str:
    """Return the address that names us in every token and document."""
    address: str = oauth2_settings.OIDC_ISS_ENDPOINT or settings.PUBLIC_URL
    return address


def claims_of(
    user: User, organization: Organization, role: str, scopes: Collection[str]
) -> dict[str, Any]:
    """Return what an app with these scopes may know about a person; no empty ones."""
    known = {
        "sub": str(user.pk),
        "organization": str(organization.pk),
        "organization_name": organization.name,
        "role": role,
        "name": user.get_full_name(),
        "given_name": user.first_name,
        "family_name": user.last_name,
        "email": user.email,
    }
    asked = [name for scope in CLAIMS if scope in scopes for name in CLAIMS[scope]]
    return {name: known[name] for name in asked if known[name]}


def sign(claims: dict[str, Any]) -> str:
    """Return a signed token with these claims."""
    key = signing_keys()[0]
    header = {"typ": "JWT", "alg": ALGORITHM, "kid": key.thumbprint()}
    token = JWT(header=header, claims=claims)
    token.make_signed_token(key)
    signed: str = token.serialize()
    return signed


def read_hint(text: str) -> dict[str, Any] | None:
    """Return the claims of an ID token that we signed, however old; else None.

    It says who was logged in and to which app; it opens nothing.
    """
    try:
        token = JWT(jwt=text, algs=[ALGORITHM], check_claims={}, expected_type="JWS")
        token.validate(key_named(token.token.jose_header.get("kid")) or _nobodys())
        claims = json.loads(token.claims)
    except (JWException, ValueError, TypeError, AttributeError, KeyError):
        return None
    is_ours = isinstance(claims, dict) and claims.get("iss") == issuer()
    return claims if is_ours else None


def _nobodys() -> Any:
    raise ValueError("no key of ours signed this")
