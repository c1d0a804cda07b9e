"""Errors as RFC 9457 problem documents, entity tags, JSON."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client, RequestFactory
from rest_framework import exceptions

from employees.models import Department
from organizations.http import entity_tag, names_version
from organizations.problems import internal_error, problem_details, problem_type
from organizations.roles import Role
from tests.api import ApiClient, api_client
from tests.factories import DepartmentFactory, EmployeeFactory, PositionFactory

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"


@pytest.fixture
def client() -> ApiClient:
    return api_client(Role.HR)


def assert_problem(response: Any, status: HTTPStatus, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["type"] == problem_type(code)
    assert document["title"] == status.phrase
    assert document["status"] == status
    assert document["detail"]
    assert document["instance"] == response.request["PATH_INFO"]
    return document


def test_a_broken_rule_lands_on_its_field(client: ApiClient) -> None:
    client.send("POST", DEPARTMENTS, {"name": "Sales"})

    response = client.send("POST", DEPARTMENTS, {"name": "SALES"})

    document = assert_problem(response, HTTPStatus.BAD_REQUEST, "invalid")
    assert document["errors"] == [
        {
            "field": "name",
            "pointer": "/name",
            "code": "unique",
            "message": "There is a department of this name.",
        }
    ]
    assert document["detail"] == "name: There is a department of this name."


def test_every_wrong_field_is_told(client: ApiClient) -> None:
    response = client.send(
        "POST",
        "/api/v1/employees/",
        {"first_name": "", "last_name": 5 * "x" * 100, "hired_on": "soon", "salary": 1},
    )

    document = assert_problem(response, HTTPStatus.BAD_REQUEST, "invalid")
    assert [(e["field"], e["code"]) for e in document["errors"]] == [
        ("salary", "unknown")
    ]
    response = client.send(
        "POST",
        "/api/v1/employees/",
        {"first_name": "", "last_name": 5 * "x" * 100, "hired_on": "soon"},
    )
    assert {(e["field"], e["code"]) for e in response.json()["errors"]} == {
        ("first_name", "blank"),
        ("last_name", "max_length"),
        ("work_email", "required"),
        ("hired_on", "invalid"),
    }
    assert "(And 3 more.)" in response.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[1,",
        b'{"name": NaN}',
        b"\xff\xfe",
        b'{"name": "\\ud800"}',
        b'{"\\ud800": 1}',
    ],
)
def test_a_body_that_is_no_json_is_refused(client: ApiClient, body: bytes) -> None:
    response = client.generic(
        "POST", DEPARTMENTS, body, content_type="application/json"
    )

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", [[], "text", 5, None, [{"name": "x"}], True])
def test_a_body_that_is_no_object_is_refused(client: ApiClient, body: Any) -> None:
    response = client.generic(
        "POST",
        DEPARTMENTS,
        json.dumps(body),
        content_type="application/json",
    )

    assert_problem(response, HTTPStatus.BAD_REQUEST, "invalid")


def test_a_body_that_is_too_large_is_refused(client: ApiClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = client.send("POST", DEPARTMENTS, {"name": "x" * 2000})

    assert_problem(response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")


def test_another_media_type_is_refused(client: ApiClient) -> None:
    response = client.post(DEPARTMENTS, {"name": "x"})  # multipart/form-data

    assert_problem(
        response, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"
    )


def test_another_method_is_refused(client: ApiClient) -> None:
    response = client.send("DELETE", DEPARTMENTS)

    assert_problem(response, HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed")
    assert "POST" in response["Allow"]


def test_an_answer_in_another_form_is_refused(client: ApiClient) -> None:
    response = client.get(DEPARTMENTS, headers={"Accept": "application/xml"})

    assert_problem(response, HTTPStatus.NOT_ACCEPTABLE, "not_acceptable")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/x/", "/api/v1/nobody/"])
def test_an_unknown_address_is_told_as_a_problem(method: str, path: str) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, path)

    assert_problem(response, HTTPStatus.NOT_FOUND, "not_found")


def test_a_missing_slash_is_pointed_out(client: ApiClient) -> None:
    document = assert_problem(
        client.get("/api/v1/employees"), HTTPStatus.NOT_FOUND, "not_found"
    )

    assert document["detail"].endswith("/api/v1/employees/")


@pytest.mark.parametrize("id_", ["1", "x", "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"])
def test_a_missing_record_is_told_as_a_problem(client: ApiClient, id_: str) -> None:
    assert_problem(
        client.get(f"{DEPARTMENTS}{id_}/"), HTTPStatus.NOT_FOUND, "not_found"
    )


def test_a_missing_scope_is_told_as_a_problem() -> None:
    response = api_client(Role.EMPLOYEE).send("POST", DEPARTMENTS, {"name": "x"})

    problem = assert_problem(response, HTTPStatus.FORBIDDEN, "missing_scope")
    assert problem["missing_scope"] == "structure:write"
    assert "structure:write" in problem["detail"]


def test_what_is_still_used_is_not_deleted(client: ApiClient) -> None:
    organization = client.membership.organization
    department = DepartmentFactory(organization=organization)
    EmployeeFactory.create_batch(2, organization=organization, department=department)
    DepartmentFactory(organization=organization, parent=department)

    response = client.send("DELETE", f"{DEPARTMENTS}{department.pk}/")

    document = assert_problem(response, HTTPStatus.CONFLICT, "in_use")
    assert "2 employees" in document["detail"]
    assert "1 department" in document["detail"]
    assert Department.objects.filter(pk=department.pk).exists()


def test_the_browsable_pages_tell_problems_as_pages(member_client: Any) -> None:
    response = member_client(Role.HR).get(
        f"{DEPARTMENTS}x/", headers={"Accept": "text/html"}
    )

    assert response.status_code == 404
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert problem_type("not_found") in response.content.decode()


def test_an_unexpected_error_is_told_without_its_inside(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("employees.api.DepartmentViewSet.serializer_class")
    client.raise_request_exception = False

    response = client.get(DEPARTMENTS)

    document = assert_problem(response, HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
    assert "serializer_class" not in response.content.decode()
    assert document["detail"].startswith("Something went wrong")


def test_an_unexpected_error_of_a_page_is_a_page() -> None:
    response = internal_error(RequestFactory().get("/employees/"))

    assert response.status_code == 500
    assert response["Content-Type"].startswith("text/html")


def test_nested_errors_name_the_path_to_the_field() -> None:
    error = exceptions.ValidationError(
        {"events": {1: ["wrong"]}, "non_field_errors": ["as a whole"]}
    )
    request = RequestFactory().get("/api/v1/webhooks/")

    response = problem_details(error, {"request": request})

    assert response is not None
    assert [(e["field"], e["message"]) for e in response.data["errors"]] == [
        ("events.1", "wrong"),
        (None, "as a whole"),
    ]


def test_a_broken_rule_of_a_record_as_a_whole_has_no_field() -> None:
    request = RequestFactory().get("/api/v1/webhooks/")

    response = problem_details(
        ValidationError("No.", code="decided"), {"request": request}
    )

    assert response is not None
    assert response.data["errors"] == (
        {"field": None, "parameter": None, "code": "decided", "message": "No."},
    )


# --- Entity tags ----------------------------------------------------------------------


def test_a_record_carries_its_version_as_entity_tag(client: ApiClient) -> None:
    created = client.send("POST", DEPARTMENTS, {"name": "Sales"})
    path = created["Location"]
    assert created["ETag"] == '"1"'

    changed = client.send("PATCH", path, {"code": "S"}, if_match=created["ETag"])

    assert changed.status_code == 200
    assert changed["ETag"] == client.get(path)["ETag"] == '"2"'


def test_a_lost_update_is_refused(client: ApiClient) -> None:
    path = client.send("POST", DEPARTMENTS, {"name": "Sales"})["Location"]
    client.send("PATCH", path, {"code": "theirs"})

    for method, body in (("PATCH", {"code": "mine"}), ("DELETE", None)):
        response = client.send(method, path, body, if_match='W/"1"')
        assert_problem(response, HTTPStatus.PRECONDITION_FAILED, "precondition_failed")

    assert client.get(path).json()["code"] == "theirs"


def test_a_record_that_the_client_has_is_not_sent_again(client: ApiClient) -> None:
    path = client.send("POST", DEPARTMENTS, {"name": "Sales"})["Location"]

    held = client.get(path, headers={"If-None-Match": 'W/"1"'})
    outdated = client.get(path, headers={"If-None-Match": 'W/"0"'})

    assert (held.status_code, held.content, held["ETag"]) == (304, b"", '"1"')
    assert outdated.status_code == 200


@pytest.mark.parametrize(
    ("header", "is_named"),
    [
        ('W/"3"', True),
        ('"3"', True),
        ("*", True),
        ('W/"1", W/"3"', True),
        ('W/"33"', False),
        ('"3-personal-a1"', True),
        ('"-3"', False),
        ('"33-3"', False),
        ("3", False),
        ("", False),
    ],
)
def test_entity_tags_are_read_as_they_are_written(header: str, is_named: bool) -> None:
    assert names_version(header, 3) is is_named
    assert names_version(entity_tag(3), 3)


def test_a_write_that_changes_nothing_keeps_the_tag(client: ApiClient) -> None:
    created = client.send("POST", DEPARTMENTS, {"name": "Sales"})

    sent_back = client.send("PUT", created["Location"], created.json())

    assert sent_back.status_code == 200
    assert sent_back["ETag"] == '"1"'
    assert sent_back.json() == created.json()


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_one_is_told_of_the_other() -> None:
    client = api_client(Role.HR)
    position = PositionFactory(organization=client.membership.organization)
    path = f"/api/v1/positions/{position.pk}/"
    start = threading.Barrier(4)

    def write(number: int) -> int:
        start.wait(timeout=30)
        try:
            return client.send("PATCH", path, {"title": f"Title {number}"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(write, range(4)))

    position.refresh_from_db()
    assert set(statuses) <= {200, 409}
    assert position.version == 1 + statuses.count(200)


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_the_database_keeps_is_told_as_a_conflict() -> None:
    client = api_client(Role.HR)
    organization = client.membership.organization
    waiting = threading.Event()
    statuses: list[Any] = []

    def race() -> None:
        try:
            waiting.set()
            statuses.append(client.send("POST", DEPARTMENTS, {"name": "Sales"}))
        finally:
            connection.close()

    with transaction.atomic():
        DepartmentFactory(organization=organization, name="Sales")
        racer = threading.Thread(target=race)
        racer.start()
        waiting.wait(timeout=30)
        wait_until_blocked()
    racer.join(timeout=30)

    document = assert_problem(statuses[0], HTTPStatus.CONFLICT, "conflict")
    assert document["detail"] == "There is a department of this name."


def wait_until_blocked() -> None:
    """Return when another connection waits for a lock of ours."""
    with connection.cursor() as cursor:
        is_blocked = False
        while not is_blocked:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            is_blocked = cursor.fetchone()[0]
