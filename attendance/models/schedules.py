"""Who is to work when."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from attendance.schedule import Hours, WeekPattern
from employees.models import Employee
from organizations.classes import PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationRecord
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
MOST_BREAK_MINUTES = 600


def read_pattern(pattern: object) -> WeekPattern:
    """Return the hours of the weekdays that a schedule's ``pattern`` writes down.

    It maps ``monday`` … ``sunday`` to ``{"starts": "09:00", "ends": "17:30",
    "break_minutes": 30}``; days that are free are left out.

    Raises:
        ValidationError: when it is anything else.
    """
    if not isinstance(pattern, Mapping):
        raise _wrong(_now("A pattern maps weekdays to their hours."))
    if unknown := set(pattern) - set(WEEKDAYS):
        raise _wrong(_now("“%s” is no weekday: use monday … sunday.") % min(unknown))
    return {
        number: _hours(name, pattern[name])
        for number, name in enumerate(WEEKDAYS)
        if name in pattern
    }


def _hours(name: str, written: Any) -> Hours:
    fields = {"starts", "ends", "break_minutes"}
    if not isinstance(written, Mapping) or not {"starts", "ends"} <= set(written):
        raise _wrong(_now("%s has no starts and ends, such as 09:00.") % name)
    if unknown := set(written) - fields:
        raise _wrong(
            _now("%(day)s: “%(name)s” is not known.")
            % {"day": name, "name": min(unknown)}
        )
    minutes = written.get("break_minutes", 0)
    is_number = isinstance(minutes, int) and not isinstance(minutes, bool)
    if not is_number or not 0 <= minutes <= MOST_BREAK_MINUTES:
        raise _wrong(
            _now("%(day)s: a break has 0 to %(most)d minutes.")
            % {"day": name, "most": MOST_BREAK_MINUTES}
        )
    return Hours(_time(name, written["starts"]), _time(name, written["ends"]), minutes)


def _time(name: str, text: object) -> dt.time:
    try:
        time = dt.time.fromisoformat(str(text))
    except ValueError as error:
        raise _wrong(
            _now("%(day)s: “%(text)s” is no time, such as 09:00.")
            % {"day": name, "text": text}
        ) from error
    if time.tzinfo or time.second or time.microsecond:
        raise _wrong(
            _now("%(day)s: hours are whole minutes of local time.") % {"day": name}
        )
    return time


def _wrong(message: str) -> ValidationError:
    return ValidationError(message, code="pattern")


def write_pattern(pattern: WeekPattern) -> dict[str, dict[str, Any]]:
    """Return hours of weekdays as a schedule writes them down."""
    return {
        WEEKDAYS[number]: {
            "starts": f"{hours.starts:%H:%M}",
            "ends": f"{hours.ends:%H:%M}",
            "break_minutes": hours.break_minutes,
        }
        for number, hours in sorted(pattern.items())
    }


def validate_pattern(pattern: object) -> None:
    """Refuse a pattern that :func:`read_pattern` cannot read."""
    read_pattern(pattern)


class WorkSchedule(OrganizationRecord):
    """A week of working hours, in the local time of who works by it."""

    name = models.CharField(_("name"), max_length=100)
    pattern = models.JSONField(
        _("hours"),
        default=dict,
        validators=[validate_pattern],
        blank=True,
        help_text=_("The hours of each weekday; one that is left out is free."),
    )
    is_default = models.BooleanField(
        _("default"),
        default=False,
        help_text=_("Counts for everybody to whom no other schedule is given."),
    )

    subject_type = "work_schedule"
    api_path = "attendance/schedules"
    reached_by = EVERYWHERE
    field_classes = {"name": PUBLIC, "pattern": PUBLIC, "is_default": PUBLIC}

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("work schedule")
        verbose_name_plural = _("work schedules")
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="work_schedule_name_once",
                violation_error_message=_("There is a schedule of this name."),
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(is_default=True),
                name="work_schedule_one_default",
                violation_error_message=_("Another schedule is the default."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> WeekPattern:
        """The hours as values for :mod:`attendance.schedule`."""
        return read_pattern(self.pattern)


class ScheduleAssignment(OrganizationRecord):
    """From a day on somebody works by a schedule, up to their next assignment."""

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="schedule_assignments",
        verbose_name=_("employee"),
    )
    schedule = models.ForeignKey(
        WorkSchedule,
        models.PROTECT,
        related_name="assignments",
        verbose_name=_("schedule"),
    )
    effective_on = models.DateField(
        _("effective on"), help_text=_("The first day that it counts for.")
    )

    subject_type = "schedule_assignment"
    api_path = "attendance/assignments"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {"employee": PUBLIC, "schedule": PUBLIC, "effective_on": PUBLIC}

    class Meta:
        ordering = ["-effective_on", "id"]
        verbose_name = _("schedule assignment")
        verbose_name_plural = _("schedule assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "effective_on"],
                name="schedule_assignment_once_a_day",
                violation_error_message=_("Another assignment begins on that day."),
            ),
            SameOrganization(
                field="employee", name="schedule_assignment_employee_organization"
            ),
            SameOrganization(
                field="schedule", name="schedule_assignment_schedule_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.effective_on}: {self.schedule}"
