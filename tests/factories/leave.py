import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from leave.models import HolidayCalendar, LeaveType, WorkWeek
from tests.factories.organizations import OrganizationFactory


class LeaveTypeFactory(DjangoModelFactory[LeaveType]):
    """Annual leave, counted in days: 25 a year."""

    class Meta:
        model = LeaveType

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Annual leave {n}")
    yearly_grant = Decimal(25)


class HolidayCalendarFactory(DjangoModelFactory[HolidayCalendar]):
    """The default calendar of an organization, without a day on it."""

    class Meta:
        model = HolidayCalendar

    organization = factory.SubFactory(OrganizationFactory)
    name = "Holidays"
    country = "DE"


class WorkWeekFactory(DjangoModelFactory[WorkWeek]):
    """Eight hours, Monday to Friday, of the whole organization."""

    class Meta:
        model = WorkWeek

    organization = factory.SubFactory(OrganizationFactory)
    effective_on = dt.date(2020, 1, 1)
