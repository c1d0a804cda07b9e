"""People locked, so that each one's punches and days are written one by one.

The lock keeps out whoever writes the same person's punches, days or corrections; it
goes with the transaction. People are locked in the order of their ids, so that two who
lock many do not wait for each other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection

from employees.models import Employee

# What days rest on of a person themselves. Written out, for it is part of every punch.
_LOCK = """
SELECT id, hired_on, first_hired_on, terminated_on, location_id
FROM employees_employee WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""

_held: ContextVar[Mapping[UUID, Employee] | None] = ContextVar(
    "held_people", default=None
)


@contextmanager
def holding(people: Iterable[Employee]) -> Iterator[Mapping[UUID, Employee]]:
    """Lock people for a block in a transaction, and remember that they are locked.

    What the block causes to be computed need not lock and read them again.
    """
    locked = {person.pk: person for person in lock_people(people)}
    token = _held.set({**(_held.get() or {}), **locked})
    try:
        yield locked
    finally:
        _held.reset(token)


def lock_people(people: Iterable[Employee]) -> list[Employee]:
    """Lock people who were read already, and return them as they are now.

    Only those are read again whose employment or place is another one by now.
    """
    known = {person.pk: person for person in people}
    if (held := _held_of(known)) is not None:
        return held
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(known)])
        rows = cursor.fetchall()
    if all(row == _rests_on(known[row[0]]) for row in rows):
        return [known[row[0]] for row in rows]
    return lock_people_by_id(known)


def _rests_on(person: Employee) -> tuple[object, ...]:
    return (
        person.pk,
        person.hired_on,
        person.first_hired_on,
        person.terminated_on,
        person.location_id,
    )


def lock_people_by_id(employee_ids: Collection[UUID]) -> list[Employee]:
    """Lock people and read them, with their location and organization."""
    if (held := _held_of(employee_ids)) is not None:
        return held
    return list(
        Employee.objects.select_for_update(of=("self",), no_key=True)
        .select_related("location", "organization")
        .filter(pk__in=employee_ids)
        .order_by("pk")
    )


def _held_of(employee_ids: Collection[UUID]) -> list[Employee] | None:
    """Return people whom this block holds already, if it holds them all."""
    held = _held.get() or {}
    if not held.keys() >= set(employee_ids):
        return None
    return [held[employee_id] for employee_id in sorted(set(employee_ids))]
