"""Whatever writes a record: one event a change, none lost, none doubled."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from copy import copy
from typing import Any

import orjson
import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Count, F, ProtectedError, Value
from django.db.models.functions import Concat, Upper

from employees.models import Department, Employee, Position
from employees.services import change_manager, hire_employee
from integrations.webhooks.models import Event
from organizations.classes import PUBLIC
from organizations.events import event_occurred
from organizations.models import Membership, OrganizationRecord, StaleRecord
from organizations.services import remove_member
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    MembershipFactory,
    OrganizationFactory,
    PositionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

THREADS = 8


def told(record: OrganizationRecord) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return (type, sequence, changes) of every event that is stored of a record."""
    bodies = Event.objects.filter(subject_id=record.pk).order_by("sequence", "id")
    events = [orjson.loads(event.body) for event in bodies]
    return [
        (event["type"], event["sequence"], tuple(event["changes"])) for event in events
    ]


def last_data(record: OrganizationRecord) -> dict[str, Any]:
    """Return what the record's newest event says of it."""
    newest = Event.objects.filter(subject_id=record.pk).order_by("sequence").last()
    assert newest is not None
    data: dict[str, Any] = orjson.loads(newest.body)["data"]
    return data


def at_once(work: Callable[[int], Any], count: int = THREADS) -> list[Any]:
    """Run ``work(0) … work(count - 1)`` in threads that start together."""
    start = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            start.wait(timeout=30)
            return work(number)
        except (ValidationError, IntegrityError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def save_and_undo(record: OrganizationRecord, **changes: Any) -> None:
    """Save changes in a transaction, or savepoint, that is rolled back."""
    with transaction.atomic():
        for name, value in changes.items():
            setattr(record, name, value)
        record.save()
        transaction.set_rollback(True)


# --- One record -----------------------------------------------------------------------


def test_a_new_record_tells_its_creation_once() -> None:
    position = PositionFactory(title="Engineer")

    assert told(position) == [("position.created", 1, ())]
    assert last_data(position) == orjson.loads(
        orjson.dumps(position.represent(PUBLIC), option=orjson.OPT_UTC_Z)
    )


def test_a_change_tells_the_fields_that_changed() -> None:
    employee = EmployeeFactory()

    employee.first_name = "Grace"
    employee.hired_on = "2024-02-01"
    employee.save()

    assert told(employee) == [
        ("employee.created", 1, ()),
        ("employee.updated", 2, ("first_name", "hired_on")),
    ]
    assert last_data(employee)["first_name"] == "Grace"
    assert last_data(employee)["hired_on"] == "2024-02-01"
    assert employee.hired_on == dt.date(2024, 2, 1)


def test_a_save_without_a_change_writes_nothing(
    django_assert_num_queries: Any,
) -> None:
    employee = Employee.objects.get(pk=EmployeeFactory().pk)
    employee.hired_on = str(employee.hired_on)  # the same day, as text
    employee.manager_id = None
    employee.first_name = str(employee.first_name)

    with django_assert_num_queries(0):
        employee.save()
        employee.save(update_fields=["first_name"])

    assert told(employee) == [("employee.created", 1, ())]


def test_update_fields_writes_and_tells_those_alone() -> None:
    employee = EmployeeFactory()
    employee.first_name = "Grace"
    employee.last_name = "Hopper"

    employee.save(update_fields=["last_name"])

    assert told(employee)[1:] == [("employee.updated", 2, ("last_name",))]
    assert Employee.objects.get(pk=employee.pk).first_name == "Ada"
    employee.save()
    assert told(employee)[2:] == [("employee.updated", 3, ("first_name",))]


def test_two_writes_in_one_transaction_arrive_in_order() -> None:
    employee = EmployeeFactory()

    with transaction.atomic():
        employee.first_name = "Grace"
        employee.save()
        employee.last_name = "Hopper"
        employee.save()

    assert told(employee)[1:] == [
        ("employee.updated", 2, ("first_name",)),
        ("employee.updated", 3, ("last_name",)),
    ]


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.django_db(transaction=True)
def test_an_undone_write_tells_nothing_and_can_be_written_again(
    is_nested: bool,
) -> None:
    employee = EmployeeFactory()

    with transaction.atomic() if is_nested else nullcontext():
        save_and_undo(employee, first_name="Grace")
    assert told(employee) == [("employee.created", 1, ())]

    employee.save()

    assert told(employee)[1:] == [("employee.updated", 2, ("first_name",))]
    assert Employee.objects.get(pk=employee.pk).first_name == "Grace"


@pytest.mark.django_db(transaction=True)
def test_what_was_kept_before_a_savepoint_stays_when_that_is_undone() -> None:
    employee = EmployeeFactory()

    with transaction.atomic():
        employee.first_name = "Grace"
        employee.save()
        save_and_undo(employee, last_name="Hopper")
        employee.work_phone = "1"
        employee.save()

    assert told(employee)[1:] == [
        ("employee.updated", 2, ("first_name",)),
        ("employee.updated", 3, ("last_name", "work_phone")),
    ]


@pytest.mark.django_db(transaction=True)
def test_an_undone_insert_can_be_inserted_again() -> None:
    position = PositionFactory.build(organization=OrganizationFactory())
    save_and_undo(position)
    assert not Position.objects.exists()

    position.save()

    assert told(position) == [("position.created", 1, ())]


@pytest.mark.django_db(transaction=True)
def test_a_record_that_was_read_anew_can_be_saved_after_somebody_elses_change() -> None:
    with transaction.atomic():
        mine = PositionFactory(title="Engineer")
    theirs = Position.objects.get(pk=mine.pk)
    theirs.title = "Designer"
    theirs.save()

    mine.refresh_from_db()
    mine.title = "Architect"
    mine.save()

    assert told(mine)[1:] == [
        ("position.updated", 2, ("title",)),
        ("position.updated", 3, ("title",)),
    ]


def test_a_lost_update_is_refused() -> None:
    mine = EmployeeFactory()
    theirs = Employee.objects.get(pk=mine.pk)
    theirs.first_name = "Theirs"
    theirs.save()

    mine.last_name = "Mine"
    with pytest.raises(StaleRecord) as refusal, transaction.atomic():
        mine.save()

    assert refusal.value.code == "stale"
    assert Employee.objects.get(pk=mine.pk).first_name == "Theirs"
    assert told(mine) == [
        ("employee.created", 1, ()),
        ("employee.updated", 2, ("first_name",)),
    ]


def test_a_refused_record_is_saved_after_it_was_read_anew() -> None:
    mine = EmployeeFactory()
    Employee.objects.filter(pk=mine.pk).update(first_name="Theirs")
    mine.last_name = "Mine"
    with pytest.raises(StaleRecord), transaction.atomic():
        mine.save()

    mine.refresh_from_db()
    mine.last_name = "Mine"
    mine.save()

    assert told(mine)[-1] == ("employee.updated", 3, ("last_name",))


def test_a_change_of_a_removed_record_is_refused() -> None:
    mine = PositionFactory()
    Position.objects.get(pk=mine.pk).delete()

    mine.title = "Nobody"
    with pytest.raises(StaleRecord), transaction.atomic():
        mine.save()


def test_a_second_deletion_is_refused_and_tells_nothing() -> None:
    mine = PositionFactory()
    theirs = Position.objects.get(pk=mine.pk)
    theirs.delete()
    assert theirs.pk is None

    with pytest.raises(StaleRecord), transaction.atomic():
        mine.delete()

    assert told(mine) == [("position.created", 1, ()), ("position.deleted", 2, ())]


def test_records_read_in_part_tell_the_same() -> None:
    pk = EmployeeFactory().pk
    deferred = Employee.objects.defer("last_name", "version").get(pk=pk)
    deferred.first_name = "Grace"
    deferred.save()
    only = Employee.objects.only("number").get(pk=pk)
    only.last_name = "Hopper"
    only.save()
    unchanged = Employee.objects.only("first_name").get(pk=pk)
    unchanged.first_name = "Grace"
    unchanged.save()

    assert told(only)[1:] == [
        ("employee.updated", 2, ("first_name",)),
        ("employee.updated", 3, ("last_name",)),
    ]
    assert last_data(only)["name"] == "Grace Hopper"


def test_an_expression_is_told_as_what_it_became() -> None:
    employee = EmployeeFactory(first_name="Ada")
    employee.first_name = Upper(F("first_name"))
    employee.preferred_name = Concat(F("first_name"), Value("!"))
    employee.save()

    assert employee.first_name == "ADA"
    assert told(employee)[1:] == [
        ("employee.updated", 2, ("first_name", "preferred_name"))
    ]
    assert last_data(employee)["first_name"] == "ADA"
    employee.save()
    assert len(told(employee)) == 2


def test_a_copy_does_not_swallow_the_originals_change() -> None:
    original = Employee.objects.get(pk=EmployeeFactory().pk)
    twin = copy(original)

    original.first_name = "Grace"
    original.save()

    twin.first_name = "Grace"
    with pytest.raises(StaleRecord), transaction.atomic():
        twin.save()


def test_a_record_saved_under_a_new_key_is_a_new_record() -> None:
    original = PositionFactory(title="Engineer")
    twin = Position.objects.get(pk=original.pk)
    twin.pk = None
    twin._state.adding = True
    twin.title = "Engineer II"
    twin.save()

    assert twin.pk != original.pk
    assert told(twin) == [("position.created", 1, ())]
    assert told(original) == [("position.created", 1, ())]


def test_a_deletion_is_told_with_the_next_sequence() -> None:
    employee = EmployeeFactory()
    employee.first_name = "Grace"
    employee.save()

    employee.delete()

    gone = Event.objects.get(type="employee.deleted")
    assert (gone.sequence, orjson.loads(gone.body)["changes"]) == (3, [])
    assert orjson.loads(gone.body)["data"]["first_name"] == "Grace"


def test_a_deletion_of_what_is_used_is_refused_and_tells_nothing() -> None:
    department = DepartmentFactory()
    EmployeeFactory(organization=department.organization, department=department)

    with pytest.raises(ProtectedError), transaction.atomic():
        department.delete()

    assert told(department) == [("department.created", 1, ())]


def test_get_or_create_and_update_or_create_tell_once() -> None:
    organization = OrganizationFactory()
    key = {"organization": organization, "title": "Engineer"}
    found, is_new = Position.objects.get_or_create(**key)
    again, is_new_again = Position.objects.get_or_create(**key)
    assert (is_new, is_new_again, again) == (True, False, found)

    Position.objects.update_or_create(**key, defaults={"title": "Architect"})
    changed, _ = Position.objects.update_or_create(
        organization=organization, title="Architect", defaults={"title": "Architect"}
    )

    assert told(changed) == [
        ("position.created", 1, ()),
        ("position.updated", 2, ("title",)),
    ]


# --- Relations ------------------------------------------------------------------------


def test_related_managers_tell_each_record() -> None:
    department = DepartmentFactory()
    ada, grace = EmployeeFactory.create_batch(2, organization=department.organization)

    department.employees.add(ada, grace)
    department.employees.add(ada)  # is there already
    department.employees.remove(ada)
    department.employees.set([ada])

    changed = ("employee.updated", 2, ("department",))
    assert told(ada)[1:] == [
        changed,
        ("employee.updated", 3, ("department",)),
        ("employee.updated", 4, ("department",)),
    ]
    assert told(grace)[1:] == [changed, ("employee.updated", 3, ("department",))]
    department.employees.clear()
    assert told(ada)[4:] == [("employee.updated", 5, ("department",))]


def test_a_related_record_and_its_id_are_the_same_change() -> None:
    department = DepartmentFactory()
    employee = EmployeeFactory(organization=department.organization)
    employee.department = department
    employee.save()
    employee.department_id = str(department.pk)
    employee.save()
    employee.department_id = None
    employee.save()

    assert told(employee)[1:] == [
        ("employee.updated", 2, ("department",)),
        ("employee.updated", 3, ("department",)),
    ]
    assert last_data(employee)["department"] is None


def test_a_deletion_that_cascades_tells_all_that_went() -> None:
    membership = MembershipFactory(role="owner")
    second = MembershipFactory(organization=membership.organization, role="hr")

    remove_member(second)

    assert Event.objects.filter(type="membership.deleted").count() == 1
    assert list(Membership.objects.all()) == [membership]


# --- Many at once ---------------------------------------------------------------------


def test_an_update_of_many_tells_those_that_change() -> None:
    organization = OrganizationFactory()
    changing = EmployeeFactory.create_batch(3, organization=organization)
    same = EmployeeFactory(organization=organization, first_name="Grace")

    count = Employee.objects.filter(organization=organization).update(
        first_name="Grace", hired_on="2024-01-15"
    )

    assert count == 4
    for employee in changing:
        assert told(employee)[1:] == [("employee.updated", 2, ("first_name",))]
        employee.refresh_from_db()
        assert (employee.version, employee.first_name) == (2, "Grace")
    assert told(same) == [("employee.created", 1, ())]


def test_an_update_by_a_relations_id_is_told_by_its_name() -> None:
    department = DepartmentFactory()
    employee = EmployeeFactory(organization=department.organization)

    Employee.objects.filter(pk=employee.pk).update(department_id=department.pk)

    assert told(employee)[1:] == [("employee.updated", 2, ("department",))]


def test_updates_through_the_base_manager_are_told_as_well() -> None:
    employee = EmployeeFactory()

    Employee._base_manager.filter(pk=employee.pk).update(first_name="Grace")

    assert told(employee)[1:] == [("employee.updated", 2, ("first_name",))]


@pytest.mark.parametrize("way", ["update", "bulk_update"])
def test_a_value_that_is_too_long_is_refused_not_cut(way: str) -> None:
    employee = EmployeeFactory()
    employee.first_name = "x" * 101

    rows = Employee.objects.filter(pk=employee.pk)
    write = {
        "update": lambda: rows.update(first_name="x" * 101),
        "bulk_update": lambda: rows.bulk_update([employee], ["first_name"]),
    }[way]

    with pytest.raises(DataError, match="too long"), transaction.atomic():
        write()

    assert told(employee) == [("employee.created", 1, ())]


def test_many_new_records_are_told_in_one_batch(
    django_assert_num_queries: Any,
) -> None:
    organization = OrganizationFactory()
    positions = [
        PositionFactory.build(organization=organization, title=f"{number}")
        for number in range(50)
    ]

    with django_assert_num_queries(4):  # savepoint, positions, events, release
        Position.objects.bulk_create(positions)

    assert Event.objects.filter(type="position.created").count() == 50
    assert told(positions[7]) == [("position.created", 1, ())]
    positions[7].title = "changed"
    positions[7].save()
    assert told(positions[7])[1:] == [("position.updated", 2, ("title",))]


def test_a_bulk_update_tells_those_that_change(
    django_assert_num_queries: Any,
) -> None:
    employees = EmployeeFactory.create_batch(4, organization=OrganizationFactory())
    for employee in employees[1:]:
        employee.first_name = "Grace"
        employee.last_name = "Hopper"

    with django_assert_num_queries(4):  # savepoint, employees, events, release
        count = Employee.objects.bulk_update(employees, ["first_name"])

    assert count == 3
    assert told(employees[0]) == [("employee.created", 1, ())]
    assert told(employees[1])[1:] == [("employee.updated", 2, ("first_name",))]
    employees[1].refresh_from_db()
    assert (employees[1].first_name, employees[1].last_name[:8]) == (
        "Grace",
        "Lovelace",
    )


def test_a_bulk_update_leaves_other_changes_to_be_saved() -> None:
    employee = EmployeeFactory()
    employee.first_name = "Grace"
    employee.last_name = "Hopper"
    Employee.objects.bulk_update([employee], ["first_name"])

    employee.save()

    assert told(employee)[1:] == [
        ("employee.updated", 2, ("first_name",)),
        ("employee.updated", 3, ("last_name",)),
    ]


def test_a_bulk_update_of_a_stale_record_writes_none() -> None:
    fresh, stale = EmployeeFactory.create_batch(2, organization=OrganizationFactory())
    Employee.objects.filter(pk=stale.pk).update(last_name="Theirs")
    fresh.first_name = stale.first_name = "Mine"

    with pytest.raises(StaleRecord), transaction.atomic():
        Employee.objects.bulk_update([fresh, stale], ["first_name"])

    assert not Employee.objects.filter(first_name="Mine").exists()
    assert told(fresh) == [("employee.created", 1, ())]


def test_a_deletion_of_many_tells_each() -> None:
    positions = PositionFactory.create_batch(3, organization=OrganizationFactory())
    kept = PositionFactory()

    Position.objects.exclude(pk=kept.pk).delete()

    for position in positions:
        assert told(position) == [
            ("position.created", 1, ()),
            ("position.deleted", 2, ()),
        ]
    assert told(kept) == [("position.created", 1, ())]


def test_rows_that_were_counted_or_made_distinct_are_written_as_well() -> None:
    department = DepartmentFactory(name="Sales")
    boss = EmployeeFactory(organization=department.organization, department=department)
    EmployeeFactory(organization=department.organization, manager=boss)

    Employee.objects.filter(reports__isnull=False).distinct().update(work_phone="1")
    Department.objects.annotate(Count("employees")).update(code="S")
    Employee.objects.filter(manager__isnull=True).update(department=None)
    Department.objects.annotate(Count("employees")).delete()

    assert told(boss)[1:] == [
        ("employee.updated", 2, ("work_phone",)),
        ("employee.updated", 3, ("department",)),
    ]
    assert told(department)[1:] == [
        ("department.updated", 2, ("code",)),
        ("department.deleted", 3, ()),
    ]


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (
            lambda rows, _row: rows.update(title=Upper("title")),
            "cannot say what changes",
        ),
        (
            lambda rows, row: rows.bulk_create([row], ignore_conflicts=True),
            "cannot say which rows were written",
        ),
        (
            lambda rows, row: rows.bulk_create(
                [row],
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=["title"],
            ),
            "cannot say which rows were written",
        ),
        (
            lambda rows, row: rows.bulk_update(
                [row], [setattr(row, "title", Upper("title")) or "title"]
            ),
            "cannot say what changes",
        ),
        (
            lambda _rows, row: next(
                iter(
                    serializers.deserialize(
                        "json", serializers.serialize("json", [row])
                    )
                )
            ).save(),
            "not loaded from fixtures",
        ),
    ],
    ids=[
        "update with an expression",
        "bulk_create that ignores conflicts",
        "bulk_create that updates",
        "bulk_update with an expression",
        "loaddata",
    ],
)
def test_what_could_slip_through_is_refused_with_a_sentence(
    write: Callable[[Any, Any], Any], sentence: str
) -> None:
    position = PositionFactory(title="Engineer")

    with pytest.raises(ValueError, match=sentence), transaction.atomic():
        write(Position.objects.all(), position)

    assert Position.objects.get().title == "Engineer"
    assert told(position) == [("position.created", 1, ())]


