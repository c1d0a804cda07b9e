"""Chosen fields and expanded relations: what is shown, to whom, at which cost."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from employees.models import Department, Employee
from organizations.models import Organization
from organizations.roles import Role
from tests.api import ApiClient, api_client
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    LocationFactory,
    OrganizationFactory,
    PositionFactory,
)
from tests.factories.attendance import PunchFactory

pytestmark = pytest.mark.django_db

PATH = "/api/v1/employees/"
ALL = "manager,department,position,location"


@pytest.fixture
def organization() -> Organization:
    """An organization of 25 people who work in the same place under one manager."""
    made: Organization = OrganizationFactory()
    its: dict[str, Any] = {"organization": made}
    placed = {
        "department": DepartmentFactory(**its, name="Sales"),
        "position": PositionFactory(**its),
        "location": LocationFactory(**its),
    }
    its |= placed
    boss = EmployeeFactory(**its, first_name="Boss", home_email="b@home.example")
    EmployeeFactory.create_batch(24, **its, manager=boss)
    EmployeeFactory(managed=True, placed=True)  # another organization's
    return made


@pytest.fixture
def hr(organization: Organization) -> ApiClient:
    return api_client(Role.HR, organization)


def rows(client: ApiClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(PATH, query)
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_what_is_not_asked_for_is_not_read(hr: ApiClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        rows(hr, fields="hired_on,name")

    statement = queries[-1]["sql"].partition(" FROM ")[0]
    assert "hired_on" in statement
    assert "preferred_name" in statement  # the name is made of it
    assert "work_email" not in statement
    assert "home_email" not in statement


@pytest.mark.parametrize("count", [1, 25])
def test_every_expansion_costs_one_statement(hr: ApiClient, count: int) -> None:
    hr.get(PATH)
    with CaptureQueriesContext(connection) as queries:
        shown = rows(hr, expand=f"{ALL},manager.department", limit=count)

    assert len(queries) <= 2 + 5  # the token, the page, and each relation
    assert len(shown) == count
    managed = [row for row in shown if row["manager"]]
    assert all(row["manager"]["department"]["name"] == "Sales" for row in managed)
    assert all(row["department"]["name"] == "Sales" for row in shown)


def test_fields_of_what_is_expanded_are_chosen(hr: ApiClient) -> None:
    shown = rows(hr, expand="manager", fields="id,manager.first_name", limit=25)

    assert {tuple(row) for row in shown} == {("id", "manager")}
    assert {row["manager"] and row["manager"]["first_name"] for row in shown} == {
        None,
        "Boss",
    }
    assert all(len(row["manager"] or "1") == 1 for row in shown)


@pytest.mark.parametrize(
    ("query", "parameter", "said"),
    [
        ({"fields": "id,nme"}, "fields", "id, version"),
        ({"fields": "user"}, "fields", "id, version"),
        ({"fields": ""}, "fields", "commas"),
        ({"fields": "id,,name"}, "fields", "commas"),
        ({"fields": "manager.first_name"}, "fields", "expand=manager"),
        ({"fields": "manager.nme", "expand": "manager"}, "fields", "manager.id"),
        ({"fields": ",".join(["id"] * 101)}, "fields", "At most 100"),
        ({"expand": "managers"}, "expand", "manager, department, position, location"),
        ({"expand": "location.x"}, "expand", "nothing can"),
        ({"expand": "name"}, "expand", "manager"),
        ({"expand": "manager.manager.manager.manager"}, "expand", "3 deep"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_the_choices(
    hr: ApiClient, query: dict[str, str], parameter: str, said: str
) -> None:
    for path in (PATH, f"{PATH}{rows(hr)[0]['id']}/"):
        answer = hr.get(path, query)

        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["parameter"] == parameter
        assert said in error["message"]


def test_fields_that_one_may_not_see_are_left_out(organization: Organization) -> None:
    colleague = api_client(Role.EMPLOYEE, organization)

    shown = rows(colleague, fields="id,home_email,manager", expand="manager")

    assert {tuple(row) for row in shown} == {("id", "manager")}
    managers = [row["manager"] for row in shown if row["manager"]]
    assert managers
    assert all("home_email" not in manager for manager in managers)
    own = EmployeeFactory(
        organization=organization,
        user=colleague.membership.user,
        manager=Employee.objects.get(first_name="Boss"),
        home_email="me@home.example",
    )
    seen = {row["id"]: row for row in rows(colleague, fields="id,home_email")}
    assert seen.pop(str(own.pk)) == {"id": str(own.pk), "home_email": own.home_email}
    assert all(tuple(row) == ("id",) for row in seen.values())


def key_client(organization: Organization, **options: Any) -> Any:
    """Return a way to ask by a key."""
    member = api_client(Role.OWNER, organization)
    body = {"name": "Reader", **options}
    made = member.send("POST", "/api/v1/api-keys/", body)
    assert made.status_code == 201, made.content
    text = made.json()["key"]
    return lambda path, query: Client().get(path, query, headers={"X-API-Key": text})


def test_a_scope_that_is_missing_is_named(organization: Organization) -> None:
    PunchFactory(employee=Employee.objects.get(first_name="Boss"))
    ask = key_client(organization, scopes=["employees:read"])

    answer = ask(PATH, {"expand": "department"})

    assert answer.status_code == 403
    assert answer.json()["missing_scope"] == "structure:read"
    assert ask(PATH, {"expand": "manager"}).status_code == 200


def test_what_lies_beyond_a_keys_reach_stays_an_id(organization: Organization) -> None:
    elsewhere = DepartmentFactory(organization=organization, name="Elsewhere")
    someone = EmployeeFactory(
        organization=organization,
        department=elsewhere,
        manager=Employee.objects.get(first_name="Boss"),
    )
    ask = key_client(
        organization,
        scopes=["employees:read", "structure:read"],
        reach={"departments": [str(elsewhere.pk)]},
    )

    [row] = ask(PATH, {"expand": "manager,department"}).json()["results"]

    assert row["id"] == str(someone.pk)
    assert row["manager"] == str(someone.manager_id)
    assert row["department"]["name"] == "Elsewhere"


def test_the_tag_of_a_page_tells_of_all_that_it_shows(
    hr: ApiClient, organization: Organization
) -> None:
    queries = [{}, {"fields": "id"}, {"expand": "department"}, {"limit": 5}]
    tags = [hr.get(PATH, query)["ETag"] for query in queries]
    assert len(set(tags)) == len(tags)
    assert not any(tag.startswith("W/") for tag in tags)

    department = Department.objects.get(organization=organization, name="Sales")
    department.name = "Marketing"
    department.save()

    now = [hr.get(PATH, query)["ETag"] for query in queries]
    changed = [before != after for before, after in zip(tags, now, strict=True)]
    assert changed == [False, False, True, False]
    assert api_client(Role.EMPLOYEE, organization).get(PATH)["ETag"] != tags[0]


def test_the_tag_of_a_record_is_its_version(
    hr: ApiClient, organization: Organization
) -> None:
    path = f"{PATH}{Employee.objects.get(first_name='Boss').pk}/"
    tag = hr.get(path)["ETag"]
    colleague = api_client(Role.EMPLOYEE, organization).get(path)["ETag"]

    assert (tag, colleague) == ('"1-personal-sensitive"', '"1"')
    changed = hr.send("PATCH", path, {"work_phone": "1"}, if_match=tag)
    assert changed["ETag"] == hr.get(path)["ETag"] == '"2-personal-sensitive"'
    lost = hr.send("PATCH", path, {"work_phone": "2"}, if_match=tag)
    assert lost.status_code == 412
    with CaptureQueriesContext(connection) as queries:
        held = hr.get(path, headers={"If-None-Match": f'"x", W/{changed["ETag"]}'})
    assert (held.status_code, len(queries)) == (304, 2)


def test_links_lead_on_and_back(hr: ApiClient) -> None:
    first = hr.get(PATH, {"limit": 10, "fields": "id"})
    second = hr.get(first.json()["next"])

    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert second["Link"] == (
        f'<{second.json()["next"]}>; rel="next", '
        f'<{second.json()["previous"]}>; rel="prev"'
    )
    assert set(second.json()["results"][0]) == {"id"}
    assert hr.get(second.json()["previous"]).json() == first.json() | {"previous": None}
