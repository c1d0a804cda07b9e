"""What comes in wrong is refused with 400 (or 413, 414, 415), saying where."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from organizations.problems import problem_type
from organizations.roles import Role
from tests.api import ApiClient, api_client
from tests.factories import DepartmentFactory

pytestmark = pytest.mark.django_db

EMPLOYEES = "/api/v1/employees/"
DEPARTMENTS = "/api/v1/departments/"
REQUESTS = "/api/v1/leave/requests/"
NEW = '"last_name": "A", "work_email": "a@example.com", "hired_on": "2026-01-05"'


@pytest.fixture(scope="module")
def client(django_db_setup: None, django_db_blocker: Any) -> Any:
    """An owner, made once; nothing that they send is taken."""
    from django.db import transaction

    from organizations.tokens.ring import forget_ring

    with django_db_blocker.unblock(), transaction.atomic():
        forget_ring()
        made = api_client(Role.OWNER)
        made.department = DepartmentFactory(organization=made.membership.organization)
        yield made
        transaction.set_rollback(True)


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["type"] == problem_type(code)
    assert document["status"] == status
    assert document["request_id"] == response["X-Request-ID"]
    assert document["instance"]
    return document


def post(
    client: Client, body: bytes | str, content_type: str = "application/json"
) -> Any:
    return client.generic("POST", EMPLOYEES, body, content_type)


# --- Bodies ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ('{"first_name": "a\\u0000b", %s}', {"/first_name"}),
        ('{"first_name": "A", "first_name": "B", %s}', {"/first_name"}),
        ('{"first_name": "A", "x": {"deep": 1}, %s}', {"/x"}),
        ('{"first_name": "A", "a/b~c": 1, %s}', {"/a~1b~0c"}),
        (
            '{"first_name": %s, %%s}' % ("[" * 40 + "]" * 40),
            {"/first_name" + "/0" * 31},
        ),
        ('{"first_name": 123456789012345678901234567890, %s}', {"/first_name"}),
        ('{"first_name": -9223372036854775809, %s}', {"/first_name"}),
        ('{"first_name": "%s", %%s}' % ("x" * 5000), {"/first_name"}),
        ('{"first_name": {"a": 1}, %s}', {"/first_name"}),
        ('{"first_name": [1], %s}', {"/first_name"}),
        ('{"first_name": null, %s}', {"/first_name"}),
        ('{"first_name": true, %s}', {"/first_name"}),
        ('{"first_name": "A", "manager": 5, %s}', {"/manager"}),
        ('{"first_name": "A", "manager": "x", %s}', {"/manager"}),
        ('{"first_name": "A", "version": 7, %s}', {"/version"}),
    ],
)
def test_what_is_wrong_in_a_body_is_pointed_at(
    client: ApiClient, body: str, pointers: set[str]
) -> None:
    problem = problem_of(post(client, body % NEW), 400, "invalid")

    assert {error["pointer"] for error in problem["errors"]} == pointers


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'first_name': 'A'}",
        b'{"first_name": NaN}',
        b'{"first_name": Infinity}',
        b'{"first_name": -Infinity}',
        b'{"first_name": 1e999}',
        b'{"first_name": "\xff"}',
        b'{"first_name": "\xed\xa0\x80"}',
        b'{"first_name": "\\ud800"}',
        b'\xef\xbb\xbf{"first_name": "A"}',
        '{"first_name": "A"}'.encode("utf-16"),
        '{"first_name": "A"}'.encode("utf-32"),
        b'{"first_name": "A",}',
        b'{"first_name": "A"} x',
        b'{"first_name": 01}',
        b"first_name=A",
        b"[" * 100_000,
        b"\0",
    ],
)
def test_what_is_no_json_is_refused(client: ApiClient, body: bytes) -> None:
    response = post(client, body)

    if body == b"":
        problem_of(response, 400, "invalid")  # no field is there
    else:
        [error] = problem_of(response, 400, "parse_error")["errors"]
        assert error["pointer"] == ""


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"true"])
def test_a_body_of_another_shape_is_refused(client: ApiClient, body: bytes) -> None:
    problem = problem_of(post(client, body), 400, "invalid")

    assert [error["pointer"] for error in problem["errors"]] == [""]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/json; charset=nonsense",
        "application/jsonx",
        "/",
        "x",
    ],
)
def test_another_type_of_body_is_415(client: ApiClient, content_type: str) -> None:
    problem_of(post(client, b'{"a": 1}', content_type), 415, "unsupported_media_type")


def test_a_body_that_is_too_large_is_413(client: ApiClient) -> None:
    body = b'{"first_name": "%s"}' % (b"x" * 2_700_000)

    problem_of(post(client, body), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")


def test_items_of_batches_are_pointed_at(client: ApiClient) -> None:
    items = [{"direction": "in"}, {"direction": "sideways", "x": 1}]

    response = client.send("POST", "/api/v1/attendance/punches/bulk/", {"items": items})

    told = [
        [error["pointer"] for error in result["problem"]["errors"]]
        for result in response.json()["results"]
    ]
    assert "/items/0/punched_at" in told[0]
    assert told[1] == ["/items/1/x"]


def test_nested_values_are_pointed_at(client: ApiClient) -> None:
    pattern = {"monday": {"starts": "09:00", "ends": 5, "break_minutes": 30}}
    body = {"name": "Office", "pattern": pattern}

    response = client.send("POST", "/api/v1/attendance/schedules/", body)

    assert problem_of(response, 400, "invalid")["errors"][0]["pointer"].startswith(
        "/pattern"
    )
    response = client.send(
        "POST",
        "/api/v1/webhooks/",
        {"name": "x", "url": "https://example.com", "events": ["employee.*", "none"]},
    )
    assert problem_of(response, 400, "invalid")["errors"][0]["pointer"].startswith(
        "/events"
    )


# --- Addresses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("limit=5&limit=6", "limit", "doubled"),
        ("search=a&%73earch=b", "search", "doubled"),
        ("search=a%00b", "search", "not_utf8"),
        ("search=%ff", "search", "not_utf8"),
        ("search=%ed%a0%80", "search", "not_utf8"),
        ("%00=1", None, "not_utf8"),
        ("colour=red", "colour", "unknown"),
        ("status=sleeping", "status", "invalid_choice"),
        ("status=", "status", "empty"),
        ("department=x", "department", "invalid"),
        ("department=1", "department", "invalid"),
        ("hired_from=soon", "hired_from", "invalid"),
        ("hired_from=99999-01-01", "hired_from", "invalid"),
        ("updated_since=2026-13-01T00:00:00Z", "updated_since", "invalid"),
        ("limit=0", "limit", "invalid"),
        ("limit=1001", "limit", "invalid"),
        ("limit=-1", "limit", "invalid"),
        ("limit=1e3", "limit", "invalid"),
        ("limit=99999999999999999999", "limit", "invalid"),
        ("limit=0000000101000000", "limit", "invalid"),
        ("limit=%D9%A5", "limit", "invalid"),
        ("cursor=x", "cursor", "invalid"),
        ("cursor=%21%21", "cursor", "invalid"),
        ("cursor=W10", "cursor", "invalid"),
        ("cursor=bnVsbA", "cursor", "invalid"),
        ("cursor=eyJhIjoxfQ", "cursor", "invalid"),
        ("cursor=WzAsbnVsbCxudWxsXQ", "cursor", "invalid"),
        ("cursor=WzAsMV0", "cursor", "invalid"),
        ("cursor=WzAsImEiLCJiIiwiYyJd", "cursor", "invalid"),
        ("ordering=salary", "ordering", "invalid_choice"),
    ],
)
def test_what_is_wrong_in_a_query_is_named(
    client: ApiClient, query: str, parameter: str | None, code: str
) -> None:
    response = client.get(f"{EMPLOYEES}?{query}")

    status = problem_of(
        response,
        400,
        "parse_error"
        if query[:5] in {"curso", "limit"} and code == "invalid"
        else "invalid",
    )
    [error] = status["errors"]
    assert (error["parameter"], error["code"]) == (parameter, code)
    assert "pointer" not in error


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_a_record_takes_no_unknown_parameter(client: ApiClient, method: str) -> None:
    address = f"{DEPARTMENTS}{client.department.pk}/?forse=yes"

    [error] = problem_of(client.send(method, address, {}), 400, "invalid")["errors"]
    assert (error["parameter"], error["code"]) == ("forse", "unknown")


@pytest.mark.parametrize(
    "address",
    [
        f"{EMPLOYEES}?dry_run=1",
        f"{REQUESTS}?notify=no",
        "/api/v1/attendance/clock-in/?at=2026-01-01",
    ],
)
def test_a_post_takes_no_parameter(client: ApiClient, address: str) -> None:
    [error] = problem_of(client.send("POST", address, {}), 400, "invalid")["errors"]
    assert error["code"] == "unknown"


def test_parameters_are_so_many_at_most(client: ApiClient) -> None:
    query = "&".join(f"p{number}=1" for number in range(51))

    [error] = problem_of(client.get(f"{EMPLOYEES}?{query}"), 400, "invalid")["errors"]
    assert error["code"] == "too_many"


@pytest.mark.parametrize("query", ["search=" + "x" * 8000, "x" * 8000])
def test_an_address_is_so_long_at_most(client: ApiClient, query: str) -> None:
    problem_of(client.get(f"{EMPLOYEES}?{query}"), 414, "uri_too_long")
    problem_of(client.get(f"{EMPLOYEES}{query}/"), 414, "uri_too_long")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{EMPLOYEES}%00/", 400, "invalid"),
        (f"{EMPLOYEES}%ff/", 404, "not_found"),
        (f"{EMPLOYEES}%ed%a0%80/", 404, "not_found"),
        (f"{EMPLOYEES}1/", 404, "not_found"),
        (f"{EMPLOYEES}{'9' * 400}/", 404, "not_found"),
        (f"{EMPLOYEES}..%2f..%2fetc/", 404, "not_found"),
        (f"{EMPLOYEES}'%20OR%201=1/", 404, "not_found"),
        (f"{EMPLOYEES}00000000-0000-0000-0000-000000000000/", 404, "not_found"),
        ("/api/v1/events/evt_x/", 404, "not_found"),
        ("/api/v1/nothing/", 404, "not_found"),
        ("/api/v1/employees", 404, "not_found"),
        ("/api/v2/", 404, "not_found"),
    ],
)
def test_addresses_that_lead_nowhere(
    client: ApiClient, path: str, status: int, code: str
) -> None:
    problem_of(client.get(path), status, code)


def test_methods_and_forms_that_there_are_not(client: ApiClient) -> None:
    assert "Allow" in client.put(EMPLOYEES)
    problem_of(client.put(EMPLOYEES), 405, "method_not_allowed")
    problem_of(client.generic("TRACE", EMPLOYEES), 405, "method_not_allowed")
    problem_of(client.generic("BREW", EMPLOYEES), 405, "method_not_allowed")
    problem_of(
        client.get(EMPLOYEES, headers={"Accept": "text/csv"}), 406, "not_acceptable"
    )
    problem_of(client.get(f"{EMPLOYEES}?format=xml"), 404, "not_found")


def test_a_host_that_is_not_ours_is_told_as_a_problem(client: ApiClient) -> None:
    response = client.get(EMPLOYEES, headers={"Host": "evil.test"})

    problem_of(response, 400, "bad_request")
    page = client.get("/account/login/", headers={"Host": "evil.test"})
    assert page["Content-Type"].startswith("text/html")
