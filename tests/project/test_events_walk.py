"""Every way of writing tells each change once.

The registries are walked: the admin, the pages, the API, commands, services and tasks.
Each way that is found is in one of two tables: :data:`WRITES` performs it and says what
it must tell; :data:`SILENT` says why it changes no record. A new way is in neither, and
fails.
"""

import datetime as dt
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command, get_commands
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import timezone

from employees.importing.services import apply_import, start_import, upload_import
from employees.models import Employee, EmployeeImport
from employees.services import (
    change_manager,
    end_due_employments,
    give_login,
    hire_employee,
    rehire_employee,
    terminate_employee,
    update_employee,
)
from employees.tasks import apply_employee_import
from employees.tasks import end_due_employments as end_due_employments_task
from integrations.webhooks import services as webhooks
from integrations.webhooks.models import Delivery, Event
from organizations.access import acting
from organizations.events import EventType, emitting_models
from organizations.models import Membership, Organization
from organizations.roles import Role
from organizations.services import (
    add_member,
    change_role,
    create_organization,
    remove_member,
)
from people_hr.celery import app as celery_app
from tests.api import ApiClient
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    EndpointFactory,
    LocationFactory,
    MembershipFactory,
    PositionFactory,
)

pytestmark = pytest.mark.django_db

OURS = (
    "organizations",
    "employees",
    "leave",
    "attendance",
    "integrations",
    "people_hr",
)
WRITING_METHODS = ("post", "put", "patch", "delete")
ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "work_email": "ada@example.com",
    "hired_on": "2026-01-05",
}
PAYROLL = {"name": "Payroll", "url": "http://127.0.0.1:9/", "events": ["employee.*"]}
TODAY = dt.date(2026, 3, 2)


@dataclass
class Stage:
    """An organization with its owner, who acts by browser and by API."""

    organization: Organization
    browser: Client
    api: ApiClient
    folder: Path

    @property
    def mine(self) -> dict[str, Any]:
        return {"organization": self.organization}

    def employee(self, **fields: Any) -> Employee:
        made: Employee = EmployeeFactory(**self.mine, **fields)
        return made

    def file(self, employee: Employee) -> bytes:
        """Return an import: one new employee, one changed, one as they are."""
        same = self.employee()
        rows = [
            ("Employee #", "First Name", "Last Name", "Work Email", "Hire Date"),
            ("9001", "New", "Person", "new@example.com", "2026-01-05"),
            (employee.number, "Changed", employee.last_name, employee.work_email, ""),
            (same.number, same.first_name, same.last_name, same.work_email, ""),
        ]
        return "\n".join(",".join(row) for row in rows).encode()


@dataclass
class Write:
    """What to do once all is prepared, and the types of events that it must tell."""

    do: Callable[[], Any]
    tells: list[str]


Way = Callable[[Stage], Write]


# --- What there is --------------------------------------------------------------------


