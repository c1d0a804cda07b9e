"""Employees and structure by API."""

import datetime as dt
from typing import Any

import orjson
import pytest
from django.utils import timezone

from employees.api import EmployeeSerializer
from employees.models import Department, Employee, Position
from integrations.webhooks.models import Event
from organizations.classes import PERSONAL, PUBLIC, SENSITIVE
from organizations.models import Organization
from organizations.reading import Alike, PlanReader
from organizations.reading.selection import EVERYTHING
from organizations.roles import ROLE_SCOPES, Role
from tests.api import ApiClient, api_client, shown
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    LocationFactory,
    OrganizationFactory,
    PositionFactory,
)

pytestmark = pytest.mark.django_db

PATH = "/api/v1/employees/"
ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "work_email": "ada@example.com",
    "hired_on": "2026-01-05",
}
PUBLIC_NAMES = [n for n, c in Employee.classes().items() if c is PUBLIC]
PERSONAL_NAMES = {n for n, c in Employee.classes().items() if c is PERSONAL}
SENSITIVE_NAMES = {n for n, c in Employee.classes().items() if c is SENSITIVE}


@pytest.fixture
def organization() -> Organization:
    made: Organization = OrganizationFactory()
    return made


@pytest.fixture
def hr(organization: Organization) -> ApiClient:
    return api_client(Role.HR, organization)


def told(employee_id: object) -> list[dict[str, Any]]:
    """Return the bodies of an employee's events, in order."""
    events = Event.objects.filter(subject_id=employee_id).order_by("sequence")
    return [orjson.loads(event.body) for event in events]


def results(client: ApiClient, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"{PATH}{query}")
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


# --- Hiring and changing --------------------------------------------------------------


def test_four_fields_hire_an_employee_and_tell_once(hr: ApiClient) -> None:
    response = hr.send("POST", PATH, ADA)

    assert response.status_code == 201
    created = response.json()
    assert {name: created[name] for name in ADA} == ADA
    assert (created["number"], created["status"]) == ("1", "active")
    assert response["Location"] == f"http://testserver{PATH}{created['id']}/"
    event = told(created["id"])
    assert [body["type"] for body in event] == ["employee.created"]
    assert event[0]["actor"] == {"type": "user", "id": str(hr.membership.user_id)}


def test_the_numbers_go_on_from_those_that_are_there(
    hr: ApiClient, organization: Organization
) -> None:
    EmployeeFactory(organization=organization, number="1041")

    assert hr.send("POST", PATH, ADA).json()["number"] == "1042"


def test_an_answer_an_event_and_the_record_say_the_same(
    hr: ApiClient, organization: Organization
) -> None:
    colleague = api_client(Role.EMPLOYEE, organization)
    created = hr.send("POST", PATH, ADA | {"preferred_name": "Countess"}).json()

    record = Employee.objects.get(pk=created["id"])
    path = f"{PATH}{record.pk}/"
    assert created == shown(record.represent(PUBLIC, PERSONAL, SENSITIVE))
    assert hr.get(path).json() == created
    assert results(hr) == [created]
    assert colleague.get(path).json() == shown(record.represent(PUBLIC))
    assert results(colleague) == [shown(record.represent(PUBLIC))]
    assert told(record.pk)[0]["data"] == colleague.get(path).json()


@pytest.mark.parametrize("factory", [EmployeeFactory, DepartmentFactory])
def test_rows_read_without_records_say_what_records_say(factory: Any) -> None:
    made = factory()
    model = type(made)
    record = model.objects.get(pk=made.pk)

    reader = PlanReader(model, Alike({PUBLIC, PERSONAL}), EVERYTHING)
    rows = reader.show(reader.read(model.objects.all()))

    assert shown(rows) == [shown(record.represent(PUBLIC, PERSONAL))]