# --- At the same time -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_lose_no_update_and_leave_no_gap() -> None:
    employee = EmployeeFactory(first_name="0")

    def count_up(number: int) -> int:
        written = 0
        while written < 5:
            mine = Employee.objects.get(pk=employee.pk)
            mine.first_name = str(int(mine.first_name) + 1)
            try:
                mine.save()
            except StaleRecord:
                continue
            written += 1
        return written

    assert at_once(count_up) == [5] * THREADS

    employee.refresh_from_db()
    assert employee.first_name == str(5 * THREADS)
    assert [sequence for _type, sequence, _changes in told(employee)] == list(
        range(1, 5 * THREADS + 2)
    )


@pytest.mark.django_db(transaction=True)
def test_set_based_writers_at_once_leave_no_gap() -> None:
    organization = OrganizationFactory()
    employees = EmployeeFactory.create_batch(3, organization=organization)

    def rename(number: int) -> int:
        return Employee.objects.filter(organization=organization).update(
            first_name=f"{number}"
        )

    assert at_once(rename) == [3] * THREADS

    for employee in employees:
        assert [sequence for _type, sequence, _changes in told(employee)] == list(
            range(1, THREADS + 2)
        )


@pytest.mark.django_db(transaction=True)
def test_two_halves_of_a_circle_at_once_end_without_a_circle() -> None:
    organization = OrganizationFactory()
    for _round in range(5):
        ada, grace = EmployeeFactory.create_batch(2, organization=organization)

        def report(number: int, pair: tuple[Any, Any] = (ada, grace)) -> Employee:
            below, above = pair if number else pair[::-1]
            # Past validation, which sees neither half of the other transaction.
            with transaction.atomic():
                mine = Employee.objects.get(pk=below.pk)
                mine.manager_id = above.pk
                mine.save()
            return mine

        outcomes = at_once(report, 2)

        refused = [o for o in outcomes if isinstance(o, IntegrityError)]
        assert len(refused) == 1
        assert "employee_no_manager_cycle" in str(
            refused[0].__cause__.diag.constraint_name
        )
        linked = Employee.objects.filter(
            pk__in=[ada.pk, grace.pk], manager__isnull=False
        )
        assert linked.count() == 1
        assert (
            Event.objects.filter(
                subject_id__in=[ada.pk, grace.pk], type="employee.updated"
            ).count()
            == 1
        )


