"""How employees and structure are written, and what each way tells."""

import datetime as dt
from io import BytesIO
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from employees.importing.services import apply_import, start_import, upload_import
from employees.models import EmployeeImport
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
from tests.factories import (
    DepartmentFactory,
    LocationFactory,
    PositionFactory,
)
from tests.project.ways.stage import (
    ADA,
    SILENT,
    TODAY,
    Stage,
    Write,
    select,
    way,
)

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


@way("command import_employees")
def _(stage: Stage) -> Write:
    file = stage.folder / "people.csv"
    file.write_bytes(stage.file(stage.employee()))
    slug = stage.organization.slug
    return Write(
        lambda: call_command("import_employees", str(file), organization=slug),
        ["employee.created", "employee.updated"],
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


SILENT.update(
    {
        "admin employees_employeeimport_*": "imports are files; a task applies them",
        "page employees:home": "read",
        "page employees:directory": "read",
        "page employees:org_chart": "read",
        "page employees:profile": "read",
        "page employees:reports": "read",
        "page employees:my_profile": "read",
        "service employees.services.next_number": "a series is no record that speaks",
        "service employees.importing.services.upload_import": "imports are files",
        "service employees.importing.services.plan_import": "read",
        "service employees.importing.services.start_import": "imports are files",
        "POST api:employee-bulk": "each item by the services of one",
        "POST api:department-bulk": "each item saves as by itself",
        "POST api:position-bulk": "each item saves as by itself",
        "POST api:location-bulk": "each item saves as by itself",
        "POST api:leave-balance-bulk": "each item by the services of one",
    }
)
