import threading
from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from employees.importing import applying
from employees.importing.applying import apply_plan, lock_imports, managers_first
from employees.models import Department, Employee, Location, NumberSeries, Position
from organizations.access import OrganizationAccess, acting
from tests.factories import EmployeeFactory, OrganizationFactory

HEADER = (
    "Number,First Name,Last Name,Email,Hire Date,Manager,Department,Job Title,"
    "Location,Status,Termination Date"
)
FILE = (
    HEADER,
    "3,Cleo,Ito,cleo@example.com,2024-05-01,Ben Ng,Engines,Engineer,Lisbon,,",
    "2,Ben,Ng,ben@example.com,2024-04-01,ada@example.com,Engines,Lead,Berlin,,",
    "1,Ada,Lovelace,ada@example.com,2024-03-01,,Board,Chief,Berlin,,",
    "4,Dan,Ode,dan@example.com,2020-01-01,1,Board,Chief,Berlin,Terminated,2021-12-31",
)


def told(occurrences) -> dict[str, int]:
    """Count what was told, by event type."""
    return dict(Counter(occurrence.type for occurrence in occurrences))


def test_a_file_is_written_with_one_event_for_each_record(
    organization, import_file, occurrences
):
    import_file(*FILE)

    employees = Employee.objects.for_organization(organization).order_by("number")
    assert [
        (e.number, str(e.manager), e.department.name, e.location.name, e.status)
        for e in employees.with_work()
    ] == [
        ("1", "None", "Board", "Berlin", "active"),
        ("2", "Ada Lovelace", "Engines", "Berlin", "active"),
        ("3", "Ben Ng", "Engines", "Lisbon", "active"),
        ("4", "Ada Lovelace", "Board", "Berlin", "terminated"),
    ]
    assert told(occurrences) == {
        "department.created": 2,
        "position.created": 3,
        "location.created": 2,
        "employee.created": 4,
    }


def test_nobody_is_told_of_before_their_manager_and_places(import_file, occurrences):
    import_file(*FILE)

    seen: set[object] = set()
    for occurrence in occurrences:
        if occurrence.type == "employee.created":
            named = {
                occurrence.data[name]
                for name in ("manager", "department", "position", "location")
            }
            assert named - {None} <= seen
        seen.add(occurrence.subject_id)


def test_a_second_import_writes_nothing_and_tells_nothing(import_file, occurrences):
    import_file(*FILE)
    before = list(Employee.objects.order_by("pk").values())
    occurrences.clear()

    plan = import_file(*FILE)

    assert plan.counts() == {"new": 0, "changed": 0, "unchanged": 4, "refused": 0}
    assert occurrences == []
    assert list(Employee.objects.order_by("pk").values()) == before


def test_changes_are_told_with_the_changed_fields(import_file, occurrences):
    import_file(*FILE)
    occurrences.clear()

    import_file(
        HEADER,
        "1,Ada,Byron,,,,,,Lisbon,,",
        "2,,,,,,,,,,",
        "3,,,,,1,,,,,",
    )

    assert {o.data["number"]: (o.type, o.changes, o.sequence) for o in occurrences} == {
        "1": ("employee.updated", ("last_name", "location"), 2),
        "3": ("employee.updated", ("manager",), 2),
    }


def test_managers_may_change_places(import_file):
    import_file(*FILE)

    import_file("Number,Manager", "2,3", "3,1")

    managers = Employee.objects.values_list("number", "manager__number")
    assert dict(managers) == {"1": None, "2": "3", "3": "1", "4": "1"}


def test_the_end_of_an_employment_is_told_as_the_decision_it_is(
    import_file, occurrences
):
    import_file(*FILE)
    occurrences.clear()

    import_file(
        HEADER,
        "3,,,,,,,,Berlin,Terminated,2024-12-31",
        "4,,,,2025-02-01,,,,,Active,",
    )

    assert [(o.data["number"], o.type, o.sequence) for o in occurrences] == [
        ("3", "employee.updated", 2),
        ("3", "employee.terminated", 3),
        ("4", "employee.rehired", 2),
    ]


def test_numbers_are_given_to_those_without_one(organization, import_file):
    EmployeeFactory(organization=organization, number="7")
    NumberSeries.objects.create(organization=organization, last=5)

    import_file(
        "Number,First Name,Last Name,Email,Hire Date",
        ",Ada,Li,ada@example.com,2024-03-01",
        "9,Ben,Ng,ben@example.com,2024-03-01",
        ",Cleo,Ito,cleo@example.com,2024-03-01",
        ",Dan,Ode,dan@example.com,2024-03-01",
    )

    numbers = Employee.objects.values_list("first_name", "number")
    assert {name: number for name, number in numbers if number != "7"} == {
        "Ada": "8",
        "Ben": "9",
        "Cleo": "10",
        "Dan": "11",
    }


