"""Tokens that look right and are not ours: each row is one way in that must be shut."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken as SimpleAccessToken
from rest_framework_simplejwt.tokens import RefreshToken as SimpleRefreshToken

from organizations.models import Membership, SigningKey, TokenFamily
from organizations.problems import problem_type
from organizations.roles import Role
from organizations.tokens import open_family
from organizations.tokens.ring import signing_key
from tests.factories import MembershipFactory
from tests.organizations.logins import (
    ME,
    REFRESH,
    REVOKE,
    b64,
    bearer,
    call,
    claims_of,
    headers_of,
    post,
    sign,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Loot:
    """What a hostile caller may have: good tokens, their own and another's."""

    access: str
    refresh: str
    theirs: Membership
    their_access: str
    other_key: ec.EllipticCurvePrivateKey

    @property
    def claims(self) -> dict[str, Any]:
        return claims_of(self.access)

    @property
    def key_id(self) -> str:
        return signing_key()[0]

    @property
    def public_pem(self) -> bytes:
        return (
            signing_key()[1]
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )

    def saying(self, **claims: Any) -> str:
        """Return a token signed by our own key that says something else."""
        return sign(self.claims | claims)

    def without(self, *names: str) -> str:
        return sign({k: v for k, v in self.claims.items() if k not in names})


@pytest.fixture
def loot() -> Loot:
    tokens = open_family(MembershipFactory(role=Role.HR))
    theirs = MembershipFactory(role=Role.OWNER)
    return Loot(
        tokens.access,
        tokens.refresh,
        theirs,
        open_family(theirs).access,
        ec.generate_private_key(ec.SECP256R1()),
    )


def parts(token: str) -> list[str]:
    return token.split(".")


def hmac_token(loot: Loot, algorithm: str, secret: bytes, **headers: Any) -> str:
    """Sign by hand: libraries refuse to take a public key for a secret."""
    head = {"alg": algorithm, "kid": loot.key_id, "typ": "at+jwt"} | headers
    signed = f"{b64(head)}.{b64(loot.claims)}"
    digest = getattr(hashlib, f"sha{algorithm[2:]}")
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), digest))}"


def spare_bits(token: str) -> str:
    """Spell the same signature with another last letter: its low bits are unused."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def rsa_token(loot: Loot) -> str:
    """A token as the OAuth server's OpenID Connect signs them."""
    key = rsa.generate_private_key(65537, 2048)
    return jwt.encode(
        loot.claims, key, "RS256", headers={"kid": loot.key_id, "typ": "at+jwt"}
    )


def with_header(loot: Loot, **headers: Any) -> str:
    return sign(loot.claims, **headers)


def unsigned(loot: Loot, algorithm: str, signature: str = "") -> str:
    head = {"alg": algorithm, "kid": loot.key_id, "typ": "at+jwt"}
    return f"{b64(head)}.{b64(loot.claims)}.{signature}"


def own_jwk(loot: Loot) -> dict[str, Any]:
    public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(
        loot.other_key.public_key(), as_dict=True
    )
    return public


def swapped(loot: Loot, position: int) -> str:
    """Put a part of one good token into the place of another's."""
    mine, theirs = parts(loot.access), parts(loot.their_access)
    mine[position] = theirs[position]
    return ".".join(mine)


def other_family(loot: Loot) -> str:
    return str(TokenFamily.objects.get(membership=loot.theirs).pk)