def test_a_change_tells_once_and_an_empty_one_not(hr: ApiClient) -> None:
    path = hr.send("POST", PATH, ADA)["Location"]

    changed = hr.send("PATCH", path, {"first_name": "Augusta", "work_phone": "1"})
    same = hr.send("PATCH", path, {"first_name": "Augusta"})
    nothing = hr.send("PATCH", path, {})

    assert changed.json()["first_name"] == "Augusta"
    assert same.json() == nothing.json() == changed.json()
    assert [(b["type"], b["changes"]) for b in told(changed.json()["id"])] == [
        ("employee.created", []),
        ("employee.updated", ["first_name", "work_phone"]),
    ]


def test_what_was_read_can_be_sent_back_whole(hr: ApiClient) -> None:
    created = hr.send("POST", PATH, ADA)
    body = created.json() | {"first_name": "Augusta"}

    response = hr.send("PUT", created["Location"], body, if_match=created["ETag"])

    assert response.status_code == 200
    assert response.json()["first_name"] == "Augusta"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "terminated"),
        ("terminated_on", "2026-12-31"),
        ("termination_reason", "x"),
        ("first_hired_on", "2020-01-01"),
        ("id", "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"),
        ("version", 7),
        ("name", "Somebody Else"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_only_a_decision_changes_is_refused(
    hr: ApiClient, method: str, field: str, value: Any
) -> None:
    path = hr.send("POST", PATH, ADA)["Location"] if method == "PATCH" else PATH

    response = hr.send(method, path, ADA | {field: value})

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "field": field,
            "pointer": f"/{field}",
            "code": "read_only",
            "message": "This field is read, not written.",
        }
    ]


@pytest.mark.parametrize("field", ["organization", "user", "salary", "_state"])
def test_what_is_no_field_is_refused(hr: ApiClient, field: str) -> None:
    response = hr.send("POST", PATH, ADA | {field: "x"})

    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [
        (field, "unknown")
    ]


@pytest.mark.parametrize("field", ["manager", "department", "position", "location"])
def test_another_organizations_record_is_as_good_as_none(
    hr: ApiClient, field: str
) -> None:
    theirs = EmployeeFactory(managed=True, placed=True)
    missing = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"

    answers = [
        hr.send("POST", PATH, ADA | {field: value})
        for value in (str(getattr(theirs, field).pk), missing, "nonsense")
    ]

    assert {answer.status_code for answer in answers} == {400}
    problems = [answer.json() for answer in answers]
    assert len({problem.pop("request_id") for problem in problems}) == len(answers)
    assert problems == problems[:1] * len(answers)
    assert problems[0]["errors"][0]["field"] == field
    wrong_kind = hr.send("POST", PATH, ADA | {field: {"id": missing}})
    assert wrong_kind.json()["errors"][0]["code"] == "incorrect_type"


def test_relations_are_ids(hr: ApiClient, organization: Organization) -> None:
    boss = EmployeeFactory(organization=organization)
    department = DepartmentFactory(organization=organization)

    created = hr.send(
        "POST", PATH, ADA | {"manager": str(boss.pk), "department": str(department.pk)}
    ).json()
    assert (created["manager"], created["department"]) == (
        str(boss.pk),
        str(department.pk),
    )
    cleared = hr.send("PATCH", f"{PATH}{created['id']}/", {"manager": None}).json()
    assert cleared["manager"] is None
    assert told(created["id"])[-1]["changes"] == ["manager"]


def test_a_circle_of_managers_is_refused_on_its_field(
    hr: ApiClient, organization: Organization
) -> None:
    report = EmployeeFactory(organization=organization, managed=True)

    response = hr.send(
        "PATCH", f"{PATH}{report.manager_id}/", {"manager": str(report.pk)}
    )

    assert response.status_code == 400
    assert [(e["field"], e["code"]) for e in response.json()["errors"]] == [
        ("manager", "cycle")
    ]


