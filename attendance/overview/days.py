"""A month and a day, with all that pages show of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from attendance.models import Correction, Punch
from attendance.schedule import DAY
from attendance.services import Inputs, zone_of
from attendance.timesheet import DayResult, Status, Warn
from employees.models import Employee


def today_of(employee: Employee) -> dt.date:
    """Return today's date where somebody works."""
    return timezone.localdate(timezone=zone_of(employee))


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a month, with the sums of those that have passed."""

    first_on: dt.date
    now: dt.datetime
    zone: ZoneInfo
    days: Sequence[DayResult]

    @property
    def today(self) -> dt.date:
        """Today's date where the person works."""
        return self.now.astimezone(self.zone).date()

    @property
    def before(self) -> dt.date:
        """The first day of the month before."""
        return (self.first_on - DAY).replace(day=1)

    @property
    def after(self) -> dt.date:
        """The first day of the month after."""
        return (self.first_on + 31 * DAY).replace(day=1)

    @property
    def passed(self) -> Sequence[DayResult]:
        """The days before today."""
        return [day for day in self.days if day.on < self.today]

    @property
    def worked_minutes(self) -> int:
        return sum(day.worked_minutes for day in self.passed)

    @property
    def break_minutes(self) -> int:
        return sum(day.break_minutes for day in self.passed)

    @property
    def required_minutes(self) -> int:
        return sum(day.required_minutes for day in self.passed)

    @property
    def difference_minutes(self) -> int:
        """How much more than required was worked up to yesterday."""
        return self.worked_minutes - self.required_minutes

    @property
    def missing_count(self) -> int:
        """How many days lack a punch."""
        return sum(day.status is Status.MISSING_PUNCH for day in self.days)


def month_of(employee: Employee, first_on: dt.date, now: dt.datetime) -> Month:
    """Return every day of the month that begins on ``first_on``."""
    last_on = (first_on + 31 * DAY).replace(day=1) - DAY
    zone = zone_of(employee)
    results = Inputs([employee], first_on, last_on).results(employee, now)
    return Month(first_on, now, zone, list(results.values()))


@dataclass(frozen=True, slots=True)
class Day:
    """A day with every punch that belongs to it, also void ones, and its versions."""

    result: DayResult
    now: dt.datetime
    zone: ZoneInfo
    punches: Sequence[Punch]
    corrections: Sequence[Correction]

    @property
    def is_past(self) -> bool:
        """Whether it is before today where the person works."""
        return self.result.on < self.now.astimezone(self.zone).date()


def day_of(employee: Employee, on: dt.date, now: dt.datetime) -> Day:
    """Return a day: its result, its punches, and the corrections of it."""
    zone = zone_of(employee)
    results = Inputs([employee], on - DAY, on + DAY).results(employee, now)
    return Day(
        result=results[on],
        now=now,
        zone=zone,
        punches=_punches_of(employee, on, results, zone),
        corrections=list(
            Correction.objects.filter(employee=employee, on=on)
            .select_related("decided_by", "employee__manager")
            .prefetch_related("punches")
            .order_by("-created_at")
        ),
    )


def _punches_of(
    employee: Employee, on: dt.date, results: dict[dt.date, DayResult], zone: ZoneInfo
) -> Sequence[Punch]:
    """Return the punches of a day; a void one shows on its own date."""
    days = {
        punch.key: day
        for day, result in results.items()
        for session in result.sessions
        for punch in session.punches
    }
    near = (
        Punch.objects.filter(employee=employee)
        .between(on - DAY, on + 2 * DAY)
        .select_related("voided_by")
        .order_by("punched_at", "id")
    )
    return [
        punch
        for punch in near
        if days.get(punch.pk, punch.punched_at.astimezone(zone).date()) == on
    ]


WARNINGS: dict[Warn, Promise] = {
    Warn.NO_CLOCK_IN: _("The clock-in is missing."),
    Warn.NO_CLOCK_OUT: _("The clock-out is missing."),
    Warn.NO_BREAK_START: _("The start of a break is missing."),
    Warn.NO_BREAK_END: _("The end of a break is missing."),
    Warn.ON_LEAVE: _("There are punches on a day of leave."),
    Warn.ON_HOLIDAY: _("There are punches on a holiday."),
    Warn.NOT_EMPLOYED: _("There are punches outside the employment."),
}
