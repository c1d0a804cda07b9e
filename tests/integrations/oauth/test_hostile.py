"""What attackers send: each row is refused, by name, and never with a 500."""

import base64
import json
from typing import Any

import pytest

from integrations.oauth import bearer
from integrations.oauth.formats import Prefix, generate
from integrations.oauth.models import AccessToken, Grant
from tests.factories import MembershipFactory
from tests.factories.oauth import SECRET, ApplicationFactory
from tests.integrations.oauth.flows import Visit, answer_of, basic, challenge_of

VERIFIER = "v" * 43

#: Changes of a good authorization request; refused with a page, never by redirect.
NEVER_REDIRECTED: dict[str, dict[str, Any]] = {
    "no client": {"client_id": None},
    "unknown client": {"client_id": "app_00000000000000000000"},
    "client with NUL": {"client_id": "app_0000000000000000000\0"},
    "client with newline": {"client_id": "app_00000000000000000000\n"},
    "client as SQL": {"client_id": "' OR 1=1 --"},
    "client as address": {"client_id": "https://evil.example.com/client.json"},
    "very long client": {"client_id": "a" * 5000},
    "no address": {"redirect_uri": None},
    "other host": {"redirect_uri": "https://evil.example.com/callback"},
    "subdomain": {"redirect_uri": "https://x.app.example.com/callback"},
    "host as prefix": {"redirect_uri": "https://app.example.com.evil.com/callback"},
    "userinfo": {"redirect_uri": "https://app.example.com@evil.com/callback"},
    "own userinfo": {"redirect_uri": "https://a:b@app.example.com/callback"},
    "other path": {"redirect_uri": "https://app.example.com/callback/../evil"},
    "longer path": {"redirect_uri": "https://app.example.com/callback/x"},
    "trailing slash": {"redirect_uri": "https://app.example.com/callback/"},
    "added query": {"redirect_uri": "https://app.example.com/callback?next=//evil"},
    "empty query": {"redirect_uri": "https://app.example.com/callback?"},
    "fragment": {"redirect_uri": "https://app.example.com/callback#x"},
    "empty fragment": {"redirect_uri": "https://app.example.com/callback#"},
    "other scheme": {"redirect_uri": "http://app.example.com/callback"},
    "other port": {"redirect_uri": "https://app.example.com:8443/callback"},
    "same port said": {"redirect_uri": "https://app.example.com:443/callback"},
    "other case": {"redirect_uri": "https://APP.example.com/callback"},
    "encoded path": {"redirect_uri": "https://app.example.com/%63allback"},
    "path parameter": {"redirect_uri": "https://app.example.com/callback;x"},
    "backslash": {"redirect_uri": "https://app.example.com\\@evil.com/callback"},
    "newline": {"redirect_uri": "https://app.example.com/callback\r\nSet-Cookie: a=b"},
    "javascript": {"redirect_uri": "javascript:alert(1)//callback"},
    "data": {"redirect_uri": "data:text/html,hello"},
    "loopback": {"redirect_uri": "http://127.0.0.1/callback"},
    "wildcard": {"redirect_uri": "https://*.example.com/callback"},
    "relative": {"redirect_uri": "/callback"},
    "scheme-relative": {"redirect_uri": "//app.example.com/callback"},
    "two clients": {"client_id": ["app_00000000000000000000", "x"]},
    "two addresses": {"redirect_uri": ["https://app.example.com/callback", "x"]},
    "two scopes": {"scope": ["openid", "employees:read"]},
    "two challenges": {"code_challenge": ["x" * 43, "y" * 43]},
    "two states": {"state": ["a", "b"]},
    "state with NUL": {"state": "a\0b"},
    "age in words": {"max_age": "soon"},
    "negative age": {"max_age": "-1"},
}

