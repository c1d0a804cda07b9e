"""Which pages may read answers: those of the caller's own organization."""

import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from integrations.gateway import cors
from integrations.gateway.models import AllowedOrigin
from integrations.gateway.origins import validate_origin
from integrations.gateway.services import delete_origin, save_origin
from organizations.models import Membership, Organization
from organizations.roles import Role
from organizations.security import SecurityKind
from tests.api import ApiClient, api_client
from tests.factories import MembershipFactory
from tests.factories.organizations import PASSWORD
from tests.integrations.gateway.conftest import by_key, by_token
from tests.integrations.gateway.test_limits import limit

EMPLOYEES = "/api/v1/employees/"
ORIGINS = "/api/v1/organization/origins/"
OURS = "https://portal.example.com"
THEIRS = "https://other.example.net"
ALLOW = "Access-Control-Allow-Origin"

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Membership:
    member: Membership = MembershipFactory(role=Role.OWNER)
    allow(member.organization, OURS)
    return member


@pytest.fixture
def stranger() -> Membership:
    """An owner of another organization, which lists another origin."""
    member: Membership = MembershipFactory(role=Role.OWNER)
    allow(member.organization, THEIRS)
    return member


def allow(organization: Organization, origin: str) -> AllowedOrigin:
    allowed = save_origin(AllowedOrigin(organization=organization, origin=origin))
    cors.forget()  # as on_commit does
    return allowed


def preflight(origin: str, path: str = EMPLOYEES, **headers: str) -> Any:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,idempotency-key,if-match",
    }
    return Client().options(path, headers=asked | headers)


@pytest.mark.parametrize("way", [by_token, by_key])
def test_an_answer_may_be_read_by_origins_of_the_callers_organization(
    way: Any, owner: Membership, stranger: Membership
) -> None:
    client = way(owner).client

    own = client.get(EMPLOYEES, headers={"Origin": OURS})
    others = client.get(EMPLOYEES, headers={"Origin": THEIRS})
    nobodys = client.get(EMPLOYEES, headers={"Origin": "https://evil.test"})

    assert own[ALLOW] == OURS
    assert own.status_code == others.status_code == nobodys.status_code == 200
    assert ALLOW not in others
    assert ALLOW not in nobodys


@pytest.mark.parametrize("origin", [None, OURS, THEIRS, "null", "*", "https://x.test"])
def test_every_answer_says_that_it_varies_and_never_allows_cookies(
    origin: str | None, owner: Membership, stranger: Membership
) -> None:
    headers = {"Origin": origin} if origin else {}
    for response in (
        by_token(owner).client.get(EMPLOYEES, headers=headers),
        Client().get(EMPLOYEES, headers=headers),
        Client().get("/api/nowhere", headers=headers),
        preflight(origin or ""),
    ):
        assert "origin" in response["Vary"].lower()
        assert "Access-Control-Allow-Credentials" not in response
        assert response.get(ALLOW) != "*"
        assert response.get(ALLOW) in {None, origin}


def test_a_preflight_is_answered_to_any_listed_origin(
    owner: Membership, stranger: Membership
) -> None:
    for origin in (OURS, THEIRS):
        response = preflight(origin)
        assert response.status_code == 200
        assert response[ALLOW] == origin
        assert "DELETE" in response["Access-Control-Allow-Methods"]
        allowed = response["Access-Control-Allow-Headers"]
        assert {"x-api-key", "idempotency-key", "if-match"} <= set(allowed.split(", "))
        assert response["Access-Control-Max-Age"] == "600"
    assert ALLOW not in preflight("https://evil.test")


@pytest.mark.parametrize(
    "origin",
    [
        "https://portal.example.com.evil.test",
        "https://evil-portal.example.com",
        "http://portal.example.com",
        "https://portal.example.com:8443",
        "https://PORTAL.example.com",
        "https://portal.example.com/",
        "https://portal.example.com, https://portal.example.com",
        "null",
    ],
)
def test_origins_are_compared_letter_by_letter(origin: str, owner: Membership) -> None:
    assert ALLOW not in preflight(origin)
    response = by_token(owner).client.get(EMPLOYEES, headers={"Origin": origin})
    assert ALLOW not in response


