"""What the tests of attendance share: one office, one Monday, one person."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from attendance.models import AttendanceDay, Punch
from attendance.services import NewPunch, Outcome, record_punch
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.events import Occurrence, event_occurred
from organizations.models import Organization, User
from tests.factories import EmployeeFactory, LocationFactory, UserFactory
from tests.factories.attendance import WorkScheduleFactory

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = dt.date(2026, 11, 2)
EVENING = dt.datetime(2026, 11, 2, 19, tzinfo=BERLIN)

Press = Callable[..., Outcome]


def at(text: str, on: dt.date = MONDAY) -> dt.datetime:
    """Return a time of Monday (or another day) in Berlin."""
    return dt.datetime.combine(on, dt.time.fromisoformat(text), BERLIN)


@pytest.fixture(autouse=True)
def _evening() -> Iterator[None]:
    """Let it be Monday evening; a test may travel further."""
    with time_machine.travel(EVENING, tick=False):
        yield


@pytest.fixture
def employee() -> Employee:
    """Somebody who works in Berlin, 9:00 to 17:30, and has a login and a manager."""
    location = LocationFactory()
    organization = location.organization
    WorkScheduleFactory(organization=organization, default=True)
    return EmployeeFactory(
        organization=organization,
        location=location,
        user=UserFactory(),
        manager=EmployeeFactory(organization=organization, user=UserFactory()),
    )


def press(employee: Employee, direction: str, moment: dt.datetime | str) -> Punch:
    """Record a punch of Monday at a time, or at a moment."""
    punched_at = at(moment) if isinstance(moment, str) else moment
    new = NewPunch(employee, punched_at, Punch.Direction(direction))
    punch = record_punch(new).punch
    assert punch is not None
    return punch


def day_of(employee: Employee, on: dt.date = MONDAY) -> AttendanceDay | None:
    """Return the day as it is kept."""
    return AttendanceDay.objects.filter(employee=employee, on=on).first()


def result_of(employee: Employee, on: dt.date = MONDAY) -> tuple[str, int] | None:
    """Return the status of a day that is kept, and the minutes worked."""
    day = day_of(employee, on)
    return day and (day.status, day.worked_minutes)


@pytest.fixture
def told() -> Iterator[list[Occurrence]]:
    """Collect what is told, in order."""
    heard: list[Occurrence] = []

    def hear(sender: Any, occurrences: list[Occurrence], **signal: Any) -> None:
        heard.extend(occurrences)

    event_occurred.connect(hear)
    yield heard
    event_occurred.disconnect(hear)


def access_of(
    organization: Organization, user: User | None, *scopes: str
) -> OrganizationAccess:
    """Return the access of a user with these scopes alone."""
    return OrganizationAccess(
        organization, "user", str(user and user.pk), scopes=frozenset(scopes), user=user
    )


def codes_of(error: ValidationError) -> list[str | None]:
    """Return the codes of all that an error says, field by field."""
    by_field = error.error_dict.values() if hasattr(error, "error_dict") else [error]
    return [rule.code for rules in by_field for rule in _each(rules)]


def _each(rules: ValidationError | list[ValidationError]) -> list[ValidationError]:
    return rules if isinstance(rules, list) else rules.error_list
