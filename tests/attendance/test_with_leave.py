"""Leave and attendance together: what is granted or becomes free changes days."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from attendance.models import StaleDays
from attendance.services import mark_absences, recompute_stale_days
from leave.calendar import Portion
from leave.models import LeaveType
from leave.services import (
    approve_leave,
    cancel_leave,
    grant_leave,
    remove_holiday,
    request_leave,
    save_holiday,
    withdraw_leave,
)
from organizations.access import OrganizationAccess
from tests.attendance.conftest import (
    EVENING,
    MONDAY,
    access_of,
    press,
    result_of,
)
from tests.factories import EmployeeFactory, LocationFactory, UserFactory
from tests.factories.leave import HolidayCalendarFactory, LeaveTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def annual(employee) -> LeaveType:
    leave_type = LeaveTypeFactory(organization=employee.organization)
    grant_leave(employee, leave_type, year=2026, amount=Decimal(25))
    return leave_type


@pytest.fixture
def hr(employee) -> OrganizationAccess:
    return access_of(employee.organization, UserFactory(), "leave:approve_all")


def test_leave_that_is_approved_late_makes_an_absence_leave(employee, annual, hr):
    mark_absences()
    assert result_of(employee) == ("absent", 0)
    asked = request_leave(employee, annual, first_on=MONDAY, last_on=MONDAY)
    assert result_of(employee) == ("absent", 0)  # asked is not granted

    approve_leave(asked, access=hr)
    assert result_of(employee) == ("leave", 0)

    cancel_leave(asked, access=hr)
    assert result_of(employee) == ("absent", 0)


def test_a_morning_of_leave_leaves_half_of_the_day_to_work(employee, annual, hr):
    press(employee, "in", "13:15")
    press(employee, "out", "17:15")
    assert result_of(employee) == ("partial", 240)
    asked = request_leave(
        employee,
        annual,
        first_on=MONDAY,
        last_on=MONDAY,
        first_portion=Portion.MORNING,
        last_portion=Portion.MORNING,
    )

    approve_leave(asked, access=hr)

    assert result_of(employee) == ("present", 240)


def test_a_request_that_is_taken_back_changes_no_day(employee, annual, hr):
    mark_absences()
    asked = request_leave(employee, annual, first_on=MONDAY, last_on=MONDAY)

    withdraw_leave(asked, access=hr)

    assert result_of(employee) == ("absent", 0)


def test_a_holiday_that_is_added_or_removed_computes_the_day_anew(employee):
    mark_absences()
    calendar = HolidayCalendarFactory(organization=employee.organization)

    holiday = save_holiday(calendar, MONDAY, name="Founders' day")
    assert result_of(employee) == ("holiday", 0)

    remove_holiday(holiday)
    assert result_of(employee) == ("absent", 0)


def test_a_holiday_counts_where_it_is_kept(employee):
    elsewhere = EmployeeFactory(
        organization=employee.organization,
        location=LocationFactory(organization=employee.organization),
    )
    mark_absences()
    calendar = HolidayCalendarFactory(
        organization=employee.organization, location=employee.location
    )

    save_holiday(calendar, MONDAY, name="Founders' day")

    assert result_of(employee) == ("holiday", 0)
    assert result_of(elsewhere) == ("absent", 0)


def test_a_holiday_of_many_people_is_computed_by_a_task(employee):
    people = EmployeeFactory.create_batch(
        25, organization=employee.organization, location=employee.location
    )
    mark_absences()
    calendar = HolidayCalendarFactory(organization=employee.organization)

    save_holiday(calendar, MONDAY, name="Founders' day")
    assert StaleDays.objects.count() == len(people) + 2
    recompute_stale_days()

    assert {result_of(person) for person in [employee, *people]} == {("holiday", 0)}


def test_leave_on_the_days_to_come_is_kept_when_they_have_passed(employee, annual, hr):
    tuesday = MONDAY + dt.timedelta(days=1)
    asked = request_leave(employee, annual, first_on=tuesday, last_on=tuesday)
    approve_leave(asked, access=hr)
    assert result_of(employee, tuesday) is None

    with time_machine.travel(EVENING + dt.timedelta(days=1), tick=False):
        mark_absences()

    assert result_of(employee, tuesday) == ("leave", 0)