@pytest.mark.django_db(transaction=True)
def test_ten_hires_at_once_get_ten_numbers() -> None:
    organization = OrganizationFactory()

    def hire(number: int) -> str:
        return hire_employee(
            organization,
            first_name="Ada",
            last_name="Lovelace",
            work_email=f"ada-{number}@example.com",
            hired_on=dt.date(2026, 1, 1),
        ).number

    assert sorted(map(int, at_once(hire, 10))) == list(range(1, 11))


# --- What the database keeps ----------------------------------------------------------


def test_a_circle_is_refused_by_the_service_on_its_field() -> None:
    boss = EmployeeFactory()
    middle = EmployeeFactory(organization=boss.organization, manager=boss)
    report = EmployeeFactory(organization=boss.organization, manager=middle)

    for below in (boss, middle, report):
        with pytest.raises(ValidationError) as refusal:
            change_manager(boss, below)
        assert refusal.value.error_dict["manager"][0].code == "cycle"
        boss.refresh_from_db()


@pytest.mark.parametrize("way", ["save", "update", "bulk_update", "bulk_create"])
@pytest.mark.django_db(transaction=True)
def test_a_circle_is_refused_by_the_database_by_every_way(way: str) -> None:
    boss = DepartmentFactory()
    part = DepartmentFactory(organization=boss.organization, parent=boss)
    first, second = DepartmentFactory.build_batch(2, organization=boss.organization)
    first.parent, second.parent = second, first
    rows = Department.objects.filter(pk=boss.pk)
    write = {
        "save": boss.save,
        "update": lambda: rows.update(parent=part),
        "bulk_update": lambda: rows.bulk_update([boss], ["parent"]),
        "bulk_create": lambda: rows.bulk_create([first, second]),
    }[way]
    boss.parent = part

    with pytest.raises(IntegrityError):
        write()

    assert Department.objects.filter(parent__isnull=True).get() == boss


