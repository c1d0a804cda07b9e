import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.schedule import NO_TIME, Hours, moment, shift_on

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = dt.date(2026, 11, 2)


def every_day(starts: str, ends: str, break_minutes: int = 0) -> dict[int, Hours]:
    hours = Hours(
        dt.time.fromisoformat(starts), dt.time.fromisoformat(ends), break_minutes
    )
    return dict.fromkeys(range(7), hours)


def hours_of(time: dt.timedelta) -> float:
    return time / dt.timedelta(hours=1)


def test_a_weekday_without_hours_is_free():
    pattern = {0: Hours(dt.time(9), dt.time(17))}

    assert shift_on(pattern, MONDAY, BERLIN) is not None
    assert shift_on(pattern, MONDAY + dt.timedelta(days=1), BERLIN) is None


def test_a_shift_is_told_in_utc_for_the_zone_where_the_person_works():
    shift = shift_on(every_day("09:00", "17:30", 30), MONDAY, BERLIN)

    assert shift is not None
    assert shift.starts_at == dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC)
    assert shift.ends_at == dt.datetime(2026, 11, 2, 16, 30, tzinfo=dt.UTC)
    assert shift.required == dt.timedelta(hours=8)  # 8:30 - 0:30
    assert shift.middle_at == dt.datetime(2026, 11, 2, 12, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (dt.date(2026, 3, 27), 8),  # 22:00+01 → 06:00+01
        (dt.date(2026, 3, 28), 7),  # 22:00+01 = 21:00Z → 06:00+02 = 04:00Z
        (dt.date(2026, 10, 24), 9),  # 22:00+02 = 20:00Z → 06:00+01 = 05:00Z
    ],
)
def test_a_night_is_as_long_as_the_clocks_make_it(on, expected):
    shift = shift_on(every_day("22:00", "06:00"), on, BERLIN)

    assert shift is not None
    assert shift.on == on
    assert hours_of(shift.length) == expected


def test_hours_that_end_when_they_start_last_a_day():
    shift = shift_on(every_day("08:00", "08:00"), MONDAY, BERLIN)

    assert shift is not None
    assert hours_of(shift.length) == 24


def test_a_doubled_hour_is_its_first_one():
    # 2026-11-01 in New York: 01:30-04 = 05:30Z comes before 01:30-05 = 06:30Z.
    at = moment(dt.date(2026, 11, 1), dt.time(1, 30), NEW_YORK)

    assert at == dt.datetime(2026, 11, 1, 5, 30, tzinfo=dt.UTC)


def test_a_doubled_hour_is_its_first_one_even_when_the_second_is_asked():
    at = moment(dt.date(2026, 11, 1), dt.time(1, 30, fold=1), NEW_YORK)

    assert at == dt.datetime(2026, 11, 1, 5, 30, tzinfo=dt.UTC)


def test_a_skipped_time_is_as_much_later_as_the_clocks_jump():
    # 2026-03-29 in Berlin: 02:30 does not exist; 02:30+01 = 01:30Z, shown as 03:30.
    at = moment(dt.date(2026, 3, 29), dt.time(2, 30), BERLIN)

    assert at == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    assert at.astimezone(BERLIN).time() == dt.time(3, 30)


def test_a_shift_whose_start_is_skipped_past_its_end_has_no_length():
    # 02:15 is skipped to 03:15+02 = 01:15Z; 03:00+02 = 01:00Z lies before it.
    shift = shift_on(every_day("02:15", "03:00"), dt.date(2026, 3, 29), BERLIN)

    assert shift is not None
    assert shift.length == NO_TIME
    assert shift.required == NO_TIME


def test_a_break_longer_than_the_shift_leaves_nothing_to_work():
    shift = shift_on(every_day("09:00", "09:30", 45), MONDAY, BERLIN)

    assert shift is not None
    assert shift.required == NO_TIME


@given(
    on=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)),
    starts=st.times(),
    ends=st.times(),
    break_minutes=st.integers(0, 600),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_every_shift_lasts_up_to_a_day_and_an_hour(
    on, starts, ends, break_minutes, zone
):
    pattern = {on.weekday(): Hours(starts, ends, break_minutes)}
    shift = shift_on(pattern, on, ZoneInfo(zone))

    assert shift is not None
    assert NO_TIME <= shift.length <= dt.timedelta(hours=25)
    assert NO_TIME <= shift.required <= shift.length
    assert shift.starts_at <= shift.middle_at <= shift.ends_at
