"""The schema is valid OpenAPI 3.1, tells the truth, and its page loads nothing else."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from attendance.services import Asked, AskedPunch, request_correction
from employees.models import Employee
from integrations.audit.models import IntegrationEvent, LoggedCall, SecurityRecord
from integrations.gateway.models import AllowedOrigin
from integrations.webhooks.models import Delivery, Event
from leave.services import grant_leave, request_leave, save_holiday
from organizations.roles import Role
from people_hr.api import router
from tests.api import ApiClient, api_client
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    EndpointFactory,
    LocationFactory,
    PositionFactory,
)
from tests.factories.api_keys import ApiKeyFactory
from tests.factories.attendance import PunchFactory, ScheduleAssignmentFactory
from tests.factories.leave import (
    HolidayCalendarFactory,
    LeaveTypeFactory,
    WorkWeekFactory,
)
from tests.factories.oauth import ApplicationFactory
from tests.project.world import build_logs

#: Addresses under /api/ that are no operations of the API.
NO_OPERATIONS = {"api:schema", "api:docs", "api:unknown"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def validator(schema: dict[str, Any], part: dict[str, Any]) -> Draft202012Validator:
    """Return a validator of one part, with the components it refers to."""
    return Draft202012Validator(
        part | {"components": schema["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_schema_is_valid_and_complete(tmp_path: Any) -> None:
    written = tmp_path / "schema.yml"

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(written))

    assert written.read_text().startswith("openapi: 3.1.0")


def test_every_component_is_valid_json_schema(schema: dict[str, Any]) -> None:
    for component in schema["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)


def test_every_address_of_the_api_is_described(schema: dict[str, Any]) -> None:
    described = {re.sub(r"\{\w+\}", "{}", path) for path in schema["paths"]}

    def addresses(resolver: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
        for entry in resolver.url_patterns:
            path = prefix + re.sub(
                r"\(\?P<\w+>[^)]*\)|<\w+:\w+>", "{}", str(entry.pattern)
            )
            if hasattr(entry, "url_patterns"):
                yield from addresses(entry, path)
            else:
                yield f"api:{entry.name}", "/" + path.replace("^", "").rstrip("$\\Z")

    every = dict(addresses(get_resolver("people_hr.api")))
    assert every.keys() >= NO_OPERATIONS
    missing = {
        name
        for name, path in every.items()
        if name not in NO_OPERATIONS and f"/api{path}" not in described
    }
    assert missing == set()


def test_every_resource_has_an_example(schema: dict[str, Any]) -> None:
    for _prefix, viewset, basename in router.registry:
        if not hasattr(viewset, "create"):
            continue
        created = schema["paths"][f"/api/v1/{_prefix}/"]["post"]
        body = created["requestBody"]["content"]["application/json"]
        assert body["examples"], basename
        answer = created["responses"]["201"]["content"]["application/json"]
        assert answer["examples"], basename


def test_every_example_is_what_its_schema_says(schema: dict[str, Any]) -> None:
    checked = 0
    for path, method, operation in operations(schema):
        contents = [operation.get("requestBody", {})]
        contents += [r for r in operation["responses"].values() if "content" in r]
        for content in contents:
            media = content.get("content", {}).get("application/json", {})
            for example in media.get("examples", {}).values():
                validate = validator(schema, media["schema"]).validate
                try:
                    validate(example["value"])
                except jsonschema.ValidationError as error:
                    pytest.fail(f"{method} {path}: {error.message}")
                checked += 1
    assert checked > 20
    for response in schema["components"]["responses"].values():
        media = response["content"]["application/problem+json"]
        validator(schema, media["schema"]).validate(media["example"])


def test_every_operation_tells_how_it_is_refused(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        answers = operation["responses"]
        assert "401" in answers, (path, method)
        assert ("404" in answers) == ("{" in path), (path, method)


def known(client: ApiClient) -> dict[str, str]:
    """Return an id for each parameter of a path, of records that exist."""
    organization = client.membership.organization
    endpoint = EndpointFactory(organization=organization)
    employee = EmployeeFactory(organization=organization, managed=True, placed=True)
    delivery = Delivery.objects.first()
    assert delivery is not None
    return {
        "employees": str(employee.pk),
        "departments": str(DepartmentFactory(organization=organization).pk),
        "positions": str(PositionFactory(organization=organization).pk),
        "locations": str(LocationFactory(organization=organization).pk),
        **known_leave(employee),
        **known_attendance(employee),
        "members": str(client.membership.pk),
        "origins": str(
            AllowedOrigin.objects.create(
                organization=organization, origin="https://known.example.com"
            ).pk
        ),
        "api-keys": str(ApiKeyFactory(organization=organization).pk),
        "apps": str(ApplicationFactory(organization=organization).pk),
        **known_logs(client),
        "webhooks": str(endpoint.pk),
        "deliveries": str(delivery.pk),
        "events": Event.objects.filter(organization=organization)[0].public_id,
    }


def known_logs(client: ApiClient) -> dict[str, str]:
    """Return an id for each log of calls and events."""
    made = build_logs(client.membership.organization, "known")
    rows = {type(row): row for row in made}
    return {
        "api-calls": str(rows[LoggedCall].pk),
        "security-events": str(rows[SecurityRecord].pk),
        "integration-events": str(rows[IntegrationEvent].pk),
    }


def known_leave(employee: Employee) -> dict[str, str]:
    """Return an id for each resource of leave."""
    organization = employee.organization
    leave_type = LeaveTypeFactory(organization=organization)
    account = grant_leave(employee, leave_type, year=2026, amount=Decimal(5))
    day = dt.date(2026, 6, 1)
    calendar = HolidayCalendarFactory(organization=organization)
    save_holiday(calendar, day + dt.timedelta(days=1), name="Founders' day")
    asked = request_leave(employee, leave_type, first_on=day, last_on=day)
    week = WorkWeekFactory(employee=employee, organization=organization)
    return {
        "types": str(leave_type.pk),
        "requests": str(asked.pk),
        "balances": str(account.pk),
        "ledger": str(asked.ledger_entries.get().pk),
        "calendars": str(calendar.pk),
        "work-weeks": str(week.pk),
    }


def known_attendance(employee: Employee) -> dict[str, str]:
    """Return an id for each resource of attendance."""
    assigned = ScheduleAssignmentFactory(employee=employee)
    punch = PunchFactory(
        employee=employee, punched_at=dt.datetime(2026, 6, 2, 8, tzinfo=dt.UTC)
    )
    add = [AskedPunch(punch.punched_at + dt.timedelta(hours=8), punch.Direction.OUT)]
    asked = Asked(employee, dt.date(2026, 6, 2), add)
    return {
        "punches": str(punch.pk),
        "days": str(employee.attendance_days.get().pk),
        "corrections": str(request_correction(asked, reason="Forgot").pk),
        "schedules": str(assigned.schedule_id),
        "assignments": str(assigned.pk),
    }


@pytest.mark.django_db
def test_every_answer_is_what_its_schema_says(schema: dict[str, Any]) -> None:
    client = api_client(Role.OWNER)
    ids = known(client)
    asked = 0
    for path, method, operation in operations(schema):
        if method != "get":
            continue
        address = path.replace("{endpoint_id}", ids["webhooks"])
        resource = path.partition("/{id}")[0].rpartition("/")[2]
        address = address.replace("{id}", ids.get(resource, ""))

        response = client.get(address)

        assert response.status_code == HTTPStatus.OK, address
        part = operation["responses"]["200"]["content"]["application/json"]["schema"]
        validator(schema, part).validate(response.json())
        asked += 1
    assert asked > 15


@pytest.mark.django_db
def test_every_problem_is_what_its_schema_says(schema: dict[str, Any]) -> None:
    client = api_client(Role.EMPLOYEE)
    problem = {"$ref": "#/components/schemas/Problem"}
    for response in (
        client.get("/api/v1/employees/1/"),
        client.get("/api/v1/employees/?limit=x"),
        client.send("POST", "/api/v1/employees/", {}),
        Client().get("/api/v1/employees/"),
        client.send("PUT", "/api/v1/employees/"),
        Client().post("/api/v1/auth/token/", {}, content_type="application/json"),
    ):
        assert response.status_code >= 400
        validator(schema, problem).validate(response.json())


@pytest.mark.django_db
def test_the_documents_load_nothing_from_elsewhere() -> None:
    page = Client().get("/api/v1/docs/")

    assert page.status_code == 200
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page.content.decode())
    assert addresses
    assert [address for address in addresses if "://" in address] == []
    policy = page["Content-Security-Policy"]
    assert "http" not in policy
    scripts = re.search(r"script-src [^;]*", policy)
    assert "unsafe" not in (scripts.group() if scripts else "")
