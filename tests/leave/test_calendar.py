"""What a leave costs. Each example says its arithmetic."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from leave.calendar import (
    ChargedDay,
    DayRule,
    Holiday,
    Portion,
    Reason,
    Unit,
    Week,
    by_year,
    charge_days,
    day_rules,
    days_of,
    plain,
    total,
)

FULL, MORNING, AFTERNOON = Portion.FULL, Portion.MORNING, Portion.AFTERNOON
D = Decimal


def week(*hours: str) -> Week:
    """Return a week of the given hours, Monday first, filled up with days off."""
    return Week(tuple(D(hour) for hour in (*hours, *["0"] * (7 - len(hours)))))


OFFICE = week("8", "8", "8", "8", "8")
#: 4 + 6 hours, Tuesdays and Thursdays.
PART_TIME = week("0", "4", "0", "6", "0")
#: Works at weekends: Friday to Monday.
CLUB = week("10", "0", "0", "0", "6", "9", "9")
UNEVEN = week("7.25", "7.25", "7.25", "7.25", "5")

GERMANY = {
    dt.date(2026, 4, 3): Holiday("Good Friday"),
    dt.date(2026, 4, 6): Holiday("Easter Monday"),
    dt.date(2026, 5, 1): Holiday("Labour Day"),
    dt.date(2026, 10, 3): Holiday("German Unity Day"),
    dt.date(2026, 12, 24): Holiday("Christmas Eve", AFTERNOON),
    dt.date(2026, 12, 25): Holiday("Christmas Day"),
    dt.date(2026, 12, 31): Holiday("New Year's Eve", AFTERNOON),
    dt.date(2027, 1, 1): Holiday("New Year's Day"),
}
NEW_YEAR_ONLY = {dt.date(2027, 1, 1): Holiday("New Year's Day")}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def charges(
    first: str,
    last: str,
    *,
    of: Week | list[Week] = OFFICE,
    holidays=None,
    first_portion: Portion = FULL,
    last_portion: Portion = FULL,
    unit: Unit = Unit.DAYS,
    counts_calendar_days: bool = False,
) -> tuple[ChargedDay, ...]:
    weeks = of if isinstance(of, list) else [of]
    rules = day_rules(day(first), day(last), weeks, holidays or {})
    return charge_days(
        rules,
        first_on=day(first),
        last_on=day(last),
        first_portion=first_portion,
        last_portion=last_portion,
        unit=unit,
        counts_calendar_days=counts_calendar_days,
    )


HOURS = {"unit": Unit.HOURS}
CALENDAR_DAYS = {"counts_calendar_days": True}

EXAMPLES = [
    # (what, arithmetic, first, last, options, expected)
    ("a Monday", "1", "2026-06-08", "2026-06-08", {}, "1"),
    ("Monday to Friday", "5 x 1", "2026-06-08", "2026-06-12", {}, "5"),
    ("Friday to Monday", "1 + 0 + 0 + 1", "2026-06-12", "2026-06-15", {}, "2"),
    ("Saturday and Sunday", "0 + 0", "2026-06-13", "2026-06-14", {}, "0"),
    ("two weeks", "5 + 0 + 5", "2026-06-08", "2026-06-19", {}, "10"),
    (
        "over New Year, 1 January off",
        "4 (28 to 31 Dec) + 0 (1 Jan) + 0 (weekend) + 5 (4 to 8 Jan)",
        "2026-12-28",
        "2027-01-08",
        {"holidays": NEW_YEAR_ONLY},
        "9",
    ),
    (
        "Monday a holiday and Tuesday morning off",
        "0 + ½",
        "2026-06-08",
        "2026-06-09",
        {
            "holidays": {
                dt.date(2026, 6, 8): Holiday("Founders' day"),
                dt.date(2026, 6, 9): Holiday("Town fair", MORNING),
            }
        },
        "0.5",
    ),
    (
        "Christmas week, the 24th a half and the 25th a full holiday",
        "1 + 1 + 1 + ½ + 0",
        "2026-12-21",
        "2026-12-25",
        {"holidays": GERMANY},
        "3.5",
    ),
    (
        "Christmas week and the Monday after",
        "1 + 1 + 1 + ½ + 0 + 0 + 0 + 1",
        "2026-12-21",
        "2026-12-28",
        {"holidays": GERMANY},
        "4.5",
    ),
    (
        "Easter, Thursday to Tuesday",
        "1 + 0 (Fri) + 0 + 0 + 0 (Mon) + 1",
        "2026-04-02",
        "2026-04-07",
        {"holidays": GERMANY},
        "2",
    ),
    (
        "a holiday on a Saturday changes nothing",
        "1 (Fri) + 0 + 0 + 1 (Mon)",
        "2026-10-02",
        "2026-10-05",
        {"holidays": GERMANY},
        "2",
    ),
    (
        "one morning",
        "½",
        "2026-06-09",
        "2026-06-09",
        {"first_portion": MORNING},
        "0.5",
    ),
    (
        "one afternoon, said by both ends",
        "½",
        "2026-06-09",
        "2026-06-09",
        {"first_portion": AFTERNOON, "last_portion": AFTERNOON},
        "0.5",
    ),
    (
        "one morning, said by the last end alone",
        "½",
        "2026-06-09",
        "2026-06-09",
        {"last_portion": MORNING},
        "0.5",
    ),
    (
        "from Monday midday to Wednesday midday",
        "½ + 1 + ½",
        "2026-06-08",
        "2026-06-10",
        {"first_portion": AFTERNOON, "last_portion": MORNING},
        "2",
    ),
    (
        "from Friday midday over the weekend to Monday",
        "½ + 0 + 0 + 1",
        "2026-06-12",
        "2026-06-15",
        {"first_portion": AFTERNOON},
        "1.5",
    ),
    (
        "the morning of a day whose afternoon is off",
        "½ (all that is worked)",
        "2026-12-24",
        "2026-12-24",
        {"holidays": GERMANY, "first_portion": MORNING},
        "0.5",
    ),
    (
        "the whole of a day whose afternoon is off",
        "½",
        "2026-12-24",
        "2026-12-24",
        {"holidays": GERMANY},
        "0.5",
    ),
    (
        "a part-time week of Tuesday and Thursday",
        "0 + 1 + 0 + 1 + 0",
        "2026-06-08",
        "2026-06-12",
        {"of": PART_TIME},
        "2",
    ),
    (
        "a part-time week in hours",
        "4 + 6",
        "2026-06-08",
        "2026-06-12",
        {"of": PART_TIME, **HOURS},
        "10",
    ),
    (
        "an office week in hours",
        "5 x 8",
        "2026-06-08",
        "2026-06-12",
        HOURS,
        "40",
    ),
    (
        "an afternoon in hours",
        "8 ÷ 2",
        "2026-06-08",
        "2026-06-08",
        {"first_portion": AFTERNOON, **HOURS},
        "4",
    ),
    (
        "a morning of 7 ¼ hours",
        "7.25 ÷ 2",
        "2026-06-08",
        "2026-06-08",
        {"of": UNEVEN, "first_portion": MORNING, **HOURS},
        "3.625",
    ),
    (
        "Christmas week in hours of an uneven week",
        "7.25 + 7.25 + 7.25 + 7.25 ÷ 2 + 0",
        "2026-12-21",
        "2026-12-25",
        {"of": UNEVEN, "holidays": GERMANY, **HOURS},
        "25.375",
    ),
    (
        "a club's weekend, whose week is Friday to Monday",
        "6 h, 9 h, 9 h, 10 h are four days",
        "2026-06-12",
        "2026-06-15",
        {"of": CLUB},
        "4",
    ),
    (
        "a club's weekend in hours",
        "6 + 9 + 9 + 10",
        "2026-06-12",
        "2026-06-15",
        {"of": CLUB, **HOURS},
        "34",
    ),
    (
        "a holiday on a Saturday that is worked",
        "1 (Fri) + 0 (Sat) + 1 (Sun) + 1 (Mon)",
        "2026-10-02",
        "2026-10-05",
        {"of": CLUB, "holidays": GERMANY},
        "3",
    ),
    (
        "two calendar weeks",
        "14 x 1, weekends as well",
        "2026-06-08",
        "2026-06-21",
        CALENDAR_DAYS,
        "14",
    ),
    (
        "calendar days over Christmas",
        "5 x 1, holidays as well",
        "2026-12-21",
        "2026-12-25",
        {"holidays": GERMANY, **CALENDAR_DAYS},
        "5",
    ),
    (
        "half a calendar day on a Sunday",
        "½",
        "2026-06-14",
        "2026-06-14",
        {"first_portion": MORNING, **CALENDAR_DAYS},
        "0.5",
    ),
    (
        "29 February of a leap year",
        "1 (Mon 28 Feb is 2028's Monday) + 1 (Tue 29 Feb) + 1 (Wed 1 Mar)",
        "2028-02-28",
        "2028-03-01",
        {},
        "3",
    ),
    (
        "a week that becomes part time on Wednesday",
        "1 + 1 (full time) + 0 + 1 + 0 (part time)",
        "2026-06-08",
        "2026-06-12",
        {"of": [OFFICE, Week(PART_TIME.hours, dt.date(2026, 6, 10))]},
        "3",
    ),
    (
        "the night that summer time begins is a day like any other",
        "1 (Fri) + 0 + 0 + 1 (Mon)",
        "2026-03-27",
        "2026-03-30",
        {},
        "2",
    ),
]


@pytest.mark.parametrize(
    ("first", "last", "options", "expected"),
    [example[2:] for example in EXAMPLES],
    ids=[f"{what}: {sum_} = {example[-1]}" for what, sum_, *example in EXAMPLES],
)
def test_leave_costs(first, last, options, expected):
    assert total(charges(first, last, **options)) == D(expected)


def test_leave_over_new_year_charges_4_to_the_old_and_5_to_the_new():
    days = charges("2026-12-28", "2027-01-08", holidays=NEW_YEAR_ONLY)

    assert by_year(days) == {2026: 4, 2027: 5}


def test_hours_over_new_year_are_charged_by_year_too():
    # 31 December is a half (8 ÷ 2), 1 January off, 4 January a Monday of 8.
    days = charges("2026-12-31", "2027-01-04", holidays=GERMANY, unit=Unit.HOURS)

    assert by_year(days) == {2026: 4, 2027: 8}


def test_a_year_without_a_charge_is_not_mentioned():
    days = charges("2026-12-31", "2027-01-03", holidays=NEW_YEAR_ONLY)

    assert by_year(days) == {2026: 1}


def test_every_day_says_what_it_costs_and_why():
    days = charges("2026-12-23", "2026-12-28", holidays=GERMANY)

    assert [(charged.on.day, charged.charge, charged.words) for charged in days] == [
        (23, 1, "Working day"),
        (24, D("0.5"), "Afternoon off: Christmas Eve"),
        (25, 0, "Holiday: Christmas Day"),
        (26, 0, "Weekend"),
        (27, 0, "Weekend"),
        (28, 1, "Working day"),
    ]


def test_a_free_weekday_of_a_part_timer_is_no_weekend():
    (monday,) = charges("2026-06-08", "2026-06-08", of=PART_TIME)

    assert monday.reason == Reason.DAY_OFF
    assert monday.words == "No working day of yours"


def test_a_morning_off_is_said_as_one():
    holidays = {dt.date(2026, 6, 9): Holiday("Town fair", MORNING)}
    (tuesday,) = charges("2026-06-09", "2026-06-09", holidays=holidays)

    assert tuesday.words == "Morning off: Town fair"


def test_calendar_days_say_so():
    (sunday,) = charges("2026-06-14", "2026-06-14", counts_calendar_days=True)

    assert sunday.words == "Calendar day"


@pytest.mark.parametrize(
    ("first", "last", "options", "field", "code", "words"),
    [
        (
            "2026-06-09",
            "2026-06-08",
            {},
            "last_on",
            "end_before_start",
            "The last day, 8 June 2026, lies before the first, 9 June 2026.",
        ),
        (
            "2026-12-25",
            "2026-12-25",
            {"first_portion": MORNING, "holidays": GERMANY},
            "first_portion",
            "half_of_free_day",
            "25 December 2026 has no morning to take: Holiday: Christmas Day.",
        ),
        (
            "2026-12-21",
            "2026-12-25",
            {"last_portion": MORNING, "holidays": GERMANY},
            "last_portion",
            "half_of_free_day",
            "25 December 2026 has no morning to take: Holiday: Christmas Day.",
        ),
        (
            "2026-12-24",
            "2026-12-24",
            {"first_portion": AFTERNOON, "holidays": GERMANY},
            "first_portion",
            "half_of_free_day",
            "24 December 2026 has no afternoon to take: Afternoon off: Christmas Eve.",
        ),
        (
            "2026-06-13",
            "2026-06-13",
            {"first_portion": MORNING},
            "first_portion",
            "half_of_free_day",
            "13 June 2026 has no morning to take: Weekend.",
        ),
        (
            "2026-06-08",
            "2026-06-09",
            {"first_portion": MORNING},
            "first_portion",
            "portions",
            "A leave of several days begins in the morning or at midday.",
        ),
        (
            "2026-06-08",
            "2026-06-09",
            {"last_portion": AFTERNOON},
            "last_portion",
            "portions",
            "A leave of several days ends in the evening or at midday.",
        ),
        (
            "2026-06-08",
            "2026-06-08",
            {"first_portion": AFTERNOON, "last_portion": MORNING},
            "last_portion",
            "portions",
            "A single day is taken whole, in the morning or in the afternoon.",
        ),
        (
            "2026-01-01",
            "2028-01-02",
            {},
            "last_on",
            "too_long",
            "A request spans at most 731 days; this one has 732.",
        ),
    ],
)
def test_refusals_name_the_field_and_the_figures(
    first, last, options, field, code, words
):
    options = dict(options)
    begin, end = sorted([day(first), day(last)])
    rules = day_rules(begin, end, [OFFICE], options.pop("holidays", {}))

    with pytest.raises(ValidationError) as refused:
        charge_days(rules, first_on=day(first), last_on=day(last), **options)

    (error,) = refused.value.error_dict[field]
    assert (error.code, error.messages) == (code, [words])


def test_a_span_without_a_week_is_a_mistake_of_the_caller():
    later = Week(OFFICE.hours, dt.date(2026, 6, 9))

    with pytest.raises(ValueError, match="No week holds on 2026-06-08"):
        day_rules(dt.date(2026, 6, 8), dt.date(2026, 6, 9), [later], {})


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("2.500", "2.5"),
        ("10.000", "10"),
        ("0.000", "0"),
        ("-0.50", "-0.5"),
        ("1E+2", "100"),
    ],
)
def test_amounts_are_told_without_needless_zeros(amount, words):
    assert plain(D(amount)) == words


@pytest.mark.parametrize(
    ("one", "other", "do_meet"),
    [
        (FULL, FULL, True),
        (FULL, MORNING, True),
        (MORNING, MORNING, True),
        (MORNING, AFTERNOON, False),
    ],
)
def test_halves_of_one_day_meet_only_in_the_same_half(one, other, do_meet):
    assert one.meets(other) is do_meet
    assert other.meets(one) is do_meet


# --- Properties -----------------------------------------------------------------------

BEGIN = dt.date(2026, 11, 1)
spans = st.tuples(st.integers(0, 120), st.integers(0, 60)).map(
    lambda numbers: (
        BEGIN + dt.timedelta(days=numbers[0]),
        BEGIN + dt.timedelta(days=numbers[0] + numbers[1]),
    )
)
weeks = st.lists(
    st.sampled_from([D(0), D(4), D("7.25"), D(8), D("9.5")]), min_size=7, max_size=7
).map(lambda hours: Week(tuple(hours)))
some_holidays = st.dictionaries(
    st.integers(0, 180).map(lambda number: BEGIN + dt.timedelta(days=number)),
    st.sampled_from(Portion).map(lambda portion: Holiday("A holiday", portion)),
    max_size=20,
)
units = st.sampled_from(Unit)


def whole(first, last, of, holidays, unit, **options):
    rules = day_rules(first, last, [of], holidays)
    return charge_days(rules, first_on=first, last_on=last, unit=unit, **options)


@given(spans, weeks, some_holidays, units, st.booleans())
def test_the_years_add_up_to_the_whole(span, of, holidays, unit, counts_calendar_days):
    days = whole(*span, of, holidays, unit, counts_calendar_days=counts_calendar_days)

    assert sum(by_year(days).values()) == total(days)
    assert [charged.on for charged in days] == list(days_of(*span))


@given(spans, weeks, some_holidays, units, st.data())
def test_a_span_that_is_split_costs_the_same(span, of, holidays, unit, data):
    first, last = span
    cut = first + dt.timedelta(days=data.draw(st.integers(0, (last - first).days)))
    together = total(whole(first, last, of, holidays, unit))

    after = cut + dt.timedelta(days=1)
    parts = total(whole(first, cut, of, holidays, unit))
    if after <= last:
        parts += total(whole(after, last, of, holidays, unit))

    assert parts == together


@given(spans, weeks, some_holidays, units)
def test_a_longer_leave_never_costs_less(span, of, holidays, unit):
    first, last = span
    shorter = total(whole(first, last, of, holidays, unit))
    longer = total(whole(first, last + dt.timedelta(days=1), of, holidays, unit))

    assert longer >= shorter


@given(spans, weeks, some_holidays, units)
def test_a_holiday_more_never_costs_more(span, of, holidays, unit):
    first, last = span
    with_one_more = {**holidays, first: Holiday("One more")}

    assert total(whole(first, last, of, with_one_more, unit)) <= total(
        whole(first, last, of, holidays, unit)
    )


@given(
    st.sampled_from([D(4), D("7.25"), D(8)]), st.sampled_from([None, *Portion]), units
)
def test_two_halves_cost_what_the_whole_day_costs(hours, off, unit):
    on = dt.date(2026, 6, 8)
    rules = {on: DayRule(hours, Holiday("A holiday", off) if off else None)}

    def cost(portion: Portion) -> Decimal:
        try:
            days = charge_days(
                rules, first_on=on, last_on=on, first_portion=portion, unit=unit
            )
        except ValidationError:  # a half that is free cannot be taken
            return D(0)
        return total(days)

    assert cost(MORNING) + cost(AFTERNOON) == cost(FULL)


@given(spans, weeks, some_holidays)
def test_days_never_cost_more_than_one_and_hours_never_more_than_planned(
    span, of, holidays
):
    for charged in whole(*span, of, holidays, Unit.DAYS):
        assert 0 <= charged.charge <= 1
    for charged in whole(*span, of, holidays, Unit.HOURS):
        assert 0 <= charged.charge <= of.hours_on(charged.on)
