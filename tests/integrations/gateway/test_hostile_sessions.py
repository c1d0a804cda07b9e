"""What is tried with the session of a browser: each row opens and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.signing import dumps
from django.test import Client
from django.utils import timezone

from employees.models import Department, Employee
from integrations.gateway.passage import passage_of
from organizations.access import CredentialKind
from organizations.middleware import REMEMBERED_COOKIE
from organizations.models import Membership
from organizations.roles import Role
from tests.factories import EmployeeFactory, MembershipFactory
from tests.factories.employees import DepartmentFactory
from tests.integrations.gateway.conftest import EMPLOYEES

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"
JSON = "application/json"
COOKIE = settings.SESSION_COOKIE_NAME


class Browser(Client):
    """A member's browser, which a server holds to its CSRF token as a real one."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(enforce_csrf_checks=True)
        self.membership = membership
        self.force_login(membership.user)
        self.get("/account/sessions/")  # hands out the CSRF cookie

    @property
    def key(self) -> str:
        return self.cookies[COOKIE].value

    @property
    def csrf(self) -> str:
        return self.cookies[settings.CSRF_COOKIE_NAME].value


@pytest.fixture
def browser() -> Browser:
    return Browser(MembershipFactory(role=Role.OWNER))


# --- The cookie ---


def logged_out(browser: Browser) -> str:
    key = browser.key
    Client(headers={"Cookie": f"{COOKIE}={key}"}).get("/")
    browser.logout()
    return key


def another_password(browser: Browser) -> str:
    user = browser.membership.user
    user.set_password("another one altogether")
    user.save()
    return browser.key


def expired(browser: Browser) -> str:
    Session.objects.update(expire_date=timezone.now())
    cache.clear()  # which keeps a session no longer than the cookie lasts
    return browser.key


def ended_elsewhere(browser: Browser) -> str:
    key = browser.key
    there = Client()
    there.force_login(browser.membership.user)
    there.post("/account/sessions/")
    return key


def logged(browser: Browser) -> str:
    """What the call log names the session by."""
    response = browser.get(EMPLOYEES)
    access = passage_of(response.wsgi_request).access
    assert access is not None
    assert access.credential is not None
    assert access.credential.kind == CredentialKind.SESSION
    return access.credential.id


COOKIES: dict[str, Callable[[Browser], str]] = {
    "empty": lambda _: "",
    "guessed": lambda _: "0" * 32,
    "a word": lambda _: "admin",
    "shortened": lambda browser: browser.key[:-1],
    "lengthened": lambda browser: browser.key + "a",
    "capitals": lambda browser: browser.key.upper(),
    "backwards": lambda browser: browser.key[::-1],
    "first letter": lambda browser: (
        ("a" if browser.key[0] != "a" else "b") + browser.key[1:]
    ),
    "a prefix": lambda browser: browser.key[:8],
    "trailing NUL": lambda browser: browser.key + "\0",
    "quoted wrongly": lambda browser: f'"{browser.key}',
    "percent-encoded": lambda browser: "%" + browser.key,
    "SQL": lambda _: "' OR '1'='1' --",
    "SQL wildcard": lambda _: "%",
    "a path": lambda _: "../../../../etc/passwd",
    "JSON": lambda _: '{"_auth_user_id": "1"}',
    "a signed session": lambda browser: dumps(
        {"_auth_user_id": str(browser.membership.user_id)}, key="guessed"
    ),
    "one that our own key signed": lambda browser: dumps(
        {"_auth_user_id": str(browser.membership.user_id)}
    ),
    "the user's id": lambda browser: str(browser.membership.user_id),
    "the CSRF token": lambda browser: browser.csrf,
    "a format": lambda _: "%s%n{0}",
    "no Unicode": lambda _: "\udcff\udcfe",
    "emoji": lambda _: "😀" * 8,
    "very long": lambda _: "a" * 8000,
    "what the log says": logged,
    "logged out": logged_out,
    "before another password": another_password,
    "expired": expired,
    "ended elsewhere": ended_elsewhere,
}


