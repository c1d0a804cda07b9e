"""What each day of a leave costs, and which spans are none."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leave.calendar.values import (
    HALF,
    NOTHING,
    ChargedDay,
    DayRule,
    Holiday,
    Portion,
    Reason,
    Unit,
    Week,
)
from leave.calendar.words import shown

WHOLE = Decimal(1)
#: A request spans no more; a longer absence is no leave but another employment.
MOST_DAYS = 731
SATURDAY = 5


def day_rules(
    first_on: dt.date,
    last_on: dt.date,
    weeks: Sequence[Week],
    holidays: Mapping[dt.date, Holiday],
) -> dict[dt.date, DayRule]:
    """Return the rule of every date of a span.

    Of ``weeks`` the one with the latest ``effective_on`` up to a date counts for it.

    Raises:
        ValueError: when no week holds on the first day.
    """
    in_order = sorted(weeks, key=lambda week: week.effective_on)
    if not in_order or in_order[0].effective_on > first_on:
        raise ValueError(f"No week holds on {first_on}.")
    week, *later = in_order
    rules = {}
    for day in days_of(first_on, last_on):
        while later and later[0].effective_on <= day:
            week = later.pop(0)
        rules[day] = DayRule(week.hours_on(day), holidays.get(day))
    return rules


def charge_days(
    rules: Mapping[dt.date, DayRule],
    *,
    first_on: dt.date,
    last_on: dt.date,
    first_portion: Portion = Portion.FULL,
    last_portion: Portion = Portion.FULL,
    unit: Unit = Unit.DAYS,
    counts_calendar_days: bool = False,
) -> tuple[ChargedDay, ...]:
    """Return every day of a leave with its charge.

    A leave of several days may begin at midday (``first_portion`` afternoon) and end
    at midday (``last_portion`` morning). A leave of one day is its ``first_portion``;
    a ``last_portion`` that is given as well says the same.

    Raises:
        ValidationError: for an end before the start, more than 731 days, portions that
            leave a hole, or half of a day that is free.
    """
    check_span(first_on, last_on, first_portion, last_portion)
    charged = []
    for day in days_of(first_on, last_on):
        portion = _portion_of(day, first_on, last_on, first_portion, last_portion)
        rule = rules[day]
        if portion is not Portion.FULL and not counts_calendar_days:
            _check_half(day, portion, rule, is_first=day == first_on)
        charged.append(
            _calendar_day(day, portion, rule, unit)
            if counts_calendar_days
            else _working_day(day, portion, rule, unit)
        )
    return tuple(charged)


def check_span(
    first_on: dt.date,
    last_on: dt.date,
    first_portion: Portion = Portion.FULL,
    last_portion: Portion = Portion.FULL,
) -> None:
    """Refuse a span that is none.

    Raises:
        ValidationError: on the field that is wrong.
    """
    if last_on < first_on:
        raise _wrong(
            "last_on",
            "end_before_start",
            _("The last day, %(last)s, lies before the first, %(first)s.")
            % {"last": shown(last_on), "first": shown(first_on)},
        )
    if (last_on - first_on).days >= MOST_DAYS:
        raise _wrong(
            "last_on",
            "too_long",
            _("A request spans at most %(most)d days; this one has %(days)d.")
            % {"most": MOST_DAYS, "days": (last_on - first_on).days + 1},
        )
    if first_on == last_on:
        if Portion.FULL not in (first_portion, last_portion) and (
            first_portion is not last_portion
        ):
            raise _wrong(
                "last_portion",
                "portions",
                _("A single day is taken whole, in the morning or in the afternoon."),
            )
        return
    if first_portion is Portion.MORNING:
        raise _wrong(
            "first_portion",
            "portions",
            _("A leave of several days begins in the morning or at midday."),
        )
    if last_portion is Portion.AFTERNOON:
        raise _wrong(
            "last_portion",
            "portions",
            _("A leave of several days ends in the evening or at midday."),
        )


def by_year(days: Iterable[ChargedDay]) -> dict[int, Decimal]:
    """Return what is charged to each year, years without a charge left out."""
    years: dict[int, Decimal] = {}
    for day in days:
        if day.charge:
            years[day.on.year] = years.get(day.on.year, NOTHING) + day.charge
    return years


def total(days: Iterable[ChargedDay]) -> Decimal:
    """Return what the days cost together."""
    return sum((day.charge for day in days), NOTHING)


def days_of(first_on: dt.date, last_on: dt.date) -> Iterator[dt.date]:
    """Yield every date of a span, both ends included."""
    for number in range((last_on - first_on).days + 1):
        yield first_on + dt.timedelta(days=number)


def _portion_of(
    day: dt.date,
    first_on: dt.date,
    last_on: dt.date,
    first_portion: Portion,
    last_portion: Portion,
) -> Portion:
    if first_on == last_on:
        return first_portion if first_portion is not Portion.FULL else last_portion
    if day == first_on:
        return first_portion
    return last_portion if day == last_on else Portion.FULL


def _check_half(
    day: dt.date, portion: Portion, rule: DayRule, *, is_first: bool
) -> None:
    """Refuse half of a day that is free, or the half of it that is free."""
    if rule.worked_share(portion):
        return
    words = _working_day(day, portion, rule, Unit.DAYS).words
    raise _wrong(
        "first_portion" if is_first else "last_portion",
        "half_of_free_day",
        _("%(day)s has no %(portion)s to take: %(words)s.")
        % {"day": shown(day), "portion": portion.label, "words": words},
    )


def _calendar_day(
    day: dt.date, portion: Portion, rule: DayRule, unit: Unit
) -> ChargedDay:
    share = WHOLE if portion is Portion.FULL else HALF
    return ChargedDay(day, portion, _charge(share, rule, unit), Reason.CALENDAR_DAY)


def _working_day(
    day: dt.date, portion: Portion, rule: DayRule, unit: Unit
) -> ChargedDay:
    charge = _charge(rule.worked_share(portion), rule, unit)
    if rule.hours <= 0:
        is_weekend = day.weekday() >= SATURDAY
        reason = Reason.WEEKEND if is_weekend else Reason.DAY_OFF
        return ChargedDay(day, portion, charge, reason)
    if rule.holiday is None:
        return ChargedDay(day, portion, charge, Reason.WORKING_DAY)
    return ChargedDay(
        day, portion, charge, _OFF[rule.holiday.portion], rule.holiday.name
    )


_OFF = {
    Portion.FULL: Reason.HOLIDAY,
    Portion.MORNING: Reason.MORNING_OFF,
    Portion.AFTERNOON: Reason.AFTERNOON_OFF,
}


def _charge(share: Decimal, rule: DayRule, unit: Unit) -> Decimal:
    return share * rule.hours if unit is Unit.HOURS else share


def _wrong(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