def test_a_deletion_tells_once_and_then_there_is_none(hr: ApiClient) -> None:
    path = hr.send("POST", PATH, ADA)["Location"]
    pk = path.rstrip("/").rpartition("/")[2]

    assert hr.send("DELETE", path).status_code == 204

    assert hr.get(path).status_code == 404
    assert hr.send("DELETE", path).status_code == 404
    assert [body["type"] for body in told(pk)] == [
        "employee.created",
        "employee.deleted",
    ]


# --- Decisions ------------------------------------------------------------------------


def test_a_termination_and_a_rehire_are_one_event_each(hr: ApiClient) -> None:
    path = hr.send("POST", PATH, ADA)["Location"]
    today = timezone.localdate()

    ended = hr.send(
        "POST", f"{path}terminate/", {"terminated_on": str(today), "reason": "Moved"}
    )
    again = hr.send(
        "POST", f"{path}rehire/", {"hired_on": str(today + dt.timedelta(days=1))}
    )

    assert (ended.status_code, ended.json()["status"]) == (200, "terminated")
    assert ended.json()["termination_reason"] == "Moved"
    assert (again.status_code, again.json()["status"]) == (200, "active")
    assert again.json()["first_hired_on"] == "2026-01-05"
    bodies = told(again.json()["id"])
    assert [(body["type"], body["sequence"]) for body in bodies] == [
        ("employee.created", 1),
        ("employee.terminated", 2),
        ("employee.rehired", 3),
    ]
    assert "termination_reason" not in bodies[1]["data"]


def test_decisions_are_refused_with_their_reason(hr: ApiClient) -> None:
    path = hr.send("POST", PATH, ADA)["Location"]
    day = {"terminated_on": "2026-02-01"}

    employed = hr.send("POST", f"{path}rehire/", {"hired_on": "2026-02-01"})
    assert employed.json()["errors"][0]["code"] == "employed"
    early = hr.send("POST", f"{path}terminate/", {"terminated_on": "2025-12-31"})
    assert early.status_code == 400
    stale = hr.send("POST", f"{path}terminate/", day, if_match='W/"9"')
    assert stale.status_code == 412
    unknown = hr.send("POST", f"{path}terminate/", day | {"notify": True})
    assert unknown.json()["errors"][0]["code"] == "unknown"
    empty = hr.send("POST", f"{path}terminate/")
    assert empty.json()["errors"][0]["field"] == "terminated_on"
    assert hr.send("POST", f"{path}terminate/", day).status_code == 200
    twice = hr.send("POST", f"{path}terminate/", day)
    assert twice.json()["errors"][0]["code"] == "already_terminated"
    assert len(told(twice.request["PATH_INFO"].split("/")[4])) == 2


# --- Who sees what --------------------------------------------------------------------


def names(row: dict[str, Any]) -> set[str]:
    return set(row)


def test_each_sees_what_their_role_and_place_allow(organization: Organization) -> None:
    manager = api_client(Role.MANAGER, organization)
    boss = EmployeeFactory(organization=organization, user=manager.membership.user)
    report = EmployeeFactory(organization=organization, manager=boss)
    below = EmployeeFactory(organization=organization, manager=report)
    other = EmployeeFactory(organization=organization)
    public = set(PUBLIC_NAMES)

    rows = {row["id"]: names(row) for row in results(manager)}

    assert rows == {
        str(boss.pk): public | PERSONAL_NAMES | SENSITIVE_NAMES,
        str(report.pk): public | PERSONAL_NAMES,
        str(below.pk): public | PERSONAL_NAMES,
        str(other.pk): public,
    }
    for pk, expected in rows.items():
        assert names(manager.get(f"{PATH}{pk}/").json()) == expected


