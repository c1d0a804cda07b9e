"""Real threads against PostgreSQL: who is first wins, and nothing counts twice."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from attendance.models import AttendanceDay, OpenSession, Punch
from attendance.services import (
    Asked,
    AskedPunch,
    NewPunch,
    approve_correction,
    clock_in,
    record_punch,
    record_punches,
    request_correction,
)
from tests.attendance.conftest import access_of, at, codes_of, result_of
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 20


def all_at_once(action: Callable[[int], str]) -> Counter[str]:
    """Run the action in twenty threads that start together; count what it returns."""
    barrier = Barrier(AT_ONCE)

    def run(number: int) -> str:
        barrier.wait()
        try:
            return action(number)
        except ValidationError as error:
            return str(codes_of(error)[0])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(run, range(AT_ONCE)))


def test_of_twenty_clock_ins_at_once_one_wins_and_the_others_are_told(employee):
    def press(number: int) -> str:
        clock_in(employee)
        return "in"

    assert all_at_once(press) == {"in": 1, "clocked_in": AT_ONCE - 1}
    assert Punch.objects.count() == 1
    assert OpenSession.objects.count() == 1
    assert AttendanceDay.objects.count() == 1


def test_one_punch_delivered_twenty_times_at_once_counts_once(employee):
    new = NewPunch(employee, at("09:00"), Punch.Direction.IN)

    def deliver(number: int) -> str:
        return record_punch(new).result.value

    results = all_at_once(deliver)

    assert results == {"recorded": 1, "duplicate": AT_ONCE - 1}
    assert Punch.objects.count() == 1


def test_a_number_given_to_twenty_people_at_once_is_one_persons(employee):
    people = EmployeeFactory.create_batch(
        AT_ONCE, organization=employee.organization, location=employee.location
    )

    def deliver(number: int) -> str:
        person = people[number]
        numbered, plain = record_punches(
            [
                NewPunch(person, at("09:00"), Punch.Direction.IN, "", "gate", 7),
                NewPunch(person, at("12:00"), Punch.Direction.OUT),
            ]
        )
        assert plain.result == "recorded"  # whatever became of the other
        return numbered.result.value

    results = all_at_once(deliver)

    assert results == {"recorded": 1, "refused": AT_ONCE - 1}
    assert Punch.objects.count() == AT_ONCE + 1


def test_twenty_punches_at_once_make_the_day_that_they_make_in_order(employee):
    def press(number: int) -> str:
        direction = Punch.Direction.OUT if number % 2 else Punch.Direction.IN
        moment = at("08:00") + dt.timedelta(minutes=10 * number)
        return record_punch(NewPunch(employee, moment, direction)).result.value

    assert all_at_once(press) == {"recorded": AT_ONCE}
    # Ten sessions of ten minutes.
    assert result_of(employee) == ("partial", 100)
    assert not OpenSession.objects.exists()


def test_a_correction_approved_twenty_times_at_once_is_applied_once(employee):
    record_punch(NewPunch(employee, at("09:00"), Punch.Direction.IN))
    asked = Asked(
        employee, at("09:00").date(), [AskedPunch(at("17:00"), Punch.Direction.OUT)]
    )
    correction = request_correction(asked, reason="Forgot")
    assert employee.manager is not None
    access = access_of(
        employee.organization, employee.manager.user, "attendance:approve"
    )

    def approve(number: int) -> str:
        return approve_correction(correction, access=access).status

    assert all_at_once(approve) == {"approved": 1, "decided": AT_ONCE - 1}
    assert Punch.objects.count() == 2
    assert result_of(employee) == ("present", 480)
