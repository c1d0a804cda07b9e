"""What is read in one statement is what every app says of itself."""

import datetime as dt
from decimal import Decimal

import pytest

from attendance.models import OpenSession, Punch
from attendance.services import NewPunch, record_punch, void_punch
from attendance.services.reading import read
from leave.calendar import Portion
from leave.models import Holiday, LeaveDay
from leave.services import approve_leave, request_leave
from leave.working_time import holidays_by_location
from organizations.access import OrganizationAccess
from organizations.roles import Role
from tests.attendance.conftest import MONDAY, at
from tests.factories import EmployeeFactory, LocationFactory, MembershipFactory
from tests.factories.attendance import ScheduleAssignmentFactory, WorkScheduleFactory
from tests.factories.leave import HolidayCalendarFactory, LeaveTypeFactory

pytestmark = pytest.mark.django_db
WEEK = (MONDAY, MONDAY + dt.timedelta(days=6))


@pytest.fixture
def hr(employee):
    return OrganizationAccess.of(
        MembershipFactory(organization=employee.organization, role=Role.HR)
    )


def holiday(calendar, on, name, portion="full"):
    return Holiday.objects.create(
        organization=calendar.organization,
        calendar=calendar,
        on=on,
        name=name,
        portion=portion,
    )


def test_holidays_are_those_that_leave_counts(employee):
    organization = employee.organization
    usual = HolidayCalendarFactory(organization=organization)
    berlin = HolidayCalendarFactory(
        organization=organization, name="Berlin", location=employee.location
    )
    empty = HolidayCalendarFactory(
        organization=organization,
        name="Empty",
        location=LocationFactory(organization=organization),
    )
    holiday(usual, MONDAY, "Everybody's day")
    holiday(berlin, WEEK[1], "Half a day", "afternoon")
    holiday(berlin, WEEK[1] + dt.timedelta(days=1), "Outside")
    holiday(HolidayCalendarFactory(), MONDAY, "Another organization's")

    found = read([employee], *WEEK).holidays

    assert found == holidays_by_location(organization, *WEEK)
    assert found[empty.location_id] == {}
    assert found[berlin.location_id][WEEK[1]].name == "Half a day"


def test_leave_is_what_was_granted(employee, hr):
    leave_type = LeaveTypeFactory(
        organization=employee.organization, is_limited=False, yearly_grant=Decimal(0)
    )
    granted = request_leave(
        employee, leave_type, first_on=WEEK[0], last_on=WEEK[0], first_portion="morning"
    )
    approve_leave(granted, access=hr)
    request_leave(
        employee,
        leave_type,
        first_on=WEEK[0] + dt.timedelta(days=1),
        last_on=WEEK[0] + dt.timedelta(days=1),
    )

    found = read([employee], *WEEK).leave

    assert found == {(employee.pk, WEEK[0]): [Portion.MORNING]}
    assert LeaveDay.objects.granted().between(*WEEK).count() == 1


def test_punches_are_those_that_count_of_the_people_asked_for(employee):
    kept = record_punch(NewPunch(employee, at("09:00"), Punch.Direction.IN)).punch
    void = record_punch(NewPunch(employee, at("10:00"), Punch.Direction.OUT)).punch
    void_punch(void, reason="Pressed by a colleague")
    other = EmployeeFactory(organization=employee.organization)
    record_punch(NewPunch(other, at("09:00"), Punch.Direction.IN))

    reading = read([employee], *WEEK)

    assert {
        pk: [each.key for each in found] for pk, found in reading.punches.items()
    } == {employee.pk: [kept.pk]}
    assert list(reading.sessions.values()) == list(
        OpenSession.objects.filter(employee=employee)
    )


def test_schedules_are_those_of_the_organization_the_latest_assignment_first(employee):
    first, second = (
        ScheduleAssignmentFactory(
            employee=employee,
            effective_on=MONDAY - dt.timedelta(days=back),
            schedule__organization=employee.organization,
        )
        for back in (30, 3)
    )
    ahead = WEEK[1] + dt.timedelta(days=3)
    ScheduleAssignmentFactory(
        employee=employee,
        effective_on=ahead,
        schedule__organization=employee.organization,
    )
    WorkScheduleFactory()

    reading = read([employee], *WEEK)

    assert reading.assigned[employee.pk] == [
        (second.effective_on, second.schedule_id),
        (first.effective_on, first.schedule_id),
    ]
    assert reading.weeks[first.schedule_id] == first.schedule.rule
    assert len(reading.weeks) - (None in reading.weeks) == (
        type(first.schedule).objects.for_organization(employee.organization).count()
    )


def test_for_nobody_nothing_is_read(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert read([], *WEEK).holidays == {None: {}}
