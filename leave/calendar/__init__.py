"""What a leave costs, day by day: values in, values out, no database.

A working day is a day with hours in the person's week that is no full holiday where
they work. It costs 1, or its scheduled hours where the type counts hours. A half
holiday weighs ½, a morning or an afternoon ½. Types that count calendar days charge
every day alike. Each day is charged to the year it lies in.
"""

from leave.calendar.charging import (
    MOST_DAYS,
    by_year,
    charge_days,
    check_span,
    day_rules,
    days_of,
    total,
)
from leave.calendar.values import (
    ChargedDay,
    DayRule,
    Holiday,
    Portion,
    Reason,
    Unit,
    Week,
    explain,
)
from leave.calendar.words import amount_in_words, plain, shown, signed

__all__ = [
    "MOST_DAYS",
    "ChargedDay",
    "DayRule",
    "Holiday",
    "Portion",
    "Reason",
    "Unit",
    "Week",
    "amount_in_words",
    "by_year",
    "charge_days",
    "check_span",
    "day_rules",
    "days_of",
    "explain",
    "plain",
    "shown",
    "signed",
    "total",
]