@pytest.mark.parametrize(
    ("role", "sees_all"),
    [
        (Role.OWNER, True),
        (Role.HR, True),
        (Role.AUDITOR, True),
        (Role.MANAGER, False),
        (Role.EMPLOYEE, False),
    ],
)
def test_roles_see_personal_fields_of_everybody_or_of_themselves(
    organization: Organization, role: Role, sees_all: bool
) -> None:
    client = api_client(role, organization)
    EmployeeFactory(organization=organization, user=client.membership.user)
    EmployeeFactory(organization=organization)

    seen = sorted(names(row) >= PERSONAL_NAMES for row in results(client))

    assert seen == [sees_all, True]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EMPLOYEE, Role.AUDITOR])
def test_roles_without_the_scope_write_nothing(
    organization: Organization, role: Role
) -> None:
    client = api_client(role, organization)
    path = f"{PATH}{EmployeeFactory(organization=organization).pk}/"

    statuses = {
        client.send("POST", PATH, ADA).status_code,
        client.send("PATCH", path, {"first_name": "x"}).status_code,
        client.send("DELETE", path).status_code,
        client.send("POST", f"{path}terminate/", {}).status_code,
    }

    assert statuses == {403}
    assert Employee.objects.get().version == 1


@pytest.mark.parametrize("role", [Role.HR, Role.MANAGER, Role.EMPLOYEE])
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_for_one_and_for_many(
    role: Role, count: int, django_assert_max_num_queries: Any
) -> None:
    client = api_client(role)
    organization = client.membership.organization
    me = EmployeeFactory(organization=organization, user=client.membership.user)
    EmployeeFactory.create_batch(count, organization=organization, manager=me)
    expected = {Role.HR: 2, Role.EMPLOYEE: 3, Role.MANAGER: 4}[role]
    client.get(PATH)  # the first call of an organization reads its limits

    with django_assert_max_num_queries(expected) as queries:
        assert len(results(client)) == count + 1

    assert len(queries) == expected


# --- Finding --------------------------------------------------------------------------


@pytest.fixture
def company(organization: Organization) -> dict[str, Employee]:
    """Three employees who differ, and another organization's, which could leak."""
    sales = DepartmentFactory(organization=organization, name="Sales")
    berlin = LocationFactory(organization=organization, name="Berlin")
    boss = EmployeeFactory(
        organization=organization, number="7", first_name="Grace", last_name="Hopper"
    )
    people = {
        "boss": boss,
        "seller": EmployeeFactory(
            organization=organization,
            first_name="Charles",
            last_name="Babbage",
            department=sales,
            manager=boss,
            hired_on=dt.date(2025, 3, 1),
            employment_type="intern",
        ),
        "gone": EmployeeFactory(
            organization=organization,
            first_name="Alan",
            last_name="Turing",
            location=berlin,
            terminated=True,
        ),
    }
    EmployeeFactory(number="7", first_name="Grace", last_name="Hopper", placed=True)
    return people


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["seller", "boss", "gone"]),
        ("?status=terminated", ["gone"]),
        ("?status=active", ["seller", "boss"]),
        ("?employment_type=intern", ["seller"]),
        ("?department={seller.department_id}", ["seller"]),
        ("?location={gone.location_id}", ["gone"]),
        ("?manager={boss.pk}", ["seller"]),
        ("?manager={seller.pk}", []),
        ("?number=7", ["boss"]),
        ("?work_email={boss.work_email}", ["boss"]),
        ("?hired_from=2025-01-01", ["seller"]),
        ("?hired_to=2024-12-31", ["boss", "gone"]),
        ("?hired_from=2025-03-01&hired_to=2025-03-01", ["seller"]),
        ("?terminated_from=2025-06-30", ["gone"]),
        ("?updated_since=2000-01-01T00:00:00Z", ["seller", "boss", "gone"]),
        ("?updated_since=2100-01-01T00:00:00%2B02:00", []),
        ("?search=grace", ["boss"]),
        ("?search=sales", ["seller"]),
        ("?search=hopper+grace", ["boss"]),
        ("?search=nobody", []),
        ("?ordering=-last_name&status=active", ["boss", "seller"]),
        ("?ordering=hired_on,-first_name", ["boss", "gone", "seller"]),
    ],
)
def test_lists_are_narrowed_and_ordered(
    hr: ApiClient, company: dict[str, Employee], query: str, found: list[str]
) -> None:
    rows = results(hr, query.format(**company))

    assert [row["id"] for row in rows] == [str(company[name].pk) for name in found]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?statsu=active", "statsu"),
        ("?manager=", "manager"),
        ("?updated_since=&status=active", "updated_since"),
        ("?status=gone", "status"),
        ("?department=x", "department"),
        ("?hired_from=soon", "hired_from"),
        ("?updated_since=yesterday", "updated_since"),
        ("?search=%00", "holds NUL"),
    ],
)
def test_a_filter_that_is_none_is_refused(
    hr: ApiClient, query: str, field: str
) -> None:
    response = hr.get(f"{PATH}{query}")

    assert response.status_code == 400
    assert field in response.content.decode()