HOSTILE: dict[str, Callable[[Loot], str]] = {
    # --- No token at all
    "nothing": lambda loot: "",
    "a word": lambda loot: "nonsense",
    "three letters": lambda loot: "a.b.c",
    "only dots": lambda loot: "..",
    "two parts": lambda loot: ".".join(parts(loot.access)[:2]),
    "four parts": lambda loot: loot.access + ".AAAA",
    "five parts, as encrypted ones have": lambda loot: "a.b.c.d.e",
    "null": lambda loot: "null",
    "undefined": lambda loot: "undefined",
    "a JSON serialization": lambda loot: json.dumps(
        {"payload": "e30", "signatures": []}
    ),
    "an API key": lambda loot: "phr_live_tHt7I8cdpZ3I_" + "a" * 38,
    "an opaque OAuth token": lambda loot: "pho_" + "a" * 43,
    "letters beyond ASCII": lambda loot: "ä.ö.ü",
    "full-width letters": lambda loot: loot.access.replace("e", "\uff45"),
    "NUL": lambda loot: loot.access + "\0",
    # --- Around the token
    "a trailing byte": lambda loot: loot.access + "A",
    "a trailing dot": lambda loot: loot.access + ".",
    "padding": lambda loot: loot.access + "=",
    "a percent sign": lambda loot: loot.access + "%20",
    "a tab before": lambda loot: "\t" + loot.access,
    "a tab after": lambda loot: loot.access + "\t",
    "a space inside": lambda loot: loot.access.replace(".", ". ", 1),
    "quotes": lambda loot: f'"{loot.access}"',
    "two tokens with a comma": lambda loot: f"{loot.access},{loot.access}",
    "two tokens with a space": lambda loot: f"{loot.access} {loot.access}",
    "the scheme twice": lambda loot: f"Bearer {loot.access}",
    "the standard alphabet": lambda loot: loot.access[:-2] + "+/",
    # --- The signature
    "the last two letters missing": lambda loot: loot.access[:-2],
    "no signature": lambda loot: loot.access.rpartition(".")[0] + ".",
    "a signature of zeros": lambda loot: f"{loot.access.rpartition('.')[0]}.{'A' * 86}",
    "the signature in other spelling": lambda loot: spare_bits(loot.access),
    "another token's signature": lambda loot: swapped(loot, 2),
    "another token's claims": lambda loot: swapped(loot, 1),
    "another token's header": lambda loot: ".".join(
        [parts(loot.refresh)[0], *parts(loot.access)[1:]]
    ),
    "another key, our kid": lambda loot: sign(loot.claims, loot.other_key),
    "another curve": lambda loot: jwt.encode(
        loot.claims,
        ec.generate_private_key(ec.SECP384R1()),
        "ES384",
        headers={"kid": loot.key_id, "typ": "at+jwt"},
    ),
    # --- The algorithm
    "alg none": lambda loot: unsigned(loot, "none"),
    "alg None": lambda loot: unsigned(loot, "None"),
    "alg NONE with a signature": lambda loot: unsigned(
        loot, "NONE", parts(loot.access)[2]
    ),
    "alg nOnE with our signature": lambda loot: unsigned(
        loot, "nOnE", parts(loot.access)[2]
    ),
    "alg empty": lambda loot: unsigned(loot, "", "A" * 86),
    "alg missing": lambda loot: (
        f"{b64({'kid': loot.key_id, 'typ': 'at+jwt'})}.{b64(loot.claims)}.{'A' * 86}"
    ),
    "HS256 with the public key": lambda loot: hmac_token(
        loot, "HS256", loot.public_pem
    ),
    "HS512 with the public key, of the right length": lambda loot: hmac_token(
        loot, "HS512", loot.public_pem
    ),
    "HS512 with the published key as JSON": lambda loot: hmac_token(
        loot,
        "HS512",
        json.dumps(SigningKey.objects.get(key_id=loot.key_id).public_key).encode(),
    ),
    "HS512 with SECRET_KEY": lambda loot: hmac_token(
        loot, "HS512", settings.SECRET_KEY.encode()
    ),
    "HS512 with nothing": lambda loot: hmac_token(loot, "HS512", b""),
    "RS256, as the OAuth server signs": rsa_token,
    "simplejwt's own": lambda loot: str(SimpleAccessToken.for_user(loot.theirs.user)),
    "simplejwt's own refresh": lambda loot: str(SimpleRefreshToken()),
    # --- The header
    "another kid, our signature": lambda loot: with_header(loot, kid="another"),
    "no kid": lambda loot: with_header(loot, kid=None),
    "kid a path": lambda loot: with_header(loot, kid="../../../../dev/null"),
    "kid a URL": lambda loot: with_header(loot, kid="https://evil.example/key.pem"),
    "kid SQL": lambda loot: with_header(loot, kid="x' OR '1'='1"),
    "kid with a space": lambda loot: with_header(loot, kid=f"{loot.key_id} "),
    "kid with NUL": lambda loot: with_header(loot, kid=f"{loot.key_id}\0"),
    "kid empty": lambda loot: with_header(loot, kid=""),
    "kid a list": lambda loot: (
        f"{b64({'alg': 'ES256', 'kid': [loot.key_id], 'typ': 'at+jwt'})}"
        f".{b64(loot.claims)}.{'A' * 86}"
    ),
    "kid of another's key, named": lambda loot: sign(
        loot.claims, loot.other_key, kid=b64(b"x" * 32)
    ),
    "jku": lambda loot: sign(
        loot.claims, loot.other_key, jku="https://evil.example/jwks.json"
    ),
    "jku with our signature": lambda loot: with_header(
        loot, jku="https://evil.example/jwks.json"
    ),
    "x5u": lambda loot: sign(
        loot.claims, loot.other_key, x5u="https://evil.example/cert.pem"
    ),
    "x5c": lambda loot: sign(loot.claims, loot.other_key, x5c=["MIIB"]),
    "jwk": lambda loot: sign(loot.claims, loot.other_key, jwk=own_jwk(loot)),
    "crit": lambda loot: with_header(loot, crit=["exp"]),
    "b64 false": lambda loot: with_header(loot, b64=False, crit=["b64"]),
    "zip": lambda loot: with_header(loot, zip="DEF"),
    "cty JWT": lambda loot: with_header(loot, cty="JWT"),
    "typ JWT": lambda loot: with_header(loot, typ="JWT"),
    "typ missing": lambda loot: with_header(loot, typ=None),
    "typ of a refresh token": lambda loot: with_header(loot, typ="rt+jwt"),
    "typ in capitals": lambda loot: with_header(loot, typ="AT+JWT"),
    "typ in full": lambda loot: with_header(loot, typ="application/at+jwt"),
    "typ of an ID token": lambda loot: with_header(loot, typ="id_token"),
    "a header that is a list": lambda loot: (
        f"{b64('[]')}.{b64(loot.claims)}.{'A' * 86}"
    ),
    "a header that is no JSON": lambda loot: (
        f"{b64('{alg')}.{b64(loot.claims)}.{'A' * 86}"
    ),
    "a header of a thousand brackets": lambda loot: (
        f"{b64('[' * 1000)}.{b64(loot.claims)}.{'A' * 86}"
    ),
    "a header that is no Unicode": lambda loot: (
        f"{b64(bytes([0xFF, 0xFE]))}.{b64(loot.claims)}.{'A' * 86}"
    ),
    # --- The claims, each signed by our own key
    "another issuer": lambda loot: loot.saying(iss="https://evil.example"),
    "an issuer with a slash": lambda loot: loot.saying(iss=settings.PUBLIC_URL + "/"),
    "issuers in a list": lambda loot: loot.saying(iss=[settings.PUBLIC_URL]),
    "no issuer": lambda loot: loot.without("iss"),
    "another audience": lambda loot: loot.saying(aud="people-hr-oauth"),
    "audiences in a list": lambda loot: loot.saying(aud=["people-hr-api", "evil"]),
    "our audience in a list": lambda loot: loot.saying(aud=["people-hr-api"]),
    "no audience": lambda loot: loot.without("aud"),
    "expired": lambda loot: loot.saying(exp=int(time.time()) - 6),
    "expired in 1970": lambda loot: loot.saying(exp=1),
    "expires never": lambda loot: loot.without("exp"),
    "expires as text": lambda loot: loot.saying(exp=str(int(time.time()) + 60)),
    "expires in a fraction": lambda loot: loot.saying(exp=time.time() + 60),
    "expires beyond all dates": lambda loot: loot.saying(exp=10**30),
    "expires with null": lambda loot: loot.saying(exp=None),
    "expires with true": lambda loot: loot.saying(exp=True),
    "given tomorrow": lambda loot: loot.saying(iat=int(time.time()) + 86400),
    "given never": lambda loot: loot.without("iat"),
    "not yet": lambda loot: loot.saying(nbf=int(time.time()) + 60),
    "not before a word": lambda loot: loot.saying(nbf="now"),
    "no id": lambda loot: loot.without("jti"),
    "an id that is a number": lambda loot: loot.saying(jti=1),
    "no user": lambda loot: loot.without("sub"),
    "another user": lambda loot: loot.saying(sub=str(loot.theirs.user_id)),
    "a user who is a number": lambda loot: loot.saying(sub=1),
    "no organization": lambda loot: loot.without("org"),
    "another organization": lambda loot: loot.saying(
        org=str(loot.theirs.organization_id)
    ),
    "every organization": lambda loot: loot.saying(org="*"),
    "organizations in a list": lambda loot: loot.saying(org=[loot.claims["org"]]),
    "the organization in capitals": lambda loot: loot.saying(
        org=loot.claims["org"].upper()
    ),
    "the organization without dashes": lambda loot: loot.saying(
        org=loot.claims["org"].replace("-", "")
    ),
    "no session": lambda loot: loot.without("sid"),
    "a session that is none": lambda loot: loot.saying(sid=str(uuid4())),
    "a session that is a word": lambda loot: loot.saying(sid="x"),
    "a session that is null": lambda loot: loot.saying(sid=None),
    "another's session": lambda loot: loot.saying(sid=other_family(loot)),
    "another's session and organization": lambda loot: loot.saying(
        sid=other_family(loot), org=str(loot.theirs.organization_id)
    ),
    "the kind of a refresh token": lambda loot: loot.saying(token_type="refresh"),
    "no kind": lambda loot: loot.without("token_type"),
    "a refresh token": lambda loot: loot.refresh,
    "a refresh token that calls itself access": lambda loot: sign(
        claims_of(loot.refresh), typ="at+jwt"
    ),
    "nothing claimed": lambda loot: sign({}),
    # --- Size
    "a huge claim": lambda loot: loot.saying(more="x" * 4000),
    "a megabyte": lambda loot: "A" * 1_000_000,
    "claims nested a thousand deep": lambda loot: sign("[" * 1000),
    "claims that are a list": lambda loot: sign("[1, 2]"),
    "claims that are no JSON": lambda loot: sign("{"),
    "claims that are no Unicode": lambda loot: sign(b"\xff\xfe"),
    "NaN for an end": lambda loot: loot.saying(exp=float("nan")),
}


