"""Changing the days of a calendar; the calendar tells it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leave.calendar import Holiday as HolidayRule
from leave.calendar import Portion
from leave.models import Holiday, HolidayCalendar
from leave.public_holidays import public_holidays


@dataclass(frozen=True, slots=True)
class HolidayPlan:
    """What an import would change; days of one's own stay as they are."""

    added: Sequence[tuple[dt.date, HolidayRule]]
    changed: Sequence[tuple[Holiday, HolidayRule]]
    removed: Sequence[Holiday]
    unchanged: Sequence[Holiday]
    kept: Sequence[Holiday]

    @property
    def changes(self) -> bool:
        """Whether anything changes at all."""
        return bool(self.added or self.changed or self.removed)

    @property
    def days(self) -> list[dt.date]:
        """Every day that changes."""
        return sorted(
            [day for day, _rule in self.added]
            + [row.on for row, _rule in self.changed]
            + [row.on for row in self.removed]
        )


def plan_holidays(calendar: HolidayCalendar, year: int) -> HolidayPlan:
    """Compare a calendar with the public holidays of its place; change nothing.

    Raises:
        ValidationError: when the calendar names no country, or one that is not known.
    """
    if not calendar.country:
        raise ValidationError(
            {
                "country": ValidationError(
                    _("Choose the country whose public holidays count here."),
                    code="required",
                )
            }
        )
    wanted = public_holidays(calendar.country, calendar.subdivision, year)
    present = list(calendar.holidays.filter(on__year=year))
    own = [row for row in present if row.source == Holiday.Source.OWN]
    public = {row.on: row for row in present if row.source == Holiday.Source.PACKAGE}
    taken = {row.on for row in own}
    return HolidayPlan(
        added=[
            (day, rule)
            for day, rule in wanted.items()
            if day not in public and day not in taken
        ],
        changed=[
            (row, wanted[day])
            for day, row in public.items()
            if day in wanted and row.rule != wanted[day]
        ],
        removed=[row for day, row in public.items() if day not in wanted],
        unchanged=[row for day, row in public.items() if row.rule == wanted.get(day)],
        kept=own,
    )


@transaction.atomic
def import_holidays(calendar: HolidayCalendar, year: int) -> HolidayPlan:
    """Bring a calendar to the public holidays of a year; return what changed.

    Leave that was asked for before keeps the charges it was asked for with.
    """
    locked = _locked(calendar)
    plan = plan_holidays(locked, year)
    Holiday.objects.filter(pk__in=[row.pk for row in plan.removed]).delete()
    for row, rule in plan.changed:
        row.name, row.portion = rule.name, rule.portion.value
    Holiday.objects.bulk_update([row for row, _ in plan.changed], ["name", "portion"])
    Holiday.objects.bulk_create(
        Holiday(
            organization_id=locked.organization_id,
            calendar=locked,
            on=day,
            name=rule.name,
            portion=rule.portion.value,
            source=Holiday.Source.PACKAGE,
        )
        for day, rule in plan.added
    )
    _tell(locked, plan.days)
    return plan


@transaction.atomic
def save_holiday(
    calendar: HolidayCalendar,
    on: dt.date,
    *,
    name: str,
    portion: Portion = Portion.FULL,
) -> Holiday:
    """Put a day of one's own on a calendar, or change what that day is.

    Raises:
        ValidationError: on the field that breaks a rule.
    """
    locked = _locked(calendar)
    holiday = locked.holidays.filter(on=on).first() or Holiday(
        organization_id=locked.organization_id, calendar=locked, on=on
    )
    holiday.name, holiday.portion = name, Portion(portion).value
    holiday.source = Holiday.Source.OWN
    holiday.full_clean()
    holiday.save()
    _tell(locked, [on])
    return holiday


@transaction.atomic
def remove_holiday(holiday: Holiday) -> None:
    """Take a day off a calendar."""
    locked = _locked(holiday.calendar)
    day = holiday.on
    holiday.delete()
    _tell(locked, [day])


def _locked(calendar: HolidayCalendar) -> HolidayCalendar:
    locked: HolidayCalendar = HolidayCalendar.objects.select_for_update(
        of=("self",)
    ).get(pk=calendar.pk)
    return locked


def _tell(calendar: HolidayCalendar, days: Iterable[dt.date]) -> None:
    """Let the calendar say which days changed; the revision makes it a change."""
    changed = sorted(set(days))
    if changed:
        calendar.changed_days = changed
        calendar.revision += 1
        calendar.save()
