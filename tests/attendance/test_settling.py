import datetime as dt

import pytest
import time_machine

from attendance.models import (
    AttendanceDay,
    OpenSession,
    Settlement,
    StaleDays,
    WorkSchedule,
)
from attendance.services import clock_in, mark_absences, recompute_stale_days
from attendance.services.computing import CHUNK
from employees.services import terminate_employee
from tests.attendance.conftest import MONDAY, at, day_of, press, result_of
from tests.factories import EmployeeFactory, LocationFactory
from tests.factories.attendance import ScheduleAssignmentFactory, WorkScheduleFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
TUESDAY = MONDAY + DAY


def test_who_has_no_punch_is_absent_once_the_shift_has_ended(employee, told):
    with time_machine.travel(at("17:29"), tick=False):
        mark_absences()
        assert result_of(employee) is None
    with time_machine.travel(at("17:30"), tick=False):
        mark_absences()

    assert result_of(employee) == ("absent", 0)
    mine = [each for each in told if each.data.get("employee") == employee.pk]
    assert [each.type for each in mine] == ["attendance_day.changed"]


def test_settling_again_changes_nothing(employee):
    first, second = mark_absences(), mark_absences()

    assert (first, second) == (2, 0)  # the person and their manager


def test_the_shift_ends_where_the_person_works(employee):
    new_york = LocationFactory(
        organization=employee.organization, time_zone="America/New_York"
    )
    away = EmployeeFactory(organization=employee.organization, location=new_york)

    with time_machine.travel(at("23:29"), tick=False):  # 17:29 in New York
        mark_absences()
        assert result_of(away) is None
        assert result_of(employee) == ("absent", 0)
    with time_machine.travel(at("23:30"), tick=False):
        mark_absences()
        assert result_of(away) == ("absent", 0)


def test_a_free_day_is_not_kept(employee):
    sunday = dt.date(2026, 11, 1)
    with time_machine.travel(at("23:00", sunday), tick=False):
        mark_absences()

    assert result_of(employee, sunday) is None


def test_nobody_is_absent_before_or_after_their_employment(employee):
    joiner = EmployeeFactory(
        organization=employee.organization,
        location=employee.location,
        hired_on=TUESDAY,
    )
    EmployeeFactory(organization=employee.organization, terminated=True)

    mark_absences()

    assert result_of(joiner) is None
    people = AttendanceDay.objects.values_list("employee", flat=True)
    assert set(people) == {employee.pk, employee.manager_id}


def test_who_came_late_in_the_records_was_not_absent(employee):
    mark_absences()
    press(employee, "in", "09:00")
    press(employee, "out", "17:00")

    assert result_of(employee) == ("present", 480)


def test_a_standstill_is_made_up_for(employee):
    mark_absences()
    with time_machine.travel(at("23:00", MONDAY + dt.timedelta(days=4)), tick=False):
        mark_absences()

    kept = AttendanceDay.objects.filter(employee=employee).order_by("on")
    assert [day.on.day for day in kept] == [2, 3, 4, 5, 6]


def test_a_forgotten_clock_out_is_missing_when_it_could_come_no_more(employee):
    with time_machine.travel(at("09:00"), tick=False):
        clock_in(employee)
    with time_machine.travel(at("00:59", TUESDAY), tick=False):
        mark_absences()
        assert result_of(employee) == ("present", 0)
    with time_machine.travel(at("01:00", TUESDAY), tick=False):
        mark_absences()

    assert result_of(employee) == ("missing_punch", 0)
    assert not OpenSession.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_people_are_settled_in_the_same_number_of_queries(
    employee, count, django_assert_num_queries
):
    EmployeeFactory.create_batch(
        count, organization=employee.organization, location=employee.location
    )
    assert count + 2 <= CHUNK

    # Organizations, settlement, people; what days rest on. Monday: people, what days
    # rest on, days that are kept, INSERT and events in a savepoint; then the overdue
    # sessions, and the settlement is written.
    with django_assert_num_queries(21):
        assert mark_absences() == count + 2