def owners_request() -> Any:
    """Return a request of an owner, who may do everything."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    membership = Membership(organization=Organization(), role=Role.OWNER)
    request.access = Everything(membership)
    return request


class Everything:
    """An access that allows every scope, to see every action."""

    def __init__(self, membership: Membership) -> None:
        self.organization = membership.organization

    def allows(self, scope: str) -> bool:
        return True


def admin_ways() -> Iterator[str]:
    request = owners_request()
    for model, model_admin in admin.site._registry.items():
        name = model._meta.label_lower
        for url in model_admin.get_urls():
            if url.name:
                yield f"admin {url.name}"
        for action in model_admin.get_actions(request):
            yield f"admin {name} action {action}"
        for inline in model_admin.inlines:
            yield f"admin {name} inline {inline.model._meta.label_lower}"
        if model_admin.list_editable:
            yield f"admin {name} editable list"


def routes(resolver: Any, namespace: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            if entry.namespace != "admin":
                yield from routes(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry.callback


def api_methods(view: Any) -> list[str]:
    if hasattr(view, "actions"):
        return [method for method in view.actions if method in WRITING_METHODS]
    return [name for name in WRITING_METHODS if hasattr(view.cls, name)]


def url_ways() -> Iterator[str]:
    for name, view in routes(get_resolver()):
        if name.startswith("api:"):
            yield from (f"{method.upper()} {name}" for method in api_methods(view))
        else:
            yield f"page {name}"


def command_ways() -> Iterator[str]:
    for name, app in get_commands().items():
        if str(getattr(app, "name", app)).startswith(OURS):
            yield f"command {name}"


def service_ways() -> Iterator[str]:
    for config in apps.get_app_configs():
        if not config.name.startswith(OURS):
            continue
        for path in Path(config.path).rglob("services.py"):
            inside = path.relative_to(config.path).with_suffix("").parts
            module = importlib.import_module(".".join([config.name, *inside]))
            for name, function in vars(module).items():
                is_own = getattr(function, "__module__", "") == module.__name__
                if is_own and inspect.isroutine(function) and not name.startswith("_"):
                    yield f"service {module.__name__}.{name}"


def task_ways() -> Iterator[str]:
    celery_app.loader.import_default_modules()
    for name in celery_app.tasks:
        if name.startswith(OURS):
            yield f"task {name}"


def every_way() -> set[str]:
    return {
        *admin_ways(),
        *url_ways(),
        *command_ways(),
        *service_ways(),
        *task_ways(),
    }


# --- What writes ----------------------------------------------------------------------

WRITES: dict[str, Way] = {}


def way(*names: str) -> Callable[[Callable[..., Write]], Callable[..., Write]]:
    """Register a way of writing; with several names, each is passed to it."""

    def register(prepare: Callable[..., Write]) -> Callable[..., Write]:
        for name in names:
            assert name not in WRITES
            takes_name = len(inspect.signature(prepare).parameters) == 2
            WRITES[name] = (
                (lambda stage, name=name: prepare(stage, name))
                if takes_name
                else prepare
            )
        return prepare

    return register


STRUCTURE: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "department": (DepartmentFactory, {"name": "Sales"}, {"name": "Sales"}),
    "position": (PositionFactory, {"title": "Engineer"}, {"title": "Engineer"}),
    "location": (
        LocationFactory,
        {"name": "Berlin", "time_zone": "Europe/Berlin"},
        {"name": "Berlin", "time_zone": "Europe/Berlin"},
    ),
}


@way(*(f"admin employees_{noun}_add" for noun in STRUCTURE))
def _(stage: Stage, name: str) -> Write:
    noun = name.split("_")[1]
    form = STRUCTURE[noun][1]
    return Write(
        lambda: stage.browser.post(f"/admin/employees/{noun}/add/", form),
        [f"{noun}.created"],
    )


@way(*(f"admin employees_{noun}_change" for noun in STRUCTURE))
def _(stage: Stage, name: str) -> Write:
    noun = name.split("_")[1]
    factory, form, _changes = STRUCTURE[noun]
    record = factory(**stage.mine)
    address = f"/admin/employees/{noun}/{record.pk}/change/"
    return Write(
        lambda: stage.browser.post(address, form | {"version": 1}),
        [f"{noun}.updated"],
    )


@way(*(f"admin employees_{noun}_delete" for noun in STRUCTURE))
def _(stage: Stage, name: str) -> Write:
    noun = name.split("_")[1]
    record = STRUCTURE[noun][0](**stage.mine)
    address = f"/admin/employees/{noun}/{record.pk}/delete/"
    return Write(
        lambda: stage.browser.post(address, {"post": "yes"}), [f"{noun}.deleted"]
    )


@way(*(f"admin employees.{noun} action delete_selected" for noun in STRUCTURE))
def _(stage: Stage, name: str) -> Write:
    noun = name.split(".")[1].split(maxsplit=1)[0]
    records = STRUCTURE[noun][0].create_batch(2, **stage.mine)
    return Write(
        lambda: select(stage, f"employees/{noun}", "delete_selected", records, post=1),
        [f"{noun}.deleted"] * 2,
    )


def select(
    stage: Stage, admin_path: str, action: str, records: list[Any], **answer: Any
) -> Any:
    """Run an admin's action on the selected records."""
    chosen = {"action": action, "_selected_action": [str(r.pk) for r in records]}
    return stage.browser.post(f"/admin/{admin_path}/", chosen | answer)


@way("admin employees_employee_add")
def _(stage: Stage) -> Write:
    form = ADA | {"employment_type": "full_time"}
    return Write(
        lambda: stage.browser.post("/admin/employees/employee/add/", form),
        ["employee.created"],
    )


@way(
    "admin employees_employee_change",
    "admin employees.employee inline employees.employee",
)
def _(stage: Stage) -> Write:
    """The inline lists reports and is read-only: what it is sent is passed over."""
    boss = stage.employee()
    report = stage.employee(manager=boss)
    form = {
        **ADA,
        "number": boss.number,
        "employment_type": "full_time",
        "version": 1,
        "reports-TOTAL_FORMS": 1,
        "reports-INITIAL_FORMS": 1,
        "reports-0-id": str(report.pk),
        "reports-0-first_name": "Hostile",
    }
    address = f"/admin/employees/employee/{boss.pk}/change/"
    return Write(lambda: stage.browser.post(address, form), ["employee.updated"])