def test_pages_may_read_what_they_need(owner: Membership) -> None:
    response = by_token(owner).client.get(EMPLOYEES, headers={"Origin": OURS})

    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert exposed >= {
        "RateLimit",
        "RateLimit-Policy",
        "X-RateLimit-Limit",
        "Retry-After",
        "X-Request-ID",
        "ETag",
        "Link",
        "Location",
        "Idempotency-Replayed",
        "Deprecation",
    }


def test_refusals_may_be_read_as_well(owner: Membership, stranger: Membership) -> None:
    mine = by_token(owner).client
    headers = {"Origin": OURS}

    assert mine.get(f"{EMPLOYEES}1/", headers=headers)[ALLOW] == OURS  # 404
    assert mine.put(EMPLOYEES, headers=headers)[ALLOW] == OURS  # 405
    assert mine.get(f"{EMPLOYEES}?limit=x", headers=headers)[ALLOW] == OURS  # 400
    # Nobody's: pages of every organization may read that one has to log in again.
    bad = Client(headers={"Authorization": "Bearer x"})
    assert bad.get(EMPLOYEES, headers=headers)[ALLOW] == OURS
    assert ALLOW not in bad.get(EMPLOYEES, headers={"Origin": "https://evil.test"})


def test_a_429_may_be_read_by_origins_of_who_was_too_fast(
    owner: Membership, stranger: Membership, limits: Any
) -> None:
    limit(limits, "user", 1)
    mine, headers = by_token(owner).client, {"Origin": OURS}
    responses = [mine.get(EMPLOYEES, headers=headers) for _ in range(3)]
    assert responses[-1].status_code == 429
    assert responses[-1][ALLOW] == OURS
    assert ALLOW not in mine.get(EMPLOYEES, headers={"Origin": THEIRS})


def test_a_429_of_strangers_may_be_read(owner: Membership, limits: Any) -> None:
    limit(limits, "address", 1)
    responses = [Client().get(EMPLOYEES, headers={"Origin": OURS}) for _ in range(3)]

    assert responses[-1].status_code == 429
    assert responses[-1][ALLOW] == OURS


def test_tokens_are_given_to_pages_of_their_organization(
    owner: Membership, stranger: Membership
) -> None:
    body: dict[str, str] = {"email": owner.user.email, "password": PASSWORD}
    for path in ("/api/v1/auth/token/", "/api/v1/auth/token/refresh/"):
        own = send(path, body, OURS)
        assert own.status_code == 200, own.content
        assert own[ALLOW] == OURS
        if "password" in body:
            foreign = send(path, body, THEIRS)
            assert foreign.status_code == 200
        else:
            foreign = send(path, {"refresh": own.json()["refresh"]}, THEIRS)
        assert ALLOW not in foreign
        body = {"refresh": own.json()["refresh"]}


def send(path: str, body: Any, origin: str) -> Any:
    return Client().post(
        path, body, content_type="application/json", headers={"Origin": origin}
    )