#: Changes that are told to the app by redirect, with the error that is told.
TOLD_TO_THE_APP: dict[str, tuple[dict[str, Any], str]] = {
    "implicit": ({"response_type": "token"}, "unsupported_response_type"),
    "id token alone": ({"response_type": "id_token"}, "unsupported_response_type"),
    "both": ({"response_type": "id_token token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "hybrid token": ({"response_type": "code token"}, "unsupported_response_type"),
    "no type": ({"response_type": "none"}, "unsupported_response_type"),
    "unknown type": ({"response_type": "device_code"}, "unsupported_response_type"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "empty challenge": ({"code_challenge": ""}, "invalid_request"),
    "plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "plain by omission": ({"code_challenge_method": None}, "invalid_request"),
    "unknown method": ({"code_challenge_method": "S512"}, "invalid_request"),
    "method in small letters": ({"code_challenge_method": "s256"}, "invalid_request"),
    "short challenge": ({"code_challenge": "x" * 42}, "invalid_request"),
    "long challenge": ({"code_challenge": "x" * 300}, "invalid_request"),
    "padded challenge": ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "empty scope": ({"scope": ""}, "invalid_scope"),
    "unknown scope": ({"scope": "everything"}, "invalid_scope"),
    "scope of the role": ({"scope": "members:manage"}, "invalid_scope"),
    "scope of pages": ({"scope": "admin:access"}, "invalid_scope"),
    "one good, one bad": ({"scope": "openid members:read"}, "invalid_scope"),
    "request object": (
        {"request": "eyJhbGciOiJub25lIn0.e30."},
        "request_not_supported",
    ),
    "request by address": (
        {"request_uri": "https://evil.example.com/r"},
        "request_uri_not_supported",
    ),
    "fragment mode": ({"response_mode": "fragment"}, "invalid_request"),
    "form mode": ({"response_mode": "form_post"}, "invalid_request"),
    "very long nonce": ({"nonce": "n" * 300}, "invalid_request"),
    "prompts that exclude each other": ({"prompt": "none login"}, "invalid_request"),
}


@pytest.mark.parametrize("name", NEVER_REDIRECTED)
def test_nobody_is_sent_where_the_app_does_not_live(visit, name):
    changes = NEVER_REDIRECTED[name]

    for answer in (visit.ask(**changes), visit.allow(**changes)):
        assert answer.status_code == 400, answer.content
        assert "Location" not in answer
    assert not Grant.objects.exists()


@pytest.mark.parametrize("name", TOLD_TO_THE_APP)
def test_what_the_app_does_wrong_is_told_to_it(visit, name):
    changes, error = TOLD_TO_THE_APP[name]

    for answer in (visit.ask(**changes), visit.allow(**changes)):
        assert answer.status_code == 302, answer.content
        assert answer["Location"].startswith("https://app.example.com/callback?")
        told = answer_of(answer)
        assert (told["error"], told["state"]) == (error, "st4te")
        assert told["iss"] == "http://127.0.0.1:8000"
    assert not Grant.objects.exists()


def test_broken_encodings_are_refused(visit):
    for query in ("client_id=%zz", "client_id=%ff&redirect_uri=%00", "%", "a=b;c=d"):
        assert visit.browser.get(f"/oauth/authorize/?{query}").status_code == 400


#: Bodies of a token request, besides the proof of the app; with the status.
TOKEN_BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "unsupported_grant_type"),
    "empty grant": ({"grant_type": ""}, "unsupported_grant_type"),
    "password": (
        {"grant_type": "password", "username": "a", "password": "b"},
        "unsupported_grant_type",
    ),
    "implicit": ({"grant_type": "implicit"}, "unsupported_grant_type"),
    "device": (
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
        "unsupported_grant_type",
    ),
    "jwt bearer": (
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"},
        "unsupported_grant_type",
    ),
    "token exchange": (
        {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"},
        "unsupported_grant_type",
    ),
    "a person's app as a service": (
        {"grant_type": "client_credentials"},
        "unauthorized_client",
    ),
    "no code": ({"grant_type": "authorization_code"}, "invalid_request"),
    "empty code": ({"grant_type": "authorization_code", "code": ""}, "invalid_grant"),
    "any code": ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
    "code with NUL": (
        {"grant_type": "authorization_code", "code": "phc_\0"},
        "invalid_request",
    ),
    "code as list": (
        {"grant_type": "authorization_code", "code": ["a", "b"]},
        "invalid_request",
    ),
    "no refresh token": ({"grant_type": "refresh_token"}, "invalid_request"),
    "any refresh token": (
        {"grant_type": "refresh_token", "refresh_token": "x"},
        "invalid_grant",
    ),
    "very long refresh token": (
        {"grant_type": "refresh_token", "refresh_token": "x" * 100_000},
        "invalid_grant",
    ),
    "guessed refresh token": (
        {"grant_type": "refresh_token", "refresh_token": generate(Prefix.REFRESH)},
        "invalid_grant",
    ),
    "guessed code": (
        {"grant_type": "authorization_code", "code": generate(Prefix.CODE)},
        "invalid_grant",
    ),
    "two grants": (
        {"grant_type": ["refresh_token", "client_credentials"]},
        "invalid_request",
    ),
}


@pytest.mark.parametrize("name", TOKEN_BODIES)
def test_no_token_for_odd_requests(visit, name):
    body, error = TOKEN_BODIES[name]

    answer = visit.post("token", body | visit.proof())

    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error
    assert answer["Cache-Control"] == "no-store"
    assert not AccessToken.objects.exists()


#: What does not redeem a good code.
REDEMPTIONS: dict[str, dict[str, Any]] = {
    "no verifier": {"code_verifier": None},
    "other verifier": {"code_verifier": VERIFIER},
    "challenge as verifier": {"code_verifier": challenge_of(VERIFIER)},
    "no address": {"redirect_uri": None},
    "other address": {"redirect_uri": "https://app.example.com/other"},
    "no secret": {"client_secret": None},
    "wrong secret": {"client_secret": generate(Prefix.CLIENT_SECRET)},
    "longer secret": {"client_secret": f"{SECRET}x"},
    "secret with newline": {"client_secret": f"{SECRET}\n"},
    "no client": {"client_id": None},
    "other client": {"client_id": "app_00000000000000000000"},
}


@pytest.mark.parametrize("name", REDEMPTIONS)
def test_a_good_code_needs_its_proof(visit, name):
    code = visit.code()

    answer = visit.redeem(code, **REDEMPTIONS[name])

    assert answer.status_code in {400, 401}
    assert answer.json()["error"] in {
        "invalid_grant",
        "invalid_client",
        "invalid_request",
    }
    assert not AccessToken.objects.exists()


def test_no_verifier_of_another_request_redeems_a_code(visit):
    code = visit.code(code_challenge=challenge_of(VERIFIER))

    assert visit.redeem(code).status_code == 400
    assert visit.redeem(code, code_verifier=VERIFIER).status_code == 200


HEADERS: dict[str, str] = {
    "no base64": "Basic ???",
    "no colon": "Basic " + base64.b64encode(b"abc").decode(),
    "no UTF-8": "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    "empty": "Basic ",
    "NUL": "Basic " + base64.b64encode(b"app_\0:x").decode(),
    "bearer": "Bearer pho_x",
    "very long": "Basic " + base64.b64encode(b"a:" + b"b" * 9000).decode(),
    "digest": "Digest username=x",
}


@pytest.mark.parametrize("where", ["token", "revoke", "introspect"])
@pytest.mark.parametrize("name", HEADERS)
def test_an_unreadable_header_proves_nothing(visit, name, where):
    body = {"grant_type": "client_credentials", "token": "x"}

    answer = visit.post(where, body, Authorization=HEADERS[name])

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_secret_in_header_and_body_is_refused(visit):
    code = visit.code()
    shown = basic(visit.application.client_id, SECRET)

    answer = visit.post(
        "token",
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": visit.application.redirect_uris[0],
            "code_verifier": visit.verifier,
            **visit.proof(),
        },
        **shown,
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_nothing_is_read_from_the_address_of_an_endpoint(visit):
    code = visit.code()
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": visit.application.redirect_uris[0],
        "code_verifier": visit.verifier,
        **visit.proof(),
    }

    answer = visit.apps_server.post("/oauth/token/", query_params=body)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("where", ["token", "revoke", "introspect"])
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
def test_endpoints_are_posted_to(visit, where, method):
    assert getattr(visit.apps_server, method)(f"/oauth/{where}/").status_code == 405


def test_a_json_body_is_no_form(visit):
    answer = visit.apps_server.post(
        "/oauth/token/",
        json.dumps({"grant_type": "client_credentials", **visit.proof()}),
        content_type="application/json",
    )

    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "unsupported_grant_type",
    )


