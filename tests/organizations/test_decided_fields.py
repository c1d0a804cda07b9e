"""What a decision alone may write is refused by every other way of writing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from employees.models import Employee
from employees.services import terminate_employee
from integrations.webhooks.models import Event
from organizations.events import UndecidedChange
from tests.factories import EmployeeFactory
from tests.project.ways.stage import TODAY

pytestmark = pytest.mark.django_db


def save(employee: Employee) -> None:
    employee.status = "terminated"
    employee.save()


def save_named_field(employee: Employee) -> None:
    employee.status = "terminated"
    employee.save(update_fields=["status"])


def update(employee: Employee) -> None:
    Employee.objects.filter(pk=employee.pk).update(status="terminated")


def bulk_update(employee: Employee) -> None:
    employee.status = "terminated"
    Employee.objects.bulk_update([employee], ["status", "last_name"])


def update_or_create(employee: Employee) -> None:
    Employee.objects.update_or_create(
        pk=employee.pk, defaults={"status": "terminated", "last_name": "Other"}
    )


@pytest.mark.parametrize(
    "write", [save, save_named_field, update, bulk_update, update_or_create]
)
def test_a_plain_write_of_a_decision_is_refused_before_it_is_written(
    write: Callable[[Employee], Any],
) -> None:
    employee = EmployeeFactory(terminated_on=TODAY)
    told = Event.objects.count()

    with pytest.raises(UndecidedChange) as refused:
        write(employee)

    assert str(refused.value) == (
        "employees.Employee: status changes by a decision, which is told as its own "
        "event. Call the service that takes it; services write it by save_as()."
    )
    # The transaction goes on: nothing was sent to the database.
    kept = Employee.objects.get(pk=employee.pk)
    assert (kept.status, kept.version) == ("active", 1)
    assert Event.objects.count() == told


def test_a_refused_change_is_no_obstacle_to_the_service() -> None:
    employee = EmployeeFactory()
    employee.status = "terminated"
    with pytest.raises(UndecidedChange):
        employee.save()

    terminate_employee(employee, terminated_on=TODAY)

    newest = Event.objects.filter(subject_id=employee.pk).order_by("sequence").last()
    assert newest is not None
    assert (newest.type, newest.sequence) == ("employee.terminated", 2)


def test_a_plain_write_that_leaves_the_decision_as_it_is_goes_through() -> None:
    employee = EmployeeFactory()

    with transaction.atomic():
        Employee.objects.filter(pk=employee.pk).update(status="active", last_name="Lee")

    employee.refresh_from_db()
    assert (employee.last_name, employee.version) == ("Lee", 2)