def test_a_change_counts_within_two_seconds_in_every_process(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = by_token(owner).client

    def now_allowed(origin: str) -> bool:
        return ALLOW in client.get(EMPLOYEES, headers={"Origin": origin})

    assert not now_allowed("https://new.example.com")
    # Behind this process' back, as another one would.
    AllowedOrigin.objects.create(
        organization=owner.organization, origin="https://new.example.com"
    )
    AllowedOrigin.objects.filter(origin=OURS).delete()
    later = time.monotonic() + cors.HELD_SECONDS + 0.01
    monkeypatch.setattr(cors.time, "monotonic", lambda: later)

    assert cors.HELD_SECONDS < 2
    assert now_allowed("https://new.example.com")
    assert not now_allowed(OURS)


def test_a_closed_organization_lists_nothing(owner: Membership) -> None:
    assert ALLOW in preflight(OURS)
    Organization.objects.update(closed_at="2026-01-01T00:00:00Z")
    cors.forget()
    assert ALLOW not in preflight(OURS)


def test_pages_that_are_no_api_are_not_shared(owner: Membership) -> None:
    response = Client().get("/account/login/", headers={"Origin": OURS})

    assert ALLOW not in response


def test_requests_without_origin_cost_no_query(
    owner: Membership, django_assert_num_queries: Any
) -> None:
    cors.forget()
    with django_assert_num_queries(0):
        preflight("")
    with django_assert_num_queries(1):
        preflight(OURS)
        preflight(OURS)


# --- Listing --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "https://portal.example.com",
        "https://portal.example.com:8443",
        "https://xn--bcher-kva.example",
        "https://203.0.113.7",
        "https://[2001:db8::1]:8443",
        "http://localhost",
        "http://localhost:3000",
        "http://127.0.0.1:5173",
        "http://[::1]:3000",
    ],
)
def test_origins_as_browsers_send_them(origin: str) -> None:
    validate_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "https://*.example.com",
        r"https://.*\.example\.com",
        "https://portal.example.com/",
        "https://portal.example.com/path",
        "https://portal.example.com?x=1",
        "https://portal.example.com#x",
        "https://Portal.example.com",
        "HTTPS://portal.example.com",
        "https://user:secret@portal.example.com",
        "https://portal.example.com:443",
        "https://portal.example.com:08443",
        "https://portal.example.com:0",
        "https://portal.example.com:65536",
        "https://portal.example.com:",
        "https://portal.example.com ",
        "https://portal.example.com\n",
        "https://bücher.example",
        "https://-portal.example.com",
        "https://portal..example.com",
        "https://[2001:0db8::1]",
        "https://[::x]",
        "http://portal.example.com",
        "http://localhost:80",
        "http://localhost.evil.test",
        "ftp://portal.example.com",
        "file://",
        "chrome-extension://abc",
        "https://" + "a" * 250 + ".com",
    ],
)
def test_what_is_no_origin_is_refused(origin: str, owner: Membership) -> None:
    with pytest.raises(ValidationError):
        validate_origin(origin)
    response = ApiClient(owner).send("POST", ORIGINS, {"origin": origin})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/origin"


def test_origins_are_managed_by_api(owner: Membership, security_events: Any) -> None:
    client = ApiClient(owner)
    new = "https://new.example.com"

    created = client.send("POST", ORIGINS, {"origin": new, "note": "New"})
    twice = client.send("POST", ORIGINS, {"origin": new})
    changed = client.send("PATCH", created["Location"], {"note": "Old"})
    listed = client.get(f"{ORIGINS}?search=new").json()["results"]
    gone = client.send("DELETE", created["Location"])

    assert created.status_code == 201
    assert twice.json()["errors"][0]["code"] == "unique"
    assert changed.json()["note"] == "Old"
    assert [row["origin"] for row in listed] == [new]
    assert gone.status_code == 204
    kinds = [(event.kind, event.reason) for event in security_events]
    assert kinds[1:] == [  # the first is the login's
        (SecurityKind.ACCESS_CHANGED, "origin_allowed"),
        (SecurityKind.ACCESS_CHANGED, "origin_allowed"),
        (SecurityKind.ACCESS_CHANGED, "origin_removed"),
    ]


def test_origins_are_managed_in_the_admin(member_client: Any) -> None:
    browser = member_client(Role.OWNER)
    add = "/admin/gateway/allowedorigin/add/"

    refused = browser.post(add, {"origin": "https://*.example.com"})
    saved = browser.post(add, {"origin": OURS, "note": "Portal"})

    assert "Wildcards are not offered" in refused.content.decode()
    assert saved.status_code == 302
    allowed = AllowedOrigin.objects.get()
    assert allowed.organization == browser.membership.organization
    change = f"/admin/gateway/allowedorigin/{allowed.pk}/change/"
    assert browser.post(change, {"origin": OURS, "note": "x", "version": 1})
    browser.post(f"/admin/gateway/allowedorigin/{allowed.pk}/delete/", {"post": "yes"})
    assert not AllowedOrigin.objects.exists()


def test_there_are_so_many_at_most(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.gateway.services.MOST_ORIGINS", 2)
    client = ApiClient(owner)

    statuses = [
        client.send("POST", ORIGINS, {"origin": f"https://{n}.example.com"}).status_code
        for n in range(3)
    ]

    assert statuses == [201, 400, 400]


def test_others_may_not_list_origins(owner: Membership) -> None:
    client = api_client(Role.HR, owner.organization)

    assert client.get(ORIGINS).status_code == 200
    response = client.send("POST", ORIGINS, {"origin": THEIRS})
    assert response.json()["missing_scope"] == "organization:manage"


def test_an_origin_that_is_removed_counts_no_more(owner: Membership) -> None:
    delete_origin(AllowedOrigin.objects.get())
    cors.forget()

    assert ALLOW not in preflight(OURS)