@pytest.mark.parametrize("field", ["manager", "department", "position"])
@pytest.mark.django_db(transaction=True)
def test_another_organizations_record_is_refused_also_past_validation(
    field: str,
) -> None:
    employee = EmployeeFactory()
    theirs = EmployeeFactory(placed=True)
    foreign = theirs if field == "manager" else getattr(theirs, field)

    setattr(employee, field, foreign)
    with pytest.raises(ValidationError) as refusal:
        employee.full_clean()
    assert refusal.value.error_dict[field][0].code == "not_found"

    with pytest.raises(IntegrityError):
        employee.save()
    with pytest.raises(IntegrityError):
        Employee.objects.filter(pk=employee.pk).update(**{field: foreign})
    assert told(employee) == [("employee.created", 1, ())]


def test_a_login_belongs_to_one_employee_of_an_organization() -> None:
    user = UserFactory()
    first = EmployeeFactory(user=user)
    EmployeeFactory(user=user)  # in another organization

    second = EmployeeFactory.build(organization=first.organization, user=user)
    with pytest.raises(ValidationError) as refusal:
        second.full_clean()
    assert list(refusal.value.error_dict) == ["user"]


# --- A receiver that refuses --------------------------------------------------------


@contextmanager
def refused_event() -> Iterator[None]:
    """Expect the block to fail, since no event that it emits can be stored."""

    def refuse(**signal: Any) -> None:
        raise RuntimeError("The event cannot be stored.")

    event_occurred.connect(refuse)
    try:
        with pytest.raises(RuntimeError, match="cannot be stored"):
            yield
    finally:
        event_occurred.disconnect(refuse)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["save", "bulk_create"])
def test_a_new_record_whose_event_was_refused_is_saved_by_the_next_save(way):
    position = Position(organization=OrganizationFactory(), title="Baker")
    with refused_event():
        if way == "save":
            position.save()
        else:
            Position.objects.bulk_create([position])
    assert not Position.objects.exists()

    position.save()

    assert Position.objects.get().title == "Baker"
    assert told(position) == [("position.created", 1, ())]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["save", "bulk_update"])
def test_a_change_whose_event_was_refused_is_saved_by_the_next_save(way):
    position = PositionFactory(title="Baker")
    position.title = "Miller"
    with refused_event():
        if way == "save":
            position.save()
        else:
            Position.objects.bulk_update([position], ["title"])
    assert Position.objects.get().title == "Baker"

    position.save()

    assert Position.objects.get().title == "Miller"
    assert told(position) == [
        ("position.created", 1, ()),
        ("position.updated", 2, ("title",)),
    ]