@way("admin employees_employee_delete")
def _(stage: Stage) -> Write:
    address = f"/admin/employees/employee/{stage.employee().pk}/delete/"
    return Write(
        lambda: stage.browser.post(address, {"post": "yes"}), ["employee.deleted"]
    )


@way("admin employees.employee action delete_selected")
def _(stage: Stage) -> Write:
    people = [stage.employee(), stage.employee()]
    return Write(
        lambda: select(stage, "employees/employee", "delete_selected", people, post=1),
        ["employee.deleted"] * 2,
    )


DECISIONS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "terminate": ({}, {"terminated_on": "2026-02-01"}, "employee.terminated"),
    "rehire": (
        {"terminated": True},
        {"hired_on": "2026-02-01"},
        "employee.rehired",
    ),
}


@way(*(f"admin employees.employee action {decision}" for decision in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.rsplit(maxsplit=1)[-1]
    fields, answer, tells = DECISIONS[decision]
    people = [stage.employee(**fields), stage.employee(**fields)]
    answer = {"decided": "yes", **answer}
    return Write(
        lambda: select(stage, "employees/employee", decision, people, **answer),
        [tells] * 2,
    )


@way(*(f"admin employees_employee_{decision}_this" for decision in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.split("_")[2]
    fields, answer, tells = DECISIONS[decision]
    address = f"/admin/employees/employee/{stage.employee(**fields).pk}/{decision}/"
    answer = {"decided": "yes", **answer}
    return Write(lambda: stage.browser.post(address, answer), [tells])


@way("admin employees.employee action change_manager")
def _(stage: Stage) -> Write:
    boss, *people = stage.employee(), stage.employee(), stage.employee()
    answer = {"decided": "yes", "manager": str(boss.pk)}
    return Write(
        lambda: select(stage, "employees/employee", "change_manager", people, **answer),
        ["employee.updated"] * 2,
    )


@way("admin employees.employee action give_logins")
def _(stage: Stage) -> Write:
    people = [stage.employee()]
    return Write(
        lambda: select(stage, "employees/employee", "give_logins", people),
        ["employee.updated", "membership.created"],
    )


@way("admin organizations_membership_add")
def _(stage: Stage) -> Write:
    form = {"email": "ada@example.com", "role": "hr"}
    return Write(
        lambda: stage.browser.post("/admin/organizations/membership/add/", form),
        ["membership.created"],
    )


@way("admin organizations_membership_change")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    address = f"/admin/organizations/membership/{member.pk}/change/"
    form = {"role": "hr", "version": 1}
    return Write(lambda: stage.browser.post(address, form), ["membership.updated"])


@way("admin organizations_membership_delete")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    address = f"/admin/organizations/membership/{member.pk}/delete/"
    return Write(
        lambda: stage.browser.post(address, {"post": "yes"}), ["membership.deleted"]
    )


@way("admin organizations.membership action delete_selected")
def _(stage: Stage) -> Write:
    members = MembershipFactory.create_batch(2, **stage.mine)
    path = "organizations/membership"
    return Write(
        lambda: select(stage, path, "delete_selected", members, post=1),
        ["membership.deleted"] * 2,
    )


@way("admin webhooks_endpoint_test", "admin webhooks.endpoint action send_test")
def _(stage: Stage, name: str) -> Write:
    endpoint = EndpointFactory(**stage.mine)
    address = f"/admin/webhooks/endpoint/{endpoint.pk}/test/"
    if name.endswith("_test") and "action" not in name:
        return Write(lambda: stage.browser.post(address), ["webhook_endpoint.tested"])
    return Write(
        lambda: select(stage, "webhooks/endpoint", "send_test", [endpoint]),
        ["webhook_endpoint.tested"],
    )


@way("page employees:my_profile_edit")
def _(stage: Stage) -> Write:
    stage.employee(user=stage.browser.membership.user)  # type: ignore[attr-defined]
    form = {"preferred_name": "Lady", "version": 1}
    return Write(lambda: stage.browser.post("/me/edit/", form), ["employee.updated"])


@way("POST api:employee-list")
def _(stage: Stage) -> Write:
    return Write(
        lambda: stage.api.send("POST", "/api/v1/employees/", ADA), ["employee.created"]
    )


@way("PUT api:employee-detail", "PATCH api:employee-detail")
def _(stage: Stage, name: str) -> Write:
    address = f"/api/v1/employees/{stage.employee().pk}/"
    method = name.split(maxsplit=1)[0]
    return Write(lambda: stage.api.send(method, address, ADA), ["employee.updated"])


@way("DELETE api:employee-detail")
def _(stage: Stage) -> Write:
    address = f"/api/v1/employees/{stage.employee().pk}/"
    return Write(lambda: stage.api.send("DELETE", address), ["employee.deleted"])


@way(*(f"POST api:employee-{decision}" for decision in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    decision = name.rpartition("-")[2]
    fields, answer, tells = DECISIONS[decision]
    address = f"/api/v1/employees/{stage.employee(**fields).pk}/{decision}/"
    return Write(lambda: stage.api.send("POST", address, answer), [tells])


@way(*(f"POST api:{noun}-list" for noun in STRUCTURE))
def _(stage: Stage, name: str) -> Write:
    noun = name.split(":")[1].removesuffix("-list")
    body = STRUCTURE[noun][2]
    return Write(
        lambda: stage.api.send("POST", f"/api/v1/{noun}s/", body), [f"{noun}.created"]
    )


@way(
    *(
        f"{method} api:{noun}-detail"
        for noun in STRUCTURE
        for method in ("PUT", "PATCH", "DELETE")
    )
)
def _(stage: Stage, name: str) -> Write:
    method, route = name.split()
    noun = route.split(":")[1].removesuffix("-detail")
    factory, _form, changes = STRUCTURE[noun]
    address = f"/api/v1/{noun}s/{factory(**stage.mine).pk}/"
    tells = "deleted" if method == "DELETE" else "updated"
    body = None if method == "DELETE" else changes
    return Write(lambda: stage.api.send(method, address, body), [f"{noun}.{tells}"])


@way("POST api:member-list")
def _(stage: Stage) -> Write:
    body = {"email": "ada@example.com"}
    return Write(
        lambda: stage.api.send("POST", "/api/v1/members/", body),
        ["membership.created"],
    )


@way("PUT api:member-detail", "PATCH api:member-detail", "DELETE api:member-detail")
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"/api/v1/members/{MembershipFactory(**stage.mine).pk}/"
    tells = "deleted" if method == "DELETE" else "updated"
    body = None if method == "DELETE" else {"role": "hr"}
    return Write(lambda: stage.api.send(method, address, body), [f"membership.{tells}"])


@way("POST api:webhook-test")
def _(stage: Stage) -> Write:
    address = f"/api/v1/webhooks/{EndpointFactory(**stage.mine).pk}/test/"
    return Write(lambda: stage.api.send("POST", address), ["webhook_endpoint.tested"])


@way("command import_employees")
def _(stage: Stage) -> Write:
    file = stage.folder / "people.csv"
    file.write_bytes(stage.file(stage.employee()))
    slug = stage.organization.slug
    return Write(
        lambda: call_command("import_employees", str(file), organization=slug),
        ["employee.created", "employee.updated"],
    )


@way("command create_organization")
def _(stage: Stage) -> Write:
    return Write(
        lambda: call_command(
            "create_organization", "Acme", "acme", "boss@example.com", country="DE"
        ),
        ["membership.created"],
    )


def uploaded(stage: Stage) -> EmployeeImport:
    """Return an import that waits to be applied."""
    user = stage.browser.membership.user  # type: ignore[attr-defined]
    upload = upload_import(
        stage.organization,
        file_name="people.csv",
        content=stage.file(stage.employee()),
        uploaded_by=user,
    )
    return start_import(upload, started_by=user)


@way("service employees.importing.services.apply_import")
def _(stage: Stage) -> Write:
    upload = uploaded(stage)
    return Write(
        lambda: apply_import(upload.pk), ["employee.created", "employee.updated"]
    )


@way("task employees.tasks.apply_employee_import")
def _(stage: Stage) -> Write:
    upload = uploaded(stage)

    def twice() -> None:
        """As when the broker delivers a task again."""
        apply_employee_import(str(upload.pk))
        apply_employee_import(str(upload.pk))

    return Write(twice, ["employee.created", "employee.updated"])


@way("service employees.services.hire_employee")
def _(stage: Stage) -> Write:
    return Write(lambda: hire_employee(stage.organization, **ADA), ["employee.created"])


@way("service employees.services.update_employee")
def _(stage: Stage) -> Write:
    employee = stage.employee()

    def twice() -> None:
        """The second changes nothing."""
        update_employee(employee, **ADA)
        update_employee(employee, **ADA)

    return Write(twice, ["employee.updated"])


@way("service employees.services.change_manager")
def _(stage: Stage) -> Write:
    employee, boss = stage.employee(), stage.employee()
    return Write(lambda: change_manager(employee, boss), ["employee.updated"])


@way("service employees.services.terminate_employee")
def _(stage: Stage) -> Write:
    employee = stage.employee()
    return Write(
        lambda: terminate_employee(employee, terminated_on=TODAY),
        ["employee.terminated"],
    )


@way("service employees.services.rehire_employee")
def _(stage: Stage) -> Write:
    employee = stage.employee(terminated=True)
    return Write(
        lambda: rehire_employee(employee, hired_on=TODAY), ["employee.rehired"]
    )


@way("service employees.services.give_login")
def _(stage: Stage) -> Write:
    employee = stage.employee()
    return Write(
        lambda: give_login(employee), ["employee.updated", "membership.created"]
    )


@way(
    "service employees.services.end_due_employments",
    "task employees.tasks.end_due_employments",
)
def _(stage: Stage, name: str) -> Write:
    stage.employee(terminated_on=TODAY)
    stage.employee(terminated_on=timezone.localdate() + dt.timedelta(days=9))
    run = end_due_employments_task if name.startswith("task") else end_due_employments
    return Write(run, ["employee.terminated"])


@way("service organizations.services.create_organization")
def _(stage: Stage) -> Write:
    return Write(
        lambda: create_organization(
            name="Acme",
            slug="acme",
            country="DE",
            time_zone="UTC",
            owner_email="boss@example.com",
        ),
        ["membership.created"],
    )


@way("service organizations.services.add_member")
def _(stage: Stage) -> Write:
    return Write(
        lambda: add_member(stage.organization, email="a@b.example", role=Role.HR),
        ["membership.created"],
    )


@way("service organizations.services.change_role")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    return Write(lambda: change_role(member, Role.HR), ["membership.updated"])


@way("service organizations.services.remove_member")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    return Write(lambda: remove_member(member), ["membership.deleted"])


@way("service integrations.webhooks.services.send_test_event")
def _(stage: Stage) -> Write:
    endpoint = EndpointFactory(**stage.mine)
    return Write(
        lambda: webhooks.send_test_event(endpoint), ["webhook_endpoint.tested"]
    )


# --- What tells nothing, because no record that speaks is written ---------------------


@way("admin employees_employeeimport_add")
def _(stage: Stage) -> Write:
    file = BytesIO(stage.file(stage.employee()))
    file.name = "people.csv"
    return Write(
        lambda: stage.browser.post(
            "/admin/employees/employeeimport/add/", {"file": file}
        ),
        [],
    )


@way("admin employees_employeeimport_apply")
def _(stage: Stage) -> Write:
    """A worker does it, after the commit."""
    upload = upload_import(
        stage.organization,
        file_name="people.csv",
        content=stage.file(stage.employee()),
        uploaded_by=stage.browser.membership.user,  # type: ignore[attr-defined]
    )
    address = f"/admin/employees/employeeimport/{upload.pk}/apply/"
    return Write(lambda: stage.browser.post(address), [])


@way("POST api:webhook-list")
def _(stage: Stage) -> Write:
    return Write(lambda: stage.api.send("POST", "/api/v1/webhooks/", PAYROLL), [])


@way("PUT api:webhook-detail", "PATCH api:webhook-detail", "DELETE api:webhook-detail")
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"/api/v1/webhooks/{EndpointFactory(**stage.mine).pk}/"
    body = None if method == "DELETE" else PAYROLL
    return Write(lambda: stage.api.send(method, address, body), [])


@way(
    "POST api:delivery-retry",
    "admin webhooks_delivery_send_again",
    "admin webhooks.delivery action send_again",
    "service integrations.webhooks.services.send_again",
)
def _(stage: Stage, name: str) -> Write:
    """The same event goes out again; there is no new one."""
    endpoint = EndpointFactory(**stage.mine)
    stage.employee()
    delivery = Delivery.objects.get(endpoint=endpoint)
    deliveries = f"/api/v1/webhooks/{endpoint.pk}/deliveries"
    ways: dict[str, Callable[[], Any]] = {
        "POST": lambda: stage.api.send("POST", f"{deliveries}/{delivery.pk}/retry/"),
        "service": lambda: webhooks.send_again(delivery),
        "admin": lambda: stage.browser.post(
            f"/admin/webhooks/delivery/{delivery.pk}/send-again/"
        ),
    }
    if "action" in name:
        return Write(
            lambda: select(stage, "webhooks/delivery", "send_again", [delivery]), []
        )
    return Write(ways[name.split(maxsplit=1)[0]], [])


#: Names, or beginnings that end with ``*``, and why they write no record that speaks.
SILENT = {
    "admin *_changelist": "a list",
    "admin *_history": "a list",
    "admin employees_employeeimport_*": "imports are files; applying them is a task",
    "admin organizations_organization_*": "an organization is no record of one",
    "admin organizations.membership action invite_again": "sends a mail",
    "admin webhooks_endpoint_*": "endpoints are settings: no event would end",
    "admin webhooks.endpoint action delete_selected": "the same",
    "admin webhooks_event_*": "the log is read",
    "admin webhooks_delivery_*": "deliveries are the workers' doing",
    "admin webhooks.delivery inline *": "read",
    "admin webhooks.event inline *": "read",
    "POST api:token*": "tokens belong to a login",
    "page account_*": "logins and passwords belong to users, not to organizations",
    "page usersessions_list": "the same",
    "page employees:home": "read",
    "page employees:directory": "read",
    "page employees:org_chart": "read",
    "page employees:profile": "read",
    "page employees:reports": "read",
    "page employees:my_profile": "read",
    "page organizations:choose": "read",
    "page organizations:switch": "a choice kept in the session",
    "page monitoring:*": "read",
    "command print_events": "prints",
    "command load_demo": "writes by the services; tests/people_hr loads it",
    "command webhook_receiver": "receives",
    "service organizations.services.memberships_of": "read",
    "service employees.services.next_number": "a series is no record that speaks",
    "service employees.importing.services.upload_import": "imports are files",
    "service employees.importing.services.plan_import": "read",
    "service employees.importing.services.start_import": "imports are files",
    "service integrations.webhooks.services.*_endpoint": "endpoints are settings",
    "task integrations.*": "delivers, prunes and watches",
}


def is_silent(name: str) -> bool:
    """Say whether a way is in the table of those that write no record."""
    return any(fnmatchcase(name, pattern) for pattern in SILENT)


# --- The walk -------------------------------------------------------------------------


@pytest.fixture
def stage(member_client: Any, tmp_path: Path) -> Stage:
    browser = member_client(Role.OWNER)
    organization = browser.membership.organization
    return Stage(organization, browser, ApiClient(browser.membership), tmp_path)


def test_every_way_of_writing_is_known() -> None:
    found = every_way()

    unknown = {name for name in found if name not in WRITES and not is_silent(name)}
    assert unknown == set(), "Say in WRITES what they tell, or in SILENT why nothing."
    assert WRITES.keys() - found == set(), "These are gone."


def test_every_reason_to_be_silent_is_needed() -> None:
    found = every_way()

    unused = [
        pattern
        for pattern in SILENT
        if not any(fnmatchcase(name, pattern) for name in found)
    ]
    assert unused == []


@pytest.mark.parametrize("name", sorted(WRITES))
def test_each_change_is_told_once(name: str, stage: Stage) -> None:
    write = WRITES[name](stage)
    before = set(Event.objects.values_list("pk", flat=True))

    with acting(None):
        answer = write.do()

    if isinstance(answer, HttpResponse):
        assert answer.status_code < 400, answer.content
    new = Event.objects.exclude(pk__in=before)
    assert sorted(event.type for event in new) == sorted(write.tells)
    assert_no_gaps()


def assert_no_gaps() -> None:
    """Each record's events count its versions: 1, 2, 3, none twice, none left out."""
    for model in emitting_models():
        for pk, version in model._base_manager.values_list("pk", "version"):
            told = Event.objects.filter(subject_id=pk).order_by("sequence")
            sequences = list(told.values_list("sequence", flat=True))
            assert sequences == list(range(1, version + 1)), (model, pk)


def test_every_declared_type_is_told_by_some_way(
    stage: Stage,
) -> None:
    told: set[str] = set()
    for prepare in WRITES.values():
        with transaction.atomic():
            told.update(prepare(stage).tells)
            transaction.set_rollback(True)

    assert told == {declared.name for declared in EventType.all()}