def sent(token: str) -> dict[str, str]:
    """Return the header as a server passes on the bytes of it."""
    return bearer(token.encode().decode("latin-1"))


def test_there_are_more_than_sixty_ways() -> None:
    assert len(HOSTILE) > 100


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tokens_open_nothing_and_end_nothing(name: str, loot: Loot) -> None:
    token = HOSTILE[name](loot)

    response = Client().get(ME, headers=sent(token))

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith('Bearer realm="People HR", ')
    assert "organization" not in response.json()
    # One answer for all of them: it does not say how far a guess has come.
    assert response.json()["type"] == problem_type("invalid_token")
    assert response.json()["detail"] == "This token is not valid, or no longer."
    if name != "a refresh token":
        for address in (REFRESH, REVOKE):
            assert post(address, refresh=token).status_code in {400, 401}
    assert call(loot.access).status_code == 200
    assert call(loot.their_access).status_code == 200


#: How the claims of a good refresh token are bent, signed by our own key.
BENT: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "evil"},
    "expired": {"exp": 1},
    "kind of an access token": {"token_type": "access"},
    "an organization that is none": {"org": "x"},
    "a session that is none": {"sid": str(uuid4())},
    "no id": {"jti": None},
}


@pytest.mark.parametrize("name", BENT)
def test_bent_refresh_tokens_give_nothing(name: str, loot: Loot) -> None:
    bent = sign(claims_of(loot.refresh) | BENT[name], typ="rt+jwt")

    assert post(REFRESH, refresh=bent).status_code == 401
    assert call(loot.access).status_code == 200


