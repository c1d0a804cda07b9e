"""What became of days, kept so that months and events can tell it."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from attendance import timesheet
from attendance.models.queries import whose
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import INTERNAL, PERSONAL, PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord, RecordQuerySet
from organizations.models.fence import FencedManager
from organizations.reach import EVERYWHERE


class AttendanceDayQuerySet(RecordQuerySet["AttendanceDay"]):
    """Days, as lists ask for them."""

    def visible_to(self, access: OrganizationAccess) -> Self:
        """Return one's own, those of whom one manages, or all: by the scopes."""
        return self.filter(whose(access))

    def between(self, first_on: dt.date, last_on: dt.date) -> Self:
        """Return the days of a span, both ends included."""
        return self.filter(on__gte=first_on, on__lte=last_on)


AttendanceDayManager = FencedManager.from_queryset(AttendanceDayQuerySet)


class AttendanceDay(OrganizationRecord):
    """The result of one person's day, computed anew whenever what it rests on changes.

    Never written by hand. Days without punches are kept once their shift has ended;
    free days without punches are not kept at all.
    """

    class Status(models.TextChoices):
        """The words of ``attendance.timesheet.Status``."""

        PRESENT = timesheet.Status.PRESENT.value, _("Present")
        PARTIAL = timesheet.Status.PARTIAL.value, _("Partial")
        LEAVE = timesheet.Status.LEAVE.value, _("Leave")
        HOLIDAY = timesheet.Status.HOLIDAY.value, _("Holiday")
        OFF = timesheet.Status.OFF.value, _("Off")
        MISSING_PUNCH = timesheet.Status.MISSING_PUNCH.value, _("Missing punch")
        ABSENT = timesheet.Status.ABSENT.value, _("Absent")
        NOT_EMPLOYED = timesheet.Status.NOT_EMPLOYED.value, _("Not employed")
        EXPECTED = timesheet.Status.EXPECTED.value, _("Expected")

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="attendance_days",
        db_constraint=False,
        db_index=False,
        verbose_name=_("employee"),
    )
    on = models.DateField(_("day"))
    status = models.CharField(_("status"), max_length=15, choices=Status.choices)
    worked_minutes = models.PositiveIntegerField(_("worked"), default=0)
    break_minutes = models.PositiveIntegerField(_("break"), default=0)
    required_minutes = models.PositiveIntegerField(_("required"), default=0)
    difference_minutes = models.IntegerField(_("difference"), default=0)
    late_minutes = models.PositiveIntegerField(_("late"), default=0)
    first_in_at = models.DateTimeField(_("first in"), null=True)
    last_out_at = models.DateTimeField(_("last out"), null=True)
    warnings = models.JSONField(_("to look at"), default=list)
    computed_from = models.PositiveSmallIntegerField(
        help_text=_("The version of the rules that it was computed by.")
    )

    subject_type = "attendance_day"
    api_path = "attendance/days"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": PUBLIC,
        "on": PUBLIC,
        "status": PUBLIC,
        "worked_minutes": PUBLIC,
        "break_minutes": PUBLIC,
        "required_minutes": PUBLIC,
        "difference_minutes": PUBLIC,
        "late_minutes": PERSONAL,
        "first_in_at": PUBLIC,
        "last_out_at": PUBLIC,
        "warnings": PERSONAL,
        "computed_from": INTERNAL,
    }

    objects = AttendanceDayManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("attendance day")
        verbose_name_plural = _("attendance days")
        indexes = [
            models.Index(fields=["organization", "-on", "-id"], name="day_latest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "on"],
                name="attendance_day_once",
                violation_error_message=_("This day is computed already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    difference_minutes=F("worked_minutes") - F("required_minutes")
                ),
                name="attendance_day_difference",
                violation_error_message=_("The difference is worked less required."),
            ),
            SameOrganization(field="employee", name="attendance_day_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.on}"


class StaleDays(OrganizationOwned):
    """Days of one person that are to be computed anew, by a task, soon."""

    employee = models.ForeignKey(
        Employee, models.CASCADE, related_name="+", db_constraint=False
    )
    first_on = models.DateField()
    last_on = models.DateField()

    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": INTERNAL,
        "first_on": INTERNAL,
        "last_on": INTERNAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="stale_days_in_order"
            ),
            SameOrganization(field="employee", name="stale_days_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.first_on} to {self.last_on}"


class Settlement(OrganizationOwned):
    """Up to when shifts that ended without a punch have been looked at."""

    settled_until = models.DateTimeField()

    reached_by = EVERYWHERE
    field_classes = {"settled_until": INTERNAL}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="settlement_once")
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.settled_until}"
