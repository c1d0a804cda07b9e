"""Many records by one call: each item stands for itself."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from employees.models import Department, Employee
from integrations.webhooks.models import Event
from organizations.models import Organization
from organizations.roles import Role
from tests.api import ApiClient, api_client
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    EndpointFactory,
    OrganizationFactory,
)

pytestmark = pytest.mark.django_db

PATH = "/api/v1/employees/bulk/"


@pytest.fixture
def organization() -> Organization:
    made: Organization = OrganizationFactory()
    EndpointFactory(organization=made)
    return made


@pytest.fixture
def hr(organization: Organization) -> ApiClient:
    return api_client(Role.HR, organization)


def new(number: str, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "work_email": f"{number}@example.com".lower(),
        "hired_on": "2026-01-05",
        **more,
    }


def sent(client: ApiClient, *items: Any, path: str = PATH) -> list[dict[str, Any]]:
    answer = client.send("POST", path, {"items": list(items)})
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def told(record_id: Any) -> list[str]:
    events = Event.objects.filter(subject_id=record_id).order_by("pk")
    return [event.type for event in events]


def test_each_item_has_a_result_and_a_bad_one_undoes_no_other(
    hr: ApiClient, organization: Organization
) -> None:
    known = EmployeeFactory(organization=organization, number="K1")
    other = EmployeeFactory(organization=organization)
    theirs = EmployeeFactory()

    results = sent(
        hr,
        new("A1"),
        new("A2", work_email="A1@EXAMPLE.COM"),
        {"id": str(known.pk), "work_phone": "1"},
        {"id": str(theirs.pk), "work_phone": "1"},
        {"id": str(other.pk), "version": 7, "work_phone": "1"},
        {"id": str(other.pk), "status": "terminated"},
        "no object",
        {"first_name": "Ada", "wages": 1},
        new("A3", manager=str(known.pk)),
        {"id": str(other.pk), "hired_on": "x"},
        {"id": str(other.pk), "first_name": other.first_name},
    )

    assert [(each["result"], each["status"]) for each in results] == [
        ("created", 201),
        ("refused", 400),
        ("updated", 200),
        ("refused", 404),
        ("refused", 412),
        ("refused", 400),
        ("refused", 400),
        ("refused", 400),
        ("created", 201),
        ("refused", 400),
        ("unchanged", 200),
    ]
    pointers = [
        error["pointer"]
        for each in results
        if each["problem"]
        for error in each["problem"].get("errors", ())
    ]
    assert pointers[:3] == ["/items/1/work_email", "/items/5/status", "/items/6"]
    assert "/items/7/wages" in pointers
    assert results[0]["problem"] is None
    assert told(results[0]["id"]) == ["employee.created"]
    assert told(known.pk) == ["employee.created", "employee.updated"]
    assert told(other.pk) == ["employee.created"]
    assert Employee.objects.filter(organization=organization).count() == 4
    theirs.refresh_from_db()
    assert theirs.work_phone == ""


def test_the_same_call_twice_changes_nothing_more(hr: ApiClient) -> None:
    items = [new("A1"), new("A2"), new("A1", first_name="Augusta")]

    first, second = sent(hr, *items), sent(hr, items[2], items[1])

    assert [each["result"] for each in first] == ["created", "created", "updated"]
    assert [each["result"] for each in second] == ["unchanged", "unchanged"]
    assert first[0]["id"] == first[2]["id"] == second[0]["id"]
    assert told(first[0]["id"]) == ["employee.created", "employee.updated"]


def test_a_refused_change_leaves_nothing_for_the_next(
    hr: ApiClient, organization: Organization
) -> None:
    taken = EmployeeFactory(organization=organization)
    known = EmployeeFactory(organization=organization, number="K1", work_phone="0")

    refused, changed = sent(
        hr,
        {"number": "K1", "work_email": taken.work_email, "work_phone": "9"},
        {"number": "K1", "preferred_name": "Kay"},
    )

    known.refresh_from_db()
    assert (refused["result"], changed["result"]) == ("refused", "updated")
    assert (known.work_phone, known.preferred_name) == ("0", "Kay")


def test_a_circle_of_departments_is_the_items_own_mistake(
    hr: ApiClient, organization: Organization
) -> None:
    top = DepartmentFactory(organization=organization, name="Top", code="T")
    below = DepartmentFactory(organization=organization, code="B", parent=top)

    results = sent(
        hr,
        {"code": "T", "parent": str(below.pk)},
        {"code": "N", "name": "New", "parent": str(top.pk)},
        path="/api/v1/departments/bulk/",
    )

    assert [each["result"] for each in results] == ["refused", "created"]
    assert Department.objects.get(code="N").parent == top


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": {}}, "items"),
        ({"items": [{}] * 201}, "items"),
        ({"items": [{}], "mode": "x"}, "mode"),
        ([{}], "items"),
    ],
)
def test_a_body_that_holds_no_items_is_refused_as_a_whole(
    hr: ApiClient, body: Any, field: str
) -> None:
    answer = hr.send("POST", PATH, body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_it_takes_the_scope_to_write(organization: Organization) -> None:
    answer = api_client(Role.MANAGER, organization).send("POST", PATH, {"items": [{}]})

    assert answer.json()["missing_scope"] == "employees:write"


def test_statements_grow_with_the_items_alone(
    hr: ApiClient, organization: Organization
) -> None:
    its = {"department": str(DepartmentFactory(organization=organization).pk)}
    costs = []
    for count in (1, 3, 5):
        items = [new(f"C{count}-{number}", **its) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            sent(hr, *items)
        costs.append(len(queries))

    each = (costs[2] - costs[1]) / 2
    assert each == (costs[1] - costs[0]) / 2
    assert each <= 14
    assert costs[0] - each <= 8
