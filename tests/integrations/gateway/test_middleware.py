"""Every answer of the API leaves a line in the call log, whoever refused what."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from integrations.audit.calls import call_log
from integrations.audit.models import LoggedCall
from integrations.rate_limits import policies
from organizations.models import Membership
from organizations.security import SecurityKind
from tests.factories import MembershipFactory
from tests.factories.oauth import SECRET, ApplicationFactory
from tests.integrations.gateway.conftest import (
    EMPLOYEES,
    Showing,
    by_app,
    by_key,
    by_session,
    by_token,
)

pytestmark = pytest.mark.django_db

Ask = Callable[[Membership], Any]
JSON = "application/json"
NOBODY = ""


def line_of(response: Any) -> LoggedCall:
    """Return what the log says of an answer, once everything is written."""
    call_log.close()
    found: LoggedCall = LoggedCall.objects.get(request_id=response["X-Request-ID"])
    return found


def post(membership: Membership, path: str, body: Any) -> Any:
    return by_token(membership).client.post(path, body, content_type=JSON)


TOKENS = "/oauth/token/"
BAD_APP = "Bearer pho_x"


def show(**headers: str) -> Any:
    shown = {name.replace("_", "-"): text for name, text in headers.items()}
    return Client().get(EMPLOYEES, headers=shown)


def preflight(path: str) -> Any:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    return Client().options(path, headers=asked)


def for_tokens(membership: Membership, secret: str) -> Any:
    """Ask for a token as a service of the member's organization."""
    app = ApplicationFactory(service=True, organization=membership.organization)
    shown = {"client_id": app.client_id, "client_secret": secret}
    return Client().post(TOKENS, {"grant_type": "client_credentials", **shown})