# --- What changes a day ---------------------------------------------------------------


def test_another_schedule_computes_the_days_that_are_kept(employee):
    press(employee, "in", "09:00")
    press(employee, "out", "13:00")
    assert result_of(employee) == ("partial", 240)
    mornings = WorkScheduleFactory(
        organization=employee.organization,
        pattern={"monday": {"starts": "09:00", "ends": "13:00"}},
    )

    assignment = ScheduleAssignmentFactory(employee=employee, schedule=mornings)
    assert result_of(employee) == ("present", 240)
    assignment.delete()
    assert result_of(employee) == ("partial", 240)


def test_an_assignment_counts_from_its_day_on(employee):
    press(employee, "in", "09:00")
    press(employee, "out", "13:00")
    ScheduleAssignmentFactory(
        employee=employee,
        schedule__organization=employee.organization,
        schedule__pattern={},
        effective_on=TUESDAY,
    )

    assert result_of(employee) == ("partial", 240)


def test_other_hours_of_the_default_compute_the_days_of_who_works_by_it(employee):
    press(employee, "in", "09:00")
    press(employee, "out", "13:00")
    schedule = WorkSchedule.objects.get(organization=employee.organization)
    schedule.pattern = {"monday": {"starts": "09:00", "ends": "13:00"}}
    schedule.save()

    assert result_of(employee) == ("present", 240)


def test_a_free_day_that_becomes_one_of_work_is_kept_with_what_became_of_it(employee):
    friday, sunday = MONDAY - 3 * DAY, MONDAY - DAY
    press(employee, "in", at("09:00", on=friday))
    press(employee, "out", at("17:30", on=friday))
    press(employee, "in", "09:00")
    assert day_of(employee, sunday) is None
    schedule = WorkSchedule.objects.get(organization=employee.organization)
    schedule.pattern |= {"sunday": {"starts": "09:00", "ends": "13:00"}}
    schedule.save()

    assert result_of(employee, sunday) == ("absent", 0)
    assert day_of(employee, MONDAY - 2 * DAY) is None
    assert day_of(employee, friday - DAY) is None


def test_another_place_computes_the_days_in_its_zone(employee):
    press(employee, "in", "09:30")
    day = day_of(employee)
    assert day is not None
    assert day.late_minutes == 30
    new_york = LocationFactory(
        organization=employee.organization, time_zone="America/New_York"
    )
    employee.refresh_from_db()
    employee.location = new_york
    employee.save()

    # The shift of 9:00 to 17:30 begins at 15:00 in Berlin; 9:30 there is early.
    press(employee, "out", "18:00")
    assert result_of(employee) == ("present", 510)
    day = day_of(employee)
    assert day is not None
    assert day.late_minutes == 0


def test_an_employment_that_began_later_computes_the_days_before(employee):
    mark_absences()
    assert result_of(employee) == ("absent", 0)
    employee.refresh_from_db()
    employee.hired_on = TUESDAY
    employee.save()

    assert result_of(employee) == ("not_employed", 0)


def test_an_employment_that_ended_earlier_computes_the_days_after(employee):
    press(employee, "in", "09:00")
    press(employee, "out", "17:30")
    employee.refresh_from_db()

    terminate_employee(employee, terminated_on=MONDAY - DAY)

    assert result_of(employee) == ("not_employed", 510)


def test_days_of_many_people_wait_for_a_task(employee):
    people = EmployeeFactory.create_batch(
        21, organization=employee.organization, location=employee.location
    )
    mark_absences()
    schedule = WorkSchedule.objects.get(organization=employee.organization)
    schedule.pattern = {}
    schedule.save()
    assert StaleDays.objects.count() == len(people) + 2
    assert result_of(employee) == ("absent", 0)

    assert recompute_stale_days() == len(people) + 2

    assert result_of(employee) == ("off", 0)
    assert not StaleDays.objects.exists()


def test_the_settlement_is_kept_once_for_each_organization(employee):
    mark_absences()
    mark_absences()

    assert Settlement.objects.filter(organization=employee.organization).count() == 1
