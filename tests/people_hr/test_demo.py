import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from leave.models import LeaveDay, LeaveRequest
from organizations.models import Organization
from people_hr.demo.company import people, years_before
from people_hr.demo.loading import load_demo
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def test_a_year_of_leave_is_there_on_a_leap_day_too():
    with time_machine.travel("2028-02-29T12:00:00Z", tick=False):
        load_demo()

    states = set(LeaveRequest.objects.values_list("status", flat=True))
    days = LeaveDay.objects.granted().filter(charge__gt=0)
    assert states == set(LeaveRequest.Status.values)
    assert len(set(days.values_list("on__year", "on__month"))) >= 12
    assert set(days.values_list("portion", flat=True)) == {
        "full",
        "morning",
        "afternoon",
    }


def test_only_what_is_missing_is_loaded():
    OrganizationFactory(slug="demo")

    assert load_demo() == ["Lindenhof Foundation (demo-two) with 4 people"]


def test_the_demo_is_refused_where_demo_mode_is_off(settings):
    settings.DEMO = False

    with pytest.raises(ImproperlyConfigured):
        load_demo()
    with pytest.raises(CommandError, match="PEOPLE_HR_DEMO=1"):
        call_command("load_demo")
    assert not Organization.objects.exists()


@pytest.mark.parametrize("today", ["2026-11-22", "2028-02-29", "2027-01-01"])
def test_on_every_day_somebody_has_just_joined_and_has_an_anniversary(today):
    day = dt.date.fromisoformat(today)
    staff = list(people(day))

    joined = [p for p in staff if 0 <= (day - p.hired_on).days <= 14]
    jubilees = [
        p
        for p in staff
        if p.hired_on.year < day.year - 1
        and 0 <= (p.hired_on - years_before(day, day.year - p.hired_on.year)).days <= 14
    ]
    assert len(joined) >= 2
    assert len(jubilees) >= 3
    assert all(p.left_on is None or p.left_on > p.hired_on for p in staff)