def test_another_organizations_ids_match_nobody_as_missing_ones(
    hr: ApiClient, organization: Organization
) -> None:
    EmployeeFactory(organization=organization)
    theirs = EmployeeFactory(managed=True, placed=True)

    for field in ("manager", "department", "position", "location"):
        assert results(hr, f"?{field}={getattr(theirs, field).pk}") == []
    assert hr.get(f"{PATH}{theirs.pk}/").status_code == 404


# --- Structure ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("departments", {"name": "Sales"}, {"code": "S"}),
        ("positions", {"title": "Engineer"}, {"title": "Architect"}),
        (
            "locations",
            {"name": "Berlin", "time_zone": "Europe/Berlin"},
            {"country": "DE"},
        ),
    ],
)
def test_structure_is_made_changed_and_removed(
    hr: ApiClient, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    created = hr.send("POST", f"/api/v1/{path}/", body)
    assert created.status_code == 201
    address = created["Location"]
    assert hr.send("PATCH", address, change).json() == hr.get(address).json()
    listed = hr.get(f"/api/v1/{path}/").json()["results"]
    assert listed == [hr.get(address).json()]
    assert hr.send("DELETE", address).status_code == 204

    noun = path.removesuffix("s")
    assert [b["type"] for b in told(created.json()["id"])] == [
        f"{noun}.created",
        f"{noun}.updated",
        f"{noun}.deleted",
    ]


def test_a_department_below_itself_is_refused(
    hr: ApiClient, organization: Organization
) -> None:
    top = DepartmentFactory(organization=organization)
    part = DepartmentFactory(organization=organization, parent=top)

    response = hr.send(
        "PATCH", f"/api/v1/departments/{top.pk}/", {"parent": str(part.pk)}
    )

    assert response.json()["errors"][0]["field"] == "parent"
    assert Department.objects.get(pk=top.pk).parent is None


def test_the_same_title_in_two_organizations_is_no_conflict(hr: ApiClient) -> None:
    PositionFactory(title="Engineer")

    assert hr.send("POST", "/api/v1/positions/", {"title": "Engineer"}).status_code == (
        201
    )
    assert Position.objects.count() == 2


# --- Me -------------------------------------------------------------------------------


def test_me_names_ones_own_record(organization: Organization) -> None:
    client = api_client(Role.EMPLOYEE, organization)
    assert client.get("/api/v1/me/").json()["employee"] is None
    EmployeeFactory(user=client.membership.user)  # in another organization
    mine = EmployeeFactory(organization=organization, user=client.membership.user)

    me = client.get("/api/v1/me/").json()

    assert me["employee"] == str(mine.pk)
    assert me["email"] == client.membership.user.email
    assert me["scopes"] == sorted(ROLE_SCOPES[Role.EMPLOYEE])


def test_the_serializer_hides_no_class_but_internal() -> None:
    assert set(EmployeeSerializer().fields) == (
        set(PUBLIC_NAMES) | PERSONAL_NAMES | SENSITIVE_NAMES
    )