def test_one_refused_row_keeps_everything_out(import_file, occurrences):
    with pytest.raises(ValidationError) as caught:
        import_file(*FILE, "5,Eve,,eve@example.com,2024-03-01,,,,,,")

    assert caught.value.code == "refused"
    models = (Employee, Department, Position, Location)
    assert [model.objects.count() for model in models] == [0, 0, 0, 0]
    assert occurrences == []


def test_everything_is_written_by_the_import_as_actor(
    organization, import_file, occurrences
):
    with acting(OrganizationAccess(organization, "import", "somebody")):
        import_file(*FILE)

    assert {(o.actor_type, o.actor_id) for o in occurrences} == {("import", "somebody")}


def test_progress_is_told_from_nothing_to_everything(plan_file, monkeypatch):
    monkeypatch.setattr(applying, "CHUNK", 2)
    steps: list[tuple[int, int]] = []

    apply_plan(plan_file(*FILE), lambda done, total: steps.append((done, total)))

    assert steps == [(0, 4), (2, 4), (4, 4)]


def test_progress_is_told_for_changes_as_well(import_file, plan_file, monkeypatch):
    import_file(*FILE)
    monkeypatch.setattr(applying, "CHUNK", 1)
    steps: list[tuple[int, int]] = []

    plan = plan_file("Number,Manager,Last Name", "2,3,", "3,1,", "1,,Byron", "4,,Ono")
    apply_plan(plan, lambda done, total: steps.append((done, total)))

    assert steps == [(0, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("count", [3, 300])
def test_the_number_of_statements_does_not_grow_with_the_rows(
    plan_file, django_assert_num_queries, count
):
    header = "Number,First Name,Last Name,Email,Hire Date"
    lines = [f"{n},Ada,Li,{n}@example.com,2024-03-01" for n in range(2 * count)]
    apply_plan(plan_file(header, *lines[:count]))
    changed = [line.replace("Ada", "Ida") for line in lines[:count]]
    plan = plan_file(header, *changed, *lines[count:])

    with django_assert_num_queries(18):
        apply_plan(plan)

    assert Employee.objects.filter(first_name="Ida").count() == count
    assert Employee.objects.count() == 2 * count


def test_somebody_who_was_faster_keeps_everything_out(organization, plan_file):
    plan = plan_file(*FILE)
    EmployeeFactory(organization=organization, work_email="CLEO@example.com")

    with pytest.raises(ValidationError) as caught:
        apply_plan(plan)

    assert caught.value.code == "changed_meanwhile"
    assert Employee.objects.count() == 1


def test_a_manager_who_vanished_meanwhile_keeps_everything_out(organization, plan_file):
    manager = EmployeeFactory(organization=organization, number="99")
    plan = plan_file(HEADER, "1,Ada,Lovelace,ada@example.com,2024-03-01,99,,,,,")
    manager.delete()

    with pytest.raises(ValidationError) as caught:
        apply_plan(plan)

    assert caught.value.code == "changed_meanwhile"
    assert Employee.objects.count() == 0


def test_an_employee_changed_meanwhile_is_not_overwritten(organization, plan_file):
    employee = EmployeeFactory(organization=organization, number="1")
    plan = plan_file("Number,Last Name", "1,Byron")
    Employee.objects.filter(pk=employee.pk).update(first_name="Augusta")

    with pytest.raises(ValidationError) as caught:
        apply_plan(plan)

    assert caught.value.code == "changed_meanwhile"
    employee.refresh_from_db()
    assert (employee.first_name, employee.last_name) != ("Augusta", "Byron")


def test_managers_come_before_their_reports():
    chief, lead, engineer = (Employee(first_name=name) for name in "abc")
    lead.manager_id, engineer.manager_id = chief.pk, lead.pk
    known = Employee(first_name="d", manager_id=EmployeeFactory.build().pk)

    ordered = managers_first([engineer, known, lead, chief])

    assert [employee.first_name for employee in ordered] == ["d", "a", "b", "c"]


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_organization_do_not_run_at_once():
    organization, other = OrganizationFactory.create_batch(2)
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_imports(organization)
            holding.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    try:
        with transaction.atomic():
            lock_imports(other)
        with pytest.raises(ValidationError) as caught, transaction.atomic():
            lock_imports(organization)
    finally:
        done.set()
        holder.join()

    assert caught.value.code == "import_running"
    with transaction.atomic():
        lock_imports(organization)