@pytest.mark.parametrize("name", COOKIES)
def test_no_other_cookie_is_a_session(name: str, browser: Browser) -> None:
    # As a server passes on the bytes of it.
    text = COOKIES[name](browser).encode(errors="surrogateescape").decode("latin-1")
    stranger = Client()
    stranger.cookies[COOKIE] = text

    answer = stranger.get(EMPLOYEES)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_what_cannot_be_a_key_is_not_looked_for(
    django_assert_num_queries: Any,
) -> None:
    for text in ('"' + "a" * 31 + '\\000"', "a" * 8000, "A" * 32, "'; --", "é" * 32):
        with django_assert_num_queries(0):
            answer = Client(headers={"Cookie": f"{COOKIE}={text}"}).get(EMPLOYEES)
        assert answer.status_code == 401


@pytest.mark.parametrize("name", ["session", "SESSIONID", "sessionid2", "token"])
def test_a_session_is_read_from_its_cookie_alone(name: str, browser: Browser) -> None:
    other = Client()
    other.cookies[name] = browser.key

    assert other.get(EMPLOYEES).status_code == 401
    assert Client().get(EMPLOYEES, {COOKIE: browser.key}).status_code == 401
    headers = {"X-Session": browser.key, "Authorization": f"Session {browser.key}"}
    assert Client().get(EMPLOYEES, headers=headers).status_code == 401


# --- Writes without the token of our own form ---

Sent = dict[str, Any]
FORGED: dict[str, Callable[[Browser], Sent]] = {
    "nothing": lambda _: {},
    "an empty token": lambda _: {"headers": {"X-CSRFToken": ""}},
    "a guessed token": lambda _: {"headers": {"X-CSRFToken": "a" * 32}},
    "a long guess": lambda _: {"headers": {"X-CSRFToken": "a" * 64}},
    "a broken token": lambda _: {"headers": {"X-CSRFToken": "../x"}},
    "the session's key": lambda browser: {"headers": {"X-CSRFToken": browser.key}},
    "somebody else's": lambda _: {
        "headers": {"X-CSRFToken": Browser(MembershipFactory()).csrf}
    },
    "in the address": lambda browser: {
        "query_params": {"csrfmiddlewaretoken": browser.csrf}
    },
    "in another header": lambda browser: {"headers": {"X-XSRF-TOKEN": browser.csrf}},
    "from another page": lambda browser: {
        "headers": {"X-CSRFToken": browser.csrf, "Origin": "https://evil.example.com"}
    },
    "from nowhere": lambda browser: {
        "headers": {"X-CSRFToken": browser.csrf, "Origin": "null"}
    },
    "from a host like ours": lambda browser: {
        "headers": {
            "X-CSRFToken": browser.csrf,
            "Origin": "http://testserver.evil.example.com",
        }
    },
    "in a form": lambda _: {"content_type": "application/x-www-form-urlencoded"},
    "in a form with files": lambda _: {"content_type": "multipart/form-data"},
    "as plain text": lambda _: {"content_type": "text/plain"},
}


@pytest.mark.parametrize("name", FORGED)
def test_no_other_page_writes_with_the_session(name: str, browser: Browser) -> None:
    sent = {"content_type": JSON} | FORGED[name](browser)

    answer = browser.post(DEPARTMENTS, b'{"name": "Research"}', **sent)

    assert answer.status_code in {403, 415}, answer.content
    assert not Department.objects.exists()


def test_our_own_page_writes(browser: Browser) -> None:
    answer = browser.post(
        DEPARTMENTS,
        b'{"name": "Research"}',
        content_type=JSON,
        headers={"X-CSRFToken": browser.csrf},
    )

    assert answer.status_code == 201


# --- Another method than the one that was used ---


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "header",
    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method"],
)
def test_a_header_names_no_other_method(
    header: str, method: str, browser: Browser
) -> None:
    employee = EmployeeFactory(organization=browser.membership.organization)

    answer = browser.generic(
        method,
        f"{EMPLOYEES}{employee.pk}/",
        b"{}",
        content_type=JSON,
        headers={"X-CSRFToken": browser.csrf, header: "DELETE"},
    )

    assert answer.status_code == (200 if method == "GET" else 405)
    assert Employee.objects.filter(pk=employee.pk).exists()


@pytest.mark.parametrize("name", ["_method", "method", "_HttpMethod"])
def test_nor_does_a_parameter(name: str, browser: Browser) -> None:
    employee = EmployeeFactory(organization=browser.membership.organization)
    address = f"{EMPLOYEES}{employee.pk}/"
    own = {"headers": {"X-CSRFToken": browser.csrf}}

    browser.get(address, {name: "DELETE"})
    browser.post(f"{address}?{name}=DELETE", b"{}", content_type=JSON, **own)
    browser.post(address, {name: "DELETE"}, content_type=JSON, **own)

    assert Employee.objects.filter(pk=employee.pk).exists()


