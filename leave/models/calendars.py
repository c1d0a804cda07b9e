"""Which days are worked: holidays of places, hours of weeks."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employees.models import Employee, Location
from leave.calendar import Holiday as HolidayRule
from leave.calendar import Portion as DayPortion
from leave.calendar import Week
from organizations.classes import INTERNAL, PERSONAL, PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord
from organizations.reach import EVERYWHERE

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


class Portion(models.TextChoices):
    """Which part of a day; the words of ``leave.calendar.Portion``."""

    FULL = DayPortion.FULL.value, _("Whole day")
    MORNING = DayPortion.MORNING.value, _("Morning")
    AFTERNOON = DayPortion.AFTERNOON.value, _("Afternoon")


class HolidayCalendar(OrganizationRecord):
    """The holidays of a location; the one without a location is everybody else's."""

    name = models.CharField(_("name"), max_length=200)
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="holiday_calendars",
        null=True,
        blank=True,
        verbose_name=_("location"),
        help_text=_("Left empty, it counts wherever no other calendar does."),
        db_constraint=False,
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, as DE."))],
        help_text=_("Whose public holidays are imported. ISO 3166-1, such as DE."),
    )
    subdivision = models.CharField(
        _("subdivision"),
        max_length=6,
        blank=True,
        validators=[
            RegexValidator(r"^[A-Z0-9]{1,3}\Z", _("One to three letters, as BE."))
        ],
        help_text=_("The part after the dash of the ISO 3166-2 code: BE for DE-BE."),
    )
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_days = ArrayField(models.DateField(), default=list, editable=False)

    subject_type = "holiday_calendar"
    api_path = "leave/calendars"
    reached_by = EVERYWHERE
    field_classes = {
        "name": PUBLIC,
        "location": PUBLIC,
        "country": PUBLIC,
        "subdivision": PUBLIC,
        "revision": INTERNAL,
        "changed_days": PUBLIC,
    }

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("holiday calendar")
        verbose_name_plural = _("holiday calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "location"],
                nulls_distinct=False,
                name="holiday_calendar_once_per_location",
                violation_error_message=_(
                    "This location has a calendar already; without a location, there "
                    "is one default calendar."
                ),
            ),
            SameOrganization(field="location", name="holiday_calendar_organization"),
        ]

    def __str__(self) -> str:
        return self.name


class Holiday(OrganizationOwned):
    """A day of a calendar that is free, wholly or half.

    Written by services alone: they let the calendar tell that it changed.
    """

    class Source(models.TextChoices):
        """Where a holiday comes from."""

        PACKAGE = "package", _("Public holiday")
        OWN = "own", _("Own day")

    calendar = models.ForeignKey(
        HolidayCalendar, models.CASCADE, related_name="holidays", db_constraint=False
    )
    on = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=200)
    portion = models.CharField(
        _("part of the day"),
        max_length=10,
        choices=Portion.choices,
        default=Portion.FULL,
    )
    source = models.CharField(
        _("source"),
        max_length=10,
        choices=Source.choices,
        default=Source.OWN,
        editable=False,
    )

    reached_by = EVERYWHERE
    field_classes = {
        "calendar": PUBLIC,
        "on": PUBLIC,
        "name": PUBLIC,
        "portion": PUBLIC,
        "source": PUBLIC,
    }

    class Meta:
        ordering = ["on", "id"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "on"],
                name="holiday_once_a_day",
                violation_error_message=_("This calendar has a holiday on that day."),
            ),
            models.CheckConstraint(
                condition=Q(portion__in=Portion.values),
                name="holiday_portion_known",
                violation_error_message=_("The whole day, its morning or afternoon."),
            ),
            SameOrganization(field="calendar", name="holiday_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"

    @property
    def rule(self) -> HolidayRule:
        """The holiday as a value for :mod:`leave.calendar`."""
        return HolidayRule(self.name, DayPortion(self.portion))


def _hours(label: Any, default: str) -> "models.DecimalField[Decimal, Decimal]":
    return models.DecimalField(
        label, max_digits=4, decimal_places=2, default=Decimal(default)
    )


class WorkWeek(OrganizationRecord):
    """The hours of a week, from a day on: a person's, a location's or everybody's.

    The most specific one counts: the person's, else their location's, else the
    organization's; without any, eight hours on the organization's working days.
    """

    location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="work_weeks",
        null=True,
        blank=True,
        verbose_name=_("location"),
        db_constraint=False,
    )
    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="work_weeks",
        null=True,
        blank=True,
        verbose_name=_("employee"),
        db_constraint=False,
    )
    effective_on = models.DateField(
        _("effective on"), help_text=_("The first day that it counts for.")
    )
    monday = _hours(_("Monday"), "8")
    tuesday = _hours(_("Tuesday"), "8")
    wednesday = _hours(_("Wednesday"), "8")
    thursday = _hours(_("Thursday"), "8")
    friday = _hours(_("Friday"), "8")
    saturday = _hours(_("Saturday"), "0")
    sunday = _hours(_("Sunday"), "0")

    subject_type = "work_week"
    api_path = "leave/work-weeks"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "location": PUBLIC,
        "employee": PERSONAL,
        "effective_on": PERSONAL,
        **dict.fromkeys(WEEKDAYS, PERSONAL),
    }

    class Meta:
        ordering = ["-effective_on", "id"]
        verbose_name = _("work week")
        verbose_name_plural = _("work weeks")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "location", "employee", "effective_on"],
                nulls_distinct=False,
                name="work_week_once_a_day",
                violation_error_message=_("Another work week begins on that day."),
            ),
            models.CheckConstraint(
                condition=Q(location__isnull=True) | Q(employee__isnull=True),
                name="work_week_of_one",
                violation_error_message=_(
                    "A work week is a person's or a location's, not both."
                ),
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{day}__gte": 0, f"{day}__lte": 24}),
                    name=f"work_week_{day}_hours",
                    violation_error_message=_("A day has 0 to 24 hours."),
                )
                for day in WEEKDAYS
            ),
            SameOrganization(field="location", name="work_week_location_organization"),
            SameOrganization(field="employee", name="work_week_employee_organization"),
        ]

    def __str__(self) -> str:
        whose = self.employee or self.location or self.organization
        return f"{whose}, {self.effective_on}"

    @property
    def rule(self) -> Week:
        """The week as a value for :mod:`leave.calendar`."""
        hours = tuple(getattr(self, day) for day in WEEKDAYS)
        return Week(hours, self.effective_on)
