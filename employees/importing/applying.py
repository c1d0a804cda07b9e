"""Write a plan: all of it in one transaction, or nothing."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from employees.importing.collector import paused_collector
from employees.importing.decisions import Rehire, Termination
from employees.importing.plan import WRITTEN, Plan, PlannedRow
from employees.models import Department, Employee, Location, Position
from employees.services import next_number, rehire_employee, terminate_employee
from organizations.models import Organization, StaleRecord

#: Told how many of how many changes are written; called from inside the transaction.
Progress = Callable[[int, int], None]

# How many rows one statement writes, and so how often progress is told. After each,
# the database walks the managers of the whole organization to look for circles.
CHUNK = 2500

Item = TypeVar("Item")


def tell_nobody(done: int, total: int) -> None:
    """Take progress and do nothing with it."""


@transaction.atomic
@paused_collector()
def apply_plan(plan: Plan, progress: Progress = tell_nobody) -> None:
    """Write what the plan says; the caller holds :func:`lock_imports`.

    Raises:
        ValidationError: when a row is refused, or when somebody changed the same
            employees meanwhile. Nothing is written then.
    """
    if plan.refusals:
        raise ValidationError(
            "Nothing was imported: some rows are refused. Correct the file and import "
            "it again.",
            code="refused",
        )
    try:
        _write(plan, progress)
        connection.check_constraints()  # those that wait for the end, in time to tell
    except (IntegrityError, StaleRecord) as error:
        raise ValidationError(
            "Nothing was imported: somebody changed the same employees at the same "
            "moment. Import the file again.",
            code="changed_meanwhile",
        ) from error


def lock_imports(organization: Organization) -> None:
    """Keep other imports of the organization out, to the end of the transaction.

    Raises:
        ValidationError: when another one is running.
    """
    if not _ask_for_lock("pg_try_advisory_xact_lock", organization):
        raise ValidationError(
            "Another import of this organization is running. Wait until it has ended "
            "and start this one again.",
            code="import_running",
        )


def wait_for_imports(organization: Organization) -> None:
    """Wait until no other import runs, and keep others out as :func:`lock_imports`."""
    _ask_for_lock("pg_advisory_xact_lock", organization)


def _ask_for_lock(function: str, organization: Organization) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(hashtextextended(%s, 0))",
            [f"employee import {organization.pk}"],
        )
        (answer,) = cursor.fetchone()
    return answer is not False


def _write(plan: Plan, progress: Progress) -> None:
    new, changed = plan.new, plan.changed
    total = len(new) + len(changed)
    progress(0, total)
    Department.objects.bulk_create(plan.departments)
    Position.objects.bulk_create(plan.positions)
    Location.objects.bulk_create(plan.locations)
    employees = managers_first([row.employee for row in new])
    _give_numbers(plan.organization, employees)
    done = 0
    for chunk in _chunks(employees):
        Employee.objects.bulk_create(chunk)
        done += len(chunk)
        progress(done, total)
    for rows in _change_order(changed):
        _change(rows)
        done += len(rows)
        progress(done, total)


def _change_order(changed: Sequence[PlannedRow]) -> Iterator[Sequence[PlannedRow]]:
    """Let all who get another manager change in one statement, the others in chunks.

    The database looks for circles after each statement, and between two of them
    there may be one that the second would open.
    """
    moving = [row for row in changed if _gets_manager(row)]
    if moving:
        yield moving
    yield from _chunks([row for row in changed if not _gets_manager(row)])


def _gets_manager(row: PlannedRow) -> bool:
    return any(difference.field == "manager" for difference in row.differences)


def _change(rows: Sequence[PlannedRow]) -> None:
    employees = [row.employee for row in rows]
    Employee.objects.bulk_update(employees, WRITTEN, batch_size=len(rows))
    for row in rows:
        _decide(row)


def _decide(row: PlannedRow) -> None:
    if isinstance(row.decision, Termination):
        terminate_employee(
            row.employee,
            terminated_on=row.decision.terminated_on,
            reason=row.decision.reason,
        )
    elif isinstance(row.decision, Rehire):
        rehire_employee(row.employee, hired_on=row.decision.hired_on)


def managers_first(employees: Sequence[Employee]) -> list[Employee]:
    """Order new employees so that nobody is told of before their manager."""
    by_id = {employee.pk: employee for employee in employees}
    depths: dict[UUID, int] = {}

    def depth(employee: Employee) -> int:
        chain: list[Employee] = []
        above: Employee | None = employee
        while above is not None and above.pk not in depths:
            chain.append(above)
            above = by_id.get(above.manager_id) if above.manager_id else None
        start = depths[above.pk] if above is not None else -1
        for distance, passed in enumerate(reversed(chain), start=1):
            depths[passed.pk] = start + distance
        return depths[employee.pk]

    return sorted(employees, key=depth)


def _give_numbers(organization: Organization, employees: Sequence[Employee]) -> None:
    """Give the next free numbers to those whom the file gives none."""
    waiting = [employee for employee in employees if not employee.number]
    taken = {employee.number for employee in employees}
    numbers = itertools.chain.from_iterable(_series(organization, len(waiting)))
    free = (number for number in numbers if number not in taken)
    for employee, number in zip(waiting, free, strict=False):
        employee.number = number


def _series(organization: Organization, count: int) -> Iterator[Sequence[str]]:
    while count:
        first = int(next_number(organization, count))
        yield [str(number) for number in range(first, first + count)]


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