# --- Another organization's ids ---


@pytest.fixture
def theirs() -> Employee:
    employee: Employee = EmployeeFactory(last_name="Elsewhere")
    return employee


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_their_record_is_not_found(
    method: str, browser: Browser, theirs: Employee
) -> None:
    answer = browser.generic(
        method,
        f"{EMPLOYEES}{theirs.pk}/",
        b'{"first_name": "Mallory"}',
        content_type=JSON,
        headers={"X-CSRFToken": browser.csrf},
    )

    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.first_name != "Mallory"


PARAMETERS = (
    "organization",
    "organization_id",
    "org",
    "tenant",
    "tenant_id",
    "department",
    "manager",
    "id",
    "pk",
)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_does_not_lead_there(
    name: str, browser: Browser, theirs: Employee
) -> None:
    for value in (theirs.organization_id, theirs.organization.slug, theirs.pk):
        answer = browser.get(EMPLOYEES, {name: str(value)})
        assert answer.status_code in {200, 400}
        assert "Elsewhere" not in answer.content.decode()


BODIES: dict[str, Callable[[Employee], dict[str, Any]]] = {
    "organization": lambda theirs: {"organization": str(theirs.organization_id)},
    "organization_id": lambda theirs: {"organization_id": str(theirs.organization_id)},
    "id": lambda theirs: {"id": str(theirs.pk)},
    "parent": lambda theirs: {
        "parent": str(DepartmentFactory(organization=theirs.organization).pk)
    },
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_does_not_lead_there(
    name: str, browser: Browser, theirs: Employee
) -> None:
    before = Department.objects.for_organization(theirs.organization).count()
    body = {"name": "Research"} | BODIES[name](theirs)
    added = Department.objects.for_organization(theirs.organization).count() - before

    answer = browser.post(
        DEPARTMENTS, body, content_type=JSON, headers={"X-CSRFToken": browser.csrf}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == name
    count = Department.objects.for_organization(theirs.organization).count()
    assert count == before + added


@pytest.mark.parametrize(
    "header", ["X-Organization", "X-Organization-Id", "X-Tenant", "X-Tenant-Id"]
)
def test_a_header_does_not_lead_there(
    header: str, browser: Browser, theirs: Employee
) -> None:
    answer = browser.get(
        "/api/v1/organization/", headers={header: str(theirs.organization_id)}
    )

    assert answer.json()["id"] == str(browser.membership.organization_id)


def test_a_remembered_organization_is_a_wish(
    browser: Browser, theirs: Employee
) -> None:
    browser.cookies[REMEMBERED_COOKIE] = str(theirs.organization_id)

    answer = browser.get("/api/v1/organization/")

    assert answer.json()["id"] == str(browser.membership.organization_id)


# --- Whom a proxy might have told of ---

FORWARDED = {
    "Forwarded": "for=198.51.100.7;proto=https;host=evil.example.com",
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Host": "evil.example.com",
    "X-Forwarded-Prefix": "/admin",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-User": "owner@example.com",
    "X-Real-IP": "198.51.100.7",
    "X-Client-IP": "198.51.100.7",
    "X-Remote-User": "owner@example.com",
    "X-Authenticated-User": "owner@example.com",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "True-Client-IP": "198.51.100.7",
    "CF-Connecting-IP": "198.51.100.7",
    "Via": "1.1 evil.example.com",
}


@pytest.mark.parametrize("name", FORWARDED)
def test_a_forged_header_moves_and_admits_nobody(name: str, browser: Browser) -> None:
    forged = {name: FORWARDED[name]}

    assert Client().get(EMPLOYEES, headers=forged).status_code == 401
    answer = browser.get(EMPLOYEES, headers=forged)
    assert answer.status_code == 200
    assert passage_of(answer.wsgi_request).address == "127.0.0.1"
    assert "evil.example.com" not in answer.content.decode()
    # Nor does it say who writes.
    written = browser.post(DEPARTMENTS, b"{}", content_type=JSON, headers=forged)
    assert written.status_code == 403


def test_there_are_more_than_sixty_ways() -> None:
    tables = (COOKIES, FORGED, PARAMETERS, BODIES, FORWARDED)
    assert sum(map(len, tables)) > 60