def test_access_is_no_refresh(loot: Loot) -> None:
    assert post(REFRESH, refresh=loot.access).status_code == 401
    assert post(REVOKE, refresh=loot.access).status_code == 401
    assert call(loot.access).status_code == 200


def test_tokens_are_read_from_the_header_alone(loot: Loot) -> None:
    for name in ("access_token", "token", "access", "jwt", "Authorization"):
        assert Client().get(f"{ME}?{name}={loot.access}").status_code == 401
        browser = Client()
        browser.cookies[name] = loot.access
        assert browser.get(ME).status_code == 401
    for header in ("X-Access-Token", "X-Authorization", "Proxy-Authorization"):
        answer = Client().get(ME, headers={header: f"Bearer {loot.access}"})
        assert answer.status_code == 401
    body = {"access_token": loot.access, "name": "Engineering"}
    answer = Client().post(
        "/api/v1/departments/", body, content_type="application/json"
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "authorization",
    [
        "Token {}",
        "JWT {}",
        "Basic {}",
        "Bearer{}",
        "Bearer:{}",
        "Bearer\t{}",
        " Bearer {}",
        "{}",
        "DPoP {}",
        "Bearer",
        "Bearer ",
    ],
)
def test_another_scheme_opens_nothing(authorization: str, loot: Loot) -> None:
    sent = {"Authorization": authorization.format(loot.access)}

    # As the server passes it on: what stands around a header is not part of it.
    assert Client().get(ME, headers=sent).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer "])
def test_a_good_token_opens_whatever_the_case(scheme: str, loot: Loot) -> None:
    assert call(loot.access, scheme).status_code == 200


@pytest.mark.parametrize("typed", ["org", "organization", "organization_id"])
def test_an_organization_named_beside_the_token_is_not_heard(
    typed: str, loot: Loot
) -> None:
    theirs = str(loot.theirs.organization_id)
    headers = bearer(loot.access) | {"X-Organization": theirs}

    answer = Client().get("/api/v1/organization/", headers=headers)
    asked = Client().get(f"/api/v1/organization/?{typed}={theirs}", headers=headers)

    assert answer.json()["id"] == claims_of(loot.access)["org"]
    assert asked.status_code in {200, 400}
    assert theirs not in asked.content.decode()


def test_our_own_tokens_carry_no_header_that_we_refuse(loot: Loot) -> None:
    assert headers_of(loot.access) == {
        "alg": "ES256",
        "kid": loot.key_id,
        "typ": "at+jwt",
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"refresh": ""},
        {"refresh": None},
        {"refresh": ["x"]},
        {"refresh": {"x": "y"}},
        {"refresh": "x" * 100_000},
        {"refresh": "x\0"},
        {"refresh": "x", "organization": "theirs"},
        {"access": "x"},
    ],
)
def test_bodies_that_are_none_of_ours_are_refused_by_name(body: Any) -> None:
    for address in (REFRESH, REVOKE):
        response = Client().post(address, body, content_type="application/json")
        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] in {
            "refresh",
            "organization",
            "access",
        }