#: What is asked, and what the line says: status, route, kind of credential.
CALLS: dict[str, tuple[Ask, int, str, str]] = {
    "by session": (lambda m: by_session(m).get(), 200, EMPLOYEES, "session"),
    "by token": (lambda m: by_token(m).get(), 200, EMPLOYEES, "token"),
    "by key": (lambda m: by_key(m).get(), 200, EMPLOYEES, "api_key"),
    "by app": (lambda m: by_app(m).get(), 200, EMPLOYEES, "oauth"),
    "a write": (
        lambda m: post(m, "/api/v1/departments/", {"name": "Research"}),
        201,
        "/api/v1/departments/",
        "token",
    ),
    "by nobody": (lambda _m: show(), 401, EMPLOYEES, NOBODY),
    "a bad token": (lambda _m: show(Authorization="Bearer x"), 401, EMPLOYEES, NOBODY),
    "a bad app": (lambda _m: show(Authorization=BAD_APP), 401, EMPLOYEES, NOBODY),
    "a bad key": (lambda _m: show(X_API_Key="x"), 401, EMPLOYEES, NOBODY),
    "two credentials": (
        lambda _m: show(X_API_Key="x", Authorization="Bearer x"),
        400,
        EMPLOYEES,
        NOBODY,
    ),
    "without the scope": (
        lambda m: by_key(m).get("/api/v1/webhooks/"),
        403,
        "/api/v1/webhooks/",
        "api_key",
    ),
    "no such record": (
        lambda m: by_token(m).get(f"{EMPLOYEES}{uuid4()}/"),
        404,
        "/api/v1/employees/{pk}/",
        "token",
    ),
    "no such address": (lambda m: by_token(m).get("/api/v1/no/"), 404, "/api/", NOBODY),
    "no such version": (lambda _m: Client().get("/api/v9/"), 404, "/api/", NOBODY),
    "no such method": (
        lambda m: by_token(m).client.delete("/api/v1/me/"),
        405,
        "/api/v1/me/",
        "token",
    ),
    "no JSON": (
        lambda m: post(m, "/api/v1/departments/", "{"),
        400,
        "/api/v1/departments/",
        "token",
    ),
    "no media type of ours": (
        lambda m: by_token(m).client.post(EMPLOYEES, "x", content_type="text/csv"),
        415,
        EMPLOYEES,
        "token",
    ),
    "a wrong password": (
        lambda m: Client().post(
            "/api/v1/auth/token/",
            {"email": m.user.email, "password": "wrong"},
            content_type=JSON,
        ),
        401,
        "/api/v1/auth/token/",
        NOBODY,
    ),
    "a preflight": (
        lambda _m: preflight(f"{EMPLOYEES}{uuid4()}/"),
        200,
        "/api/v1/employees/{pk}/",
        NOBODY,
    ),
    "a preflight to nowhere": (lambda _m: preflight("/api/no/"), 200, "/api/", NOBODY),
    "an app for tokens": (lambda m: for_tokens(m, SECRET), 200, TOKENS, "oauth"),
    "an app's wrong secret": (
        lambda m: for_tokens(m, "wrong"),
        401,
        TOKENS,
        NOBODY,
    ),
    "a token for who it is": (
        lambda m: by_app(m).get("/oauth/userinfo/"),
        403,  # it was not asked for ``openid``
        "/oauth/userinfo/",
        "oauth",
    ),
    "a document for all": (
        lambda _m: Client().get("/api/v1/auth/jwks/"),
        200,
        "/api/v1/auth/jwks/",
        NOBODY,
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_answer_leaves_a_line(name: str, membership: Membership) -> None:
    ask, status, route, kind = CALLS[name]

    response = ask(membership)
    line = line_of(response)

    assert response.status_code == status, response.content
    assert (line.status, line.credential_kind) == (status, kind)
    assert line.route == route
    assert line.address == "127.0.0.1"
    assert line.duration_us > 0
    assert line.bytes_out == len(response.content)
    known = kind != NOBODY
    assert (line.organization_id == membership.organization_id) is known
    assert bool(line.actor_id and line.credential_id) is known


def test_the_line_says_who_acts(showing: Showing) -> None:
    line = line_of(showing.get(**{"User-Agent": "payroll/1.0"}))

    user = str(showing.membership.user_id)
    own = str(showing.row.pk) if showing.kind == "api_key" else user
    assert line.actor_type == ("api_key" if showing.kind == "api_key" else "user")
    assert str(line.actor_id) == own
    assert line.agent == "payroll/1.0"
    # The id names the credential and opens nothing.
    for text in showing.headers.values():
        assert line.credential_id not in text.rpartition("_")[2]


@pytest.mark.parametrize("name", ["address", "organization"])
def test_a_refusal_for_speed_leaves_a_line_and_one_event(
    showing: Showing,
    limits: dict[str, tuple[int, int]],
    name: str,
    security_events: list[Any],
) -> None:
    limits[name] = (4, 3600)
    policies.default_policy.cache_clear()

    answers = [showing.get() for _call in range(7)]

    line = line_of(answers[-1])
    assert line.status == HTTPStatus.TOO_MANY_REQUESTS
    assert (line.method, line.duration_us > 0) == ("GET", True)
    # One round trip counts a known key in all its limits.
    is_known = name == "organization" or showing.kind == "api_key"
    assert (line.organization_id == showing.membership.organization_id) is is_known
    told = [
        event
        for event in security_events
        if event.kind == SecurityKind.LIMIT_EXCEEDED and event.organization_id
    ]
    assert len(told) == is_known


def test_a_missing_scope_is_one_event_however_often(
    membership: Membership, security_events: list[Any]
) -> None:
    key = by_key(membership)

    statuses = {key.get("/api/v1/webhooks/").status_code for _call in range(3)}

    assert statuses == {HTTPStatus.FORBIDDEN}
    (told,) = security_events
    assert (told.kind, told.reason) == (SecurityKind.ACCESS_REFUSED, "missing_scope")
    assert told.organization_id == membership.organization_id
    assert told.subject == f"api_key:{key.row.key_id}"
    assert told.details["route"] == "/api/v1/webhooks/"


def test_pages_leave_no_line(member_client: Any) -> None:
    response = member_client().get("/")

    call_log.close()

    assert response.status_code == HTTPStatus.OK
    assert not LoggedCall.objects.filter(request_id=response["X-Request-ID"]).exists()


def test_who_is_refused_tokens_too_often_waits(
    limits: dict[str, tuple[int, int]],
) -> None:
    member = MembershipFactory()
    limits["token"] = (3, 60)
    policies.default_policy.cache_clear()
    good = by_token(member)

    def refresh(text: str) -> Any:
        body = {"refresh": text}
        return Client().post("/api/v1/auth/token/refresh/", body, content_type=JSON)

    answers = [refresh(f"x{number}") for number in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 2
    assert answers[-1].json()["violated-policies"] == ["token"]
    assert int(answers[-1]["Retry-After"]) > 0
    assert '"token"' not in answers[0]["RateLimit-Policy"]
    # Who is known already is kept from nothing.
    assert good.get().status_code == HTTPStatus.OK
