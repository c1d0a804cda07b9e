"""The published keys: enough for a stranger to verify by, and cheap to ask for."""

import jwt
import pytest
from django.conf import settings
from django.test import Client

from organizations.tokens import forget_ring, open_family
from organizations.tokens.keys import rotate_keys
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

KEYS = "/api/v1/auth/jwks/"


def test_whoever_has_the_set_can_verify_a_token() -> None:
    membership = MembershipFactory()
    access = open_family(membership).access

    published = jwt.PyJWKSet.from_dict(Client().get(KEYS).json())

    key = published[jwt.get_unverified_header(access)["kid"]]
    claims = jwt.decode(
        access,
        key,
        ["ES256"],
        audience="people-hr-api",
        issuer=settings.PUBLIC_URL,
    )
    assert claims["org"] == str(membership.organization_id)


def test_the_set_holds_no_private_part() -> None:
    keys = Client().get(KEYS).json()["keys"]

    assert len(keys) == 2
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_the_set_is_kept_for_a_while_and_asked_for_by_its_tag() -> None:
    response = Client().get(KEYS)

    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Content-Type"] == "application/json"
    tag = response["ETag"]
    again = Client().get(KEYS, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == tag
    rotate_keys(is_forced=True)
    forget_ring()
    changed = Client().get(KEYS, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag
    assert len(changed.json()["keys"]) == 3


def test_nobody_writes_to_it() -> None:
    for method in ("post", "put", "delete"):
        assert getattr(Client(), method)(KEYS).status_code == 405