def bearer_rows() -> dict[str, str]:
    good = generate(Prefix.ACCESS)
    return {
        "nothing": "",
        "prefix alone": "pho_",
        "guessed": good,
        "trailing newline": f"{good}\n",
        "trailing space": f"{good} ",
        "doubled": f"{good},{good}",
        "NUL": f"{good[:-1]}\0",
        "very long": good * 1000,
        "refresh token": generate(Prefix.REFRESH),
        "code": generate(Prefix.CODE),
        "client secret": generate(Prefix.CLIENT_SECRET),
        "other letters": "pho_" + "é" * 46,
        "alg none": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "a key": "phr_live_tHt7I8cdpZ3I_alfZjSXAnyBQvjaqdLzRRtSSG7dOxwaR3HiFLW",
        "SQL": "pho_' OR '1'='1",
        "a digest": "0" * 64,
    }


@pytest.mark.parametrize("name", bearer_rows())
def test_what_is_no_token_opens_nothing(visit, name):
    visit.tokens()
    shown = bearer_rows()[name]

    with pytest.raises(bearer.InvalidToken):
        bearer.access_of(shown)


def test_the_id_token_opens_nothing(visit):
    id_token = visit.tokens()["id_token"]

    with pytest.raises(bearer.InvalidToken):
        bearer.access_of(id_token)
    assert visit.userinfo(id_token).status_code == 401


def test_the_stored_digest_opens_nothing(visit):
    visit.tokens()
    stored = AccessToken.objects.get().token_checksum

    for shown in (stored, f"pho_{stored[:46]}"):
        with pytest.raises(bearer.InvalidToken):
            bearer.access_of(shown)


def test_userinfo_takes_a_token_in_the_header_alone(visit):
    token = visit.tokens()["access_token"]

    in_query = visit.apps_server.get("/oauth/userinfo/", {"access_token": token})
    in_body = visit.post("userinfo", {"access_token": token})

    assert in_query.status_code == in_body.status_code == 401
    assert 'error="invalid_token"' in in_query["WWW-Authenticate"]
    assert "resource_metadata=" in in_query["WWW-Authenticate"]


def test_a_token_without_openid_does_not_say_who(visit):
    token = visit.tokens(scope="employees:read")["access_token"]

    assert visit.userinfo(token).status_code == 403


def test_another_organizations_person_cannot_redeem_through_a_second_app(visit):
    """Mixing up codes of two organizations ends nowhere."""
    other = ApplicationFactory()
    theirs = Visit(other, MembershipFactory(organization=other.organization))
    codes = visit.code(), theirs.code()

    assert visit.redeem(codes[1], code_verifier=theirs.verifier).status_code == 400
    assert theirs.redeem(codes[0], code_verifier=visit.verifier).status_code == 400
