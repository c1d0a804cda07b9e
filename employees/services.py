"""The rules of employment; every face calls them."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from employees.events import EMPLOYEE_REHIRED, EMPLOYEE_TERMINATED
from employees.models import Employee, NumberSeries
from organizations.models import Membership, Organization
from organizations.roles import Role
from organizations.services import add_member

#: Fields that only a decision changes, never a plain update.
DECIDED = frozenset({"status", "terminated_on", "termination_reason", "first_hired_on"})


@transaction.atomic
def hire_employee(
    organization: Organization, *, number: str = "", **fields: Any
) -> Employee:
    """Add an employee; without a number the next free one is given.

    Raises:
        ValidationError: on the field that breaks a rule.
    """
    _refuse_decisions(fields)
    employee = Employee(
        organization=organization,
        number=number.strip() or next_number(organization),
        **fields,
    )
    employee.full_clean()
    employee.save()
    return employee


def update_employee(employee: Employee, **changes: Any) -> Employee:
    """Change fields that are not a decision.

    Raises:
        ValidationError: on the field that breaks a rule.
        StaleRecord: when someone else changed the employee meanwhile.
    """
    _refuse_decisions(changes)
    for name, value in changes.items():
        setattr(employee, name, value)
    if employee.changed_fields():
        employee.full_clean()
        employee.save()
    return employee


def change_manager(employee: Employee, manager: Employee | None) -> Employee:
    """Let an employee report to another one, or to nobody.

    Raises:
        ValidationError: when that would make a circle.
    """
    return update_employee(employee, manager=manager)


@transaction.atomic
def give_login(employee: Employee) -> Membership:
    """Let an employee log in with their work e-mail; return their membership.

    Whoever is a member with that address is linked; others become one.

    Raises:
        ValidationError: when they can log in, or the login is another employee's.
    """
    if employee.user_id:
        raise ValidationError(
            _("%(name)s can log in already.") % {"name": employee.name},
            code="has_login",
        )
    organization, email = employee.organization, employee.work_email
    membership: Membership | None = (
        Membership.objects.for_organization(organization)
        .select_related("user", "organization")
        .filter(user__email__iexact=email)
        .first()
    )
    if membership is None:
        membership = add_member(organization, email=email, role=Role.EMPLOYEE)
    update_employee(employee, user=membership.user)
    return membership


@transaction.atomic
def terminate_employee(
    employee: Employee, *, terminated_on: dt.date, reason: str = ""
) -> Employee:
    """End an employment with ``terminated_on`` as its last day.

    A last day that has come ends it at once. One that lies ahead is noted, and
    :func:`end_due_employments` ends it when the day has come.

    Raises:
        ValidationError: when it has ended already, or would end before it began.
    """
    locked = _locked(employee)
    if locked.status == Employee.Status.TERMINATED:
        raise ValidationError(
            _("%(name)s left on %(day)s already.")
            % {"name": locked.name, "day": locked.terminated_on},
            code="already_terminated",
        )
    locked.terminated_on = terminated_on
    locked.termination_reason = reason
    if terminated_on > _today(locked):
        locked.full_clean()
        locked.save()
    else:
        _end(locked)
    return locked


@transaction.atomic
def rehire_employee(employee: Employee, *, hired_on: dt.date) -> Employee:
    """Employ a former employee again from ``hired_on``.

    Raises:
        ValidationError: when they are employed, or ``hired_on`` is not after their
            last day.
    """
    locked = _locked(employee)
    if locked.status != Employee.Status.TERMINATED or locked.terminated_on is None:
        raise ValidationError(
            _("%(name)s is employed.") % {"name": locked.name}, code="employed"
        )
    if hired_on <= locked.terminated_on:
        raise ValidationError(
            {
                "hired_on": ValidationError(
                    _("The last employment ended on %(day)s; choose a later day.")
                    % {"day": locked.terminated_on},
                    code="before_termination",
                )
            }
        )
    locked.first_hired_on = locked.first_hired_on or locked.hired_on
    locked.hired_on = hired_on
    locked.status = Employee.Status.ACTIVE
    locked.terminated_on = None
    locked.termination_reason = ""
    locked.full_clean()
    locked.save_as(EMPLOYEE_REHIRED)
    return locked


def end_due_employments() -> int:
    """End the employments whose noted last day has come; return how many.

    The day is that of the organization's time zone. Each is a change of its own, so
    a run that is cut short is finished by the next.
    """
    tomorrow_somewhere = timezone.now().date() + dt.timedelta(days=1)
    noted = (
        Employee.objects.active()
        .filter(terminated_on__lte=tomorrow_somewhere)
        .select_related("organization")
    )
    return sum(_end_if_due(employee) for employee in noted)


@transaction.atomic
def _end_if_due(noted: Employee) -> bool:
    locked = _locked(noted)
    due = (
        locked.status == Employee.Status.ACTIVE
        and locked.terminated_on is not None
        and locked.terminated_on < _today(locked)
    )
    if due:
        _end(locked)
    return due


def _end(employee: Employee) -> None:
    employee.status = Employee.Status.TERMINATED
    employee.full_clean()
    employee.save_as(EMPLOYEE_TERMINATED)


def next_number(organization: Organization, count: int = 1) -> str:
    """Give the next free employee number; of ``count`` in a row, the first.

    The series' row stays locked to the end of the transaction, so two hires at once
    get two numbers. Numbers given by hand are stepped over.
    """
    NumberSeries.objects.get_or_create(organization=organization)
    series = NumberSeries.objects.select_for_update().get(organization=organization)
    # A new series goes on from the numbers that are there.
    first = (series.last or _highest_number(organization)) + 1
    taken = Employee.objects.for_organization(organization).filter(
        number__in=[str(number) for number in range(first, first + count)]
    )
    if taken.exists():
        first = _highest_number(organization) + 1
    series.last = first + count - 1
    series.save(update_fields=["last"])
    return str(first)


def _highest_number(organization: Organization) -> int:
    numbers = (
        Employee.objects.for_organization(organization)
        .filter(number__regex=r"^[0-9]{1,15}$")
        .values_list("number", flat=True)
    )
    return max((int(number) for number in numbers), default=0)


def _locked(employee: Employee) -> Employee:
    """Read the row again under a lock, so that a decision is taken once."""
    return (
        Employee.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=employee.pk)
    )


def _today(employee: Employee) -> dt.date:
    return timezone.localdate(timezone=employee.organization.zone)


def _refuse_decisions(fields: dict[str, Any]) -> None:
    if refused := DECIDED & fields.keys():
        raise ValidationError(
            {
                name: ValidationError(
                    _("This changes by a decision: terminate or rehire."),
                    code="decision",
                )
                for name in refused
            }
        )
