import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from attendance.events import CORRECTION_SUBMITTED
from attendance.models import Correction, Punch, ScheduleAssignment, WorkSchedule
from tests.factories.employees import EmployeeFactory
from tests.factories.organizations import OrganizationFactory

OFFICE_HOURS = {"starts": "09:00", "ends": "17:30", "break_minutes": 30}
MONDAY_TO_FRIDAY = dict.fromkeys(
    ("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE_HOURS
)


class WorkScheduleFactory(DjangoModelFactory[WorkSchedule]):
    """Monday to Friday, 9:00 to 17:30 with half an hour's break."""

    class Meta:
        model = WorkSchedule

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Schedule {n}")
    pattern = factory.LazyFunction(lambda: dict(MONDAY_TO_FRIDAY))

    class Params:
        #: The schedule of everybody who has no other.
        default = factory.Trait(is_default=True)


class ScheduleAssignmentFactory(DjangoModelFactory[ScheduleAssignment]):
    class Meta:
        model = ScheduleAssignment

    employee = factory.SubFactory(EmployeeFactory)
    organization = factory.SelfAttribute("employee.organization")
    schedule = factory.SubFactory(
        WorkScheduleFactory, organization=factory.SelfAttribute("..organization")
    )
    effective_on = dt.date(2024, 1, 15)


class PunchFactory(DjangoModelFactory[Punch]):
    """A clock-in on Monday, 2 November 2026, at 9:00 in Berlin."""

    class Meta:
        model = Punch

    employee = factory.SubFactory(EmployeeFactory)
    organization = factory.SelfAttribute("employee.organization")
    punched_at = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
    time_zone = "Europe/Berlin"
    direction = Punch.Direction.IN
    source = Punch.Source.API


class CorrectionFactory(DjangoModelFactory[Correction]):
    """A correction that waits, without a line; written as its service writes it."""

    class Meta:
        model = Correction

    employee = factory.SubFactory(EmployeeFactory)
    organization = factory.SelfAttribute("employee.organization")
    on = dt.date(2026, 11, 2)
    reason = "Forgot"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **fields: Any) -> Correction:
        correction: Correction = model_class(*args, **fields)
        correction.save_as(CORRECTION_SUBMITTED)
        return correction
