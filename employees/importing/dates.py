"""Read the dates of a column; whether a month or a day comes first is never guessed.

ISO dates (2024-03-01) and dotted dates (01.03.2024) have one meaning. Dates with
slashes or hyphens (03/01/2024) have two: a whole column is read before one is chosen.
"""

import datetime as dt
import enum
import re
from collections.abc import Iterable, Mapping

from employees.importing.errors import UnusableFileError


class DateOrder(enum.StrEnum):
    """What comes first in 03/01/2024."""

    MONTH_FIRST = "MM/DD/YYYY"
    DAY_FIRST = "DD/MM/YYYY"

    @property
    def other(self) -> "DateOrder":
        first = self is DateOrder.MONTH_FIRST
        return DateOrder.DAY_FIRST if first else DateOrder.MONTH_FIRST


# A time of day after the date is what database exports add; it is left out.
TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){TIME}", re.ASCII)
DOTTED = re.compile(rf"(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}){TIME}", re.ASCII)
TWO_READINGS = re.compile(rf"(\d{{1,2}})([/-])(\d{{1,2}})\2(\d{{4}}){TIME}", re.ASCII)

# What systems write where there is no date.
NO_DATE = frozenset({"0000-00-00", "00/00/0000", "n/a", "-"})


def parse_date(text: str, order: DateOrder | None) -> dt.date:
    """Read one date; `order` is needed for slashes. Raises ValueError with a reason."""
    if found := ISO.fullmatch(text):
        return _date(text, found[1], found[2], found[3])
    if found := DOTTED.fullmatch(text):
        return _date(text, found[3], found[2], found[1])
    if found := TWO_READINGS.fullmatch(text):
        if order is DateOrder.MONTH_FIRST:
            return _date(text, found[4], found[1], found[3])
        if order is DateOrder.DAY_FIRST:
            return _date(text, found[4], found[3], found[1])
    raise ValueError(
        f"“{text}” is not a date; write it as 2024-03-31, 31.03.2024 or 03/31/2024"
    )


def decide_orders(
    columns: Mapping[str, Iterable[str]],
    *,
    told: DateOrder | None = None,
    usual: DateOrder | None = None,
) -> dict[str, DateOrder | None]:
    """Decide for each column, by its header, how its dates with slashes are read.

    None says that it has none.

    What the person told holds. Else a column's own dates decide; one that can be read
    both ways follows what the writing system usually does, unless another column of
    the file shows that this one did otherwise. Raises UnusableFileError when it stays
    open.
    """
    slashed = {
        header: {text for text in texts if TWO_READINGS.fullmatch(text)}
        for header, texts in columns.items()
    }
    possible = {header: _possible_orders(texts) for header, texts in slashed.items()}
    if usual and any(orders == {usual.other} for orders in possible.values()):
        usual = None
    return {
        header: (told or _decide(header, texts, possible[header], usual))
        if texts
        else None
        for header, texts in slashed.items()
    }


def _possible_orders(texts: Iterable[str]) -> set[DateOrder]:
    """Tell which orders read every date that can be read at all."""
    readings = [reading for text in texts if (reading := _readings(text))]
    return {order for order in DateOrder if all(order in r for r in readings)}


def _decide(
    header: str, texts: Iterable[str], possible: set[DateOrder], usual: DateOrder | None
) -> DateOrder:
    if not possible:
        raise UnusableFileError(
            f"The dates of column “{header}” contradict each other: some have the "
            "month first, some the day. Make them alike, or write them as 2024-03-31.",
            code="contradicting_dates",
        )
    if len(possible) == 1:
        return next(iter(possible))
    if usual:
        return usual
    if any(len(set(_readings(text).values())) > 1 for text in texts):
        raise UnusableFileError(
            f"The dates of column “{header}” can be read in two ways: is 03/04/2024 in "
            "March or in April? Say the date format: MM/DD/YYYY or DD/MM/YYYY.",
            code="ambiguous_dates",
        )
    return DateOrder.DAY_FIRST


def _readings(text: str) -> dict[DateOrder, dt.date]:
    return {order: date for order in DateOrder if (date := _try_date(text, order))}


def _try_date(text: str, order: DateOrder) -> dt.date | None:
    try:
        return parse_date(text, order)
    except ValueError:
        return None


def _date(text: str, year: str, month: str, day: str) -> dt.date:
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(f"“{text}” is no day of the calendar") from error
    if not 1900 <= date.year <= 2200:
        raise ValueError(f"“{text}” is outside of the years 1900 to 2200")
    return date
