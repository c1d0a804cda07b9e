"""Worked examples of days, each with its arithmetic, and what always holds."""

import datetime as dt
import random
from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.schedule import NO_TIME, Hours, Shift, shift_on
from attendance.sessions import in_order
from attendance.timesheet import (
    DayResult,
    Direction,
    Employment,
    Status,
    TimedPunch,
    Warn,
    compute_day,
    sessions_by_day,
)
from leave.calendar import Holiday, Portion

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = dt.date(2026, 11, 2)
LATER = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
EMPLOYED = Employment(dt.date(2020, 1, 1))
OFFICE = ("09:00", "17:30", 30)  # 8:30 - 0:30 = 8:00 to work
NIGHT = ("22:00", "06:00", 0)  # 8:00 to work
CHRISTMAS = Holiday("Christmas Day")
CHRISTMAS_EVE = Holiday("Christmas Eve", Portion.AFTERNOON)


def punch(on: dt.date, text: str, zone: ZoneInfo) -> TimedPunch:
    """Read "out 06:00 +1": the next day; "out 01:30 again": the doubled hour."""
    direction, time, *more = text.split()
    day = on + dt.timedelta(days=next((int(m) for m in more if m != "again"), 0))
    local = dt.datetime.combine(day, dt.time.fromisoformat(time), zone)
    at = local.replace(fold=int("again" in more)).astimezone(dt.UTC)
    return TimedPunch(at, Direction(direction))


def compute(
    *texts: str,
    on: dt.date = MONDAY,
    hours: tuple[str, str, int] | None = OFFICE,
    zone: ZoneInfo = BERLIN,
    now: dt.datetime = LATER,
    leave: Sequence[Portion] = (),
    holiday: Holiday | None = None,
    employment: Employment = EMPLOYED,
    day: int = 0,
) -> DayResult:
    """Compute ``on`` (or ``day`` days later) from punches told relative to ``on``."""
    pattern = {}
    if hours:
        starts, ends = (dt.time.fromisoformat(text) for text in hours[:2])
        pattern = dict.fromkeys(range(7), Hours(starts, ends, hours[2]))

    def shift_of(date: dt.date) -> Shift | None:
        return shift_on(pattern, date, zone)

    wanted = on + dt.timedelta(days=day)
    days = sessions_by_day([punch(on, text, zone) for text in texts], shift_of, zone)
    return compute_day(
        wanted,
        days.get(wanted, ()),
        shift=shift_of(wanted),
        leave=leave,
        holiday=holiday,
        employment=employment,
        now=now,
    )


def figures(result: DayResult) -> tuple[str, int, int, int, int]:
    """Return status, and worked, break, required and late minutes."""
    return (
        result.status.value,
        result.worked_minutes,
        result.break_minutes,
        result.required_minutes,
        result.late_minutes,
    )


def at(text: str, zone: ZoneInfo = BERLIN) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


#: (what it shows, punches, more, status, worked, break, required, late)
EXAMPLES = [
    (
        "a full day: 17:30 - 9:00 - 0:30 = 8:00 of 8:00",
        ["in 09:00", "break_start 12:30", "break_end 13:00", "out 17:30"],
        {},
        ("present", 480, 30, 480, 0),
    ),
    (
        "no break punched, none taken off: 17:30 - 9:00 = 8:30, 0:30 more",
        ["in 09:00", "out 17:30"],
        {},
        ("present", 510, 0, 480, 0),
    ),
    (
        "left early: 15:00 - 9:00 = 6:00 of 8:00",
        ["in 09:00", "out 15:00"],
        {},
        ("partial", 360, 0, 480, 0),
    ),
    (
        "came late: 9:25 - 9:00 = 25 late, 18:00 - 9:25 = 8:35",
        ["in 09:25", "out 18:00"],
        {},
        ("present", 515, 0, 480, 25),
    ),
    (
        "59 seconds late are 0 whole minutes; 8:00:01 of 8:00 worked",
        ["in 09:00:59", "out 17:01"],
        {},
        ("present", 480, 0, 480, 0),
    ),
    (
        "a minute short is partial: 16:59 - 9:00 = 7:59",
        ["in 09:00", "out 16:59"],
        {},
        ("partial", 479, 0, 480, 0),
    ),
    (
        "seconds add up: 2 x 0:00:30 = one minute",
        ["in 09:00", "out 09:00:30", "in 10:00", "out 10:00:30"],
        {},
        ("partial", 1, 0, 480, 0),
    ),
    (
        "lunch outside: 3:30 + 4:30 = 8:00, no break within a session",
        ["in 09:00", "out 12:30", "in 13:00", "out 17:30"],
        {},
        ("present", 480, 0, 480, 0),
    ),
    (
        "two breaks: 0:15 + 0:20 = 0:35, 8:30 - 0:35 = 7:55",
        [
            "in 09:00",
            "break_start 11:00",
            "break_end 11:15",
            "break_start 15:00",
            "break_end 15:20",
            "out 17:30",
        ],
        {},
        ("partial", 475, 35, 480, 0),
    ),
    (
        "no punch after the shift's end: absent, 8:00 missing",
        [],
        {},
        ("absent", 0, 0, 480, 0),
    ),
    (
        "no clock-out: nothing invented, 0:00",
        ["in 09:00"],
        {},
        ("missing_punch", 0, 0, 480, 0),
    ),
    (
        "no clock-in: nothing invented, and not late either",
        ["out 17:30"],
        {},
        ("missing_punch", 0, 0, 480, 0),
    ),
    (
        "no end of the break: 12:00 - 9:00 = 3:00 is known, the rest is not",
        ["in 09:00", "break_start 12:00", "out 17:30"],
        {},
        ("missing_punch", 180, 0, 480, 0),
    ),
    (
        "no start of the break: 17:30 - 13:00 = 4:30 is known, the rest is not",
        ["in 09:00", "break_end 13:00", "out 17:30"],
        {},
        ("missing_punch", 270, 0, 480, 0),
    ),
    (
        "clocked in twice: the second session counts, 17:30 - 13:00 = 4:30",
        ["in 09:00", "in 13:00", "out 17:30"],
        {},
        ("missing_punch", 270, 0, 480, 0),
    ),
    (
        "only the break was punched: 0:30 break, no work known",
        ["break_start 12:00", "break_end 12:30"],
        {},
        ("missing_punch", 0, 30, 480, 0),
    ),
    (
        "a night in winter: 22:00 → 06:00 = 8:00",
        ["in 22:00", "out 06:00 +1"],
        {"hours": NIGHT},
        ("present", 480, 0, 480, 0),
    ),
    (
        "Berlin, clocks forward on 2026-03-29: 22:00 → 06:00 = 7:00 of 7:00",
        ["in 22:00", "out 06:00 +1"],
        {"hours": NIGHT, "on": dt.date(2026, 3, 28)},
        ("present", 420, 0, 420, 0),
    ),
    (
        "Berlin, clocks back on 2026-10-25: 22:00 → 06:00 = 9:00 of 9:00",
        ["in 22:00", "out 06:00 +1"],
        {"hours": NIGHT, "on": dt.date(2026, 10, 24)},
        ("present", 540, 0, 540, 0),
    ),
    (
        "New York, doubled hour of 2026-11-01: 00:30 → the first 01:30 = 1:00",
        ["in 00:30", "out 01:30"],
        {"hours": None, "on": dt.date(2026, 11, 1), "zone": NEW_YORK},
        ("present", 60, 0, 0, 0),
    ),
    (
        "New York, doubled hour of 2026-11-01: 00:30 → the second 01:30 = 2:00",
        ["in 00:30", "out 01:30 again"],
        {"hours": None, "on": dt.date(2026, 11, 1), "zone": NEW_YORK},
        ("present", 120, 0, 0, 0),
    ),
    (
        "New York, inside the doubled hour: 01:50 → 01:10 again = 0:20",
        ["in 01:50", "out 01:10 again"],
        {"hours": None, "on": dt.date(2026, 11, 1), "zone": NEW_YORK},
        ("present", 20, 0, 0, 0),
    ),
    (
        "over a month's end: 30 November 22:00 → 1 December 06:00, all in November",
        ["in 22:00", "out 06:00 +1"],
        {"hours": NIGHT, "on": dt.date(2026, 11, 30)},
        ("present", 480, 0, 480, 0),
    ),
    (
        "and nothing of it in December: only that night's own shift, not worked",
        ["in 22:00", "out 06:00 +1"],
        {"hours": NIGHT, "on": dt.date(2026, 11, 30), "day": 1},
        ("absent", 0, 0, 480, 0),
    ),
    (
        "over midnight without a shift: 20:00 → 01:30 = 5:30 on the first date",
        ["in 20:00", "out 01:30 +1"],
        {"hours": None},
        ("present", 330, 0, 0, 0),
    ),
    (
        "late for the night, after midnight: 150 late, 06:00 - 00:30 = 5:30",
        ["in 00:30 +1", "out 06:00 +1"],
        {"hours": NIGHT},
        ("partial", 330, 0, 480, 150),
    ),
    (
        "early for a shift at midnight: 23:50 → 08:00 = 8:10 on the shift's date",
        ["in 23:50", "out 08:00 +1"],
        {"hours": ("00:00", "08:00", 0), "day": 1},
        ("present", 490, 0, 480, 0),
    ),
    (
        "a clock-out after the night whose clock-in is missing is the night's",
        ["out 06:10 +1"],
        {"hours": NIGHT},
        ("missing_punch", 0, 0, 480, 0),
    ),
    (
        "24 hours on duty: 8:00 → 8:00 = 24:00",
        ["in 08:00", "out 08:00 +1"],
        {"hours": ("08:00", "08:00", 0)},
        ("present", 1440, 0, 1440, 0),
    ),
    (
        "16 hours open and no more: the clock-out next morning is another's",
        ["in 09:00", "out 01:30 +1"],
        {},
        ("missing_punch", 0, 0, 480, 0),
    ),
    (
        "leave all day: nothing required",
        [],
        {"leave": [Portion.FULL]},
        ("leave", 0, 0, 0, 0),
    ),
    (
        "two halves of leave are a day of leave",
        [],
        {"leave": [Portion.MORNING, Portion.AFTERNOON]},
        ("leave", 0, 0, 0, 0),
    ),
    (
        "morning off: 8:00 ÷ 2 = 4:00, due 9:00 + 4:15 = 13:15, so 5 late",
        ["in 13:20", "out 17:30"],
        {"leave": [Portion.MORNING]},
        ("present", 250, 0, 240, 5),
    ),
    (
        "afternoon off: 13:00 - 9:00 = 4:00 of 8:00 ÷ 2",
        ["in 09:00", "out 13:00"],
        {"leave": [Portion.AFTERNOON]},
        ("present", 240, 0, 240, 0),
    ),
    (
        "morning off and did not come in the afternoon: absent from 4:00",
        [],
        {"leave": [Portion.MORNING]},
        ("absent", 0, 0, 240, 0),
    ),
    (
        "a holiday: nothing required",
        [],
        {"holiday": CHRISTMAS},
        ("holiday", 0, 0, 0, 0),
    ),
    (
        "half a holiday: 13:00 - 9:00 = 4:00 of 8:00 ÷ 2",
        ["in 09:00", "out 13:00"],
        {"holiday": CHRISTMAS_EVE},
        ("present", 240, 0, 240, 0),
    ),
    (
        "the other half of half a holiday taken as leave",
        [],
        {"holiday": CHRISTMAS_EVE, "leave": [Portion.MORNING]},
        ("leave", 0, 0, 0, 0),
    ),
    (
        "worked on a holiday: 12:00 - 10:00 = 2:00 more than required",
        ["in 10:00", "out 12:00"],
        {"holiday": CHRISTMAS},
        ("present", 120, 0, 0, 0),
    ),
    ("a free day", [], {"hours": None}, ("off", 0, 0, 0, 0)),
    (
        "leave that counts calendar days, on a free day",
        [],
        {"hours": None, "leave": [Portion.FULL]},
        ("leave", 0, 0, 0, 0),
    ),
    (
        "before the employment",
        [],
        {"employment": Employment(MONDAY + dt.timedelta(days=1))},
        ("not_employed", 0, 0, 0, 0),
    ),
    (
        "the first and last day of an employment is a day like any other",
        [],
        {"employment": Employment(MONDAY, MONDAY)},
        ("absent", 0, 0, 480, 0),
    ),
    (
        "after the employment, but at work: 1:00, and nothing required",
        ["in 09:00", "out 10:00"],
        {"employment": Employment(dt.date(2020, 1, 1), dt.date(2026, 11, 1))},
        ("not_employed", 60, 0, 0, 0),
    ),
    (
        "the shift has not ended: expected, not absent",
        [],
        {"now": at("2026-11-02T17:29:59")},
        ("expected", 0, 0, 480, 0),
    ),
    (
        "the shift has just ended: absent",
        [],
        {"now": at("2026-11-02T17:30")},
        ("absent", 0, 0, 480, 0),
    ),
    (
        "17:30 in Berlin, but 11:30 where the person works: expected",
        [],
        {"now": at("2026-11-02T17:30"), "zone": NEW_YORK},
        ("expected", 0, 0, 480, 0),
    ),
    (
        "clocked in and still there: present, with what is complete (none)",
        ["in 09:00"],
        {"now": at("2026-11-02T11:00")},
        ("present", 0, 0, 480, 0),
    ),
    (
        "clocked in and on a break: 12:00 - 9:00 = 3:00 so far",
        ["in 09:00", "break_start 12:00"],
        {"now": at("2026-11-02T12:10")},
        ("present", 180, 0, 480, 0),
    ),
    (
        "two punches of one minute: a break of none takes nothing away",
        ["in 09:00", "break_end 12:00", "break_start 12:00", "out 17:30"],
        {},
        ("present", 510, 0, 480, 0),
    ),
    (
        "left and came back in one minute: 3:00 + 5:30 = 8:30",
        ["in 09:00", "in 12:00", "out 12:00", "out 17:30"],
        {},
        ("present", 510, 0, 480, 0),
    ),
]


@pytest.mark.parametrize(
    ("punches", "more", "expected"),
    [example[1:] for example in EXAMPLES],
    ids=[example[0] for example in EXAMPLES],
)
def test_example(punches, more, expected):
    assert figures(compute(*punches, **more)) == expected


@pytest.mark.parametrize(
    ("punches", "more", "warnings"),
    [
        (["in 09:00", "out 17:30"], {}, ()),
        (["in 09:00"], {}, (Warn.NO_CLOCK_OUT,)),
        (["in 09:00"], {"now": at("2026-11-02T10:00")}, ()),
        (["out 17:30"], {}, (Warn.NO_CLOCK_IN,)),
        (["in 09:00", "break_start 12:00", "out 17:00"], {}, (Warn.NO_BREAK_END,)),
        (["in 09:00", "break_end 12:00", "out 17:00"], {}, (Warn.NO_BREAK_START,)),
        (
            ["break_start 12:00"],
            {},
            (Warn.NO_CLOCK_IN, Warn.NO_CLOCK_OUT),
        ),
        (["in 09:00", "out 10:00"], {"holiday": CHRISTMAS}, (Warn.ON_HOLIDAY,)),
        (["in 09:00", "out 10:00"], {"leave": [Portion.FULL]}, (Warn.ON_LEAVE,)),
        (["in 09:00", "out 13:00"], {"leave": [Portion.AFTERNOON]}, ()),
        (
            ["in 09:00", "out 10:00"],
            {"employment": Employment(dt.date(2027, 1, 1))},
            (Warn.NOT_EMPLOYED,),
        ),
    ],
)
def test_what_somebody_should_look_at_is_named(punches, more, warnings):
    assert compute(*punches, **more).warnings == warnings


def test_the_difference_is_negative_when_less_was_worked():
    assert compute("in 09:00", "out 15:00").difference_minutes == -120


def test_the_time_until_now_counts_the_running_session():
    now = at("2026-11-02T11:30")
    result = compute("in 09:00", "out 10:00", "in 10:30", now=now)

    assert result.worked_until(now) == dt.timedelta(hours=2)  # 1:00 + 1:00 so far
    session = result.open_session(now)
    assert session is not None
    assert session.clock_in == punch(MONDAY, "in 10:30", BERLIN)


def test_the_time_until_now_stands_still_on_a_break():
    now = at("2026-11-02T12:40")
    result = compute("in 09:00", "break_start 12:00", now=now)

    assert result.worked_until(now) == dt.timedelta(hours=3)
    session = result.open_session(now)
    assert session is not None
    assert session.is_on_break(now)


def test_a_forgotten_clock_out_is_missing_from_the_next_clock_in_on():
    now = at("2026-11-02T13:30")
    result = compute("in 09:00", "in 13:00", now=now)

    assert result.status == Status.MISSING_PUNCH
    assert [session.is_open(now) for session in result.sessions] == [False, True]


def test_a_session_is_open_for_sixteen_hours_and_no_longer():
    still = compute("in 09:00", now=at("2026-11-03T00:59:59"))
    no_more = compute("in 09:00", now=at("2026-11-03T01:00"))

    assert still.status == Status.PRESENT
    assert no_more.status == Status.MISSING_PUNCH


# --- What always holds ----------------------------------------------------------------

MOMENTS = st.integers(-2 * 24 * 60, 3 * 24 * 60).map(
    lambda minutes: (
        dt.datetime(2026, 10, 24, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    )
)
PUNCHES = st.lists(
    st.tuples(MOMENTS, st.sampled_from(list(Direction))), unique=True, max_size=14
).map(lambda pairs: [TimedPunch(at, direction) for at, direction in pairs])
PATTERNS = st.dictionaries(
    st.integers(0, 6),
    st.builds(
        Hours,
        st.times().map(lambda time: time.replace(microsecond=0)),
        st.times().map(lambda time: time.replace(microsecond=0)),
        st.integers(0, 90),
    ),
)
ZONES = st.sampled_from([BERLIN, NEW_YORK, ZoneInfo("Asia/Kathmandu")])
PORTIONS = st.lists(st.sampled_from(list(Portion)), max_size=2)


def _results(punches, pattern, zone, leave=(), now=LATER) -> dict[dt.date, DayResult]:
    def shift_of(date: dt.date) -> Shift | None:
        return shift_on(pattern, date, zone)

    days = sessions_by_day(punches, shift_of, zone)
    return {
        on: compute_day(
            on,
            sessions,
            shift=shift_of(on),
            leave=leave,
            employment=EMPLOYED,
            now=now,
        )
        for on, sessions in days.items()
    }


@given(PUNCHES, PATTERNS, ZONES, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(punches, pattern, zone, chance):
    shuffled = list(punches)
    chance.shuffle(shuffled)

    assert _results(shuffled, pattern, zone) == _results(punches, pattern, zone)


@given(PUNCHES, PATTERNS, ZONES)
def test_every_punch_belongs_to_exactly_one_session(punches, pattern, zone):
    results = _results(punches, pattern, zone)

    kept = [
        punch
        for result in results.values()
        for session in result.sessions
        for punch in session.punches
    ]
    by_name = [(punch.at, punch.direction.value) for punch in kept]
    assert sorted(by_name) == sorted(
        (punch.at, punch.direction.value) for punch in punches
    )


@given(PUNCHES, PATTERNS, ZONES, PORTIONS, MOMENTS)
def test_times_are_never_negative_and_days_are_sums_of_their_sessions(
    punches, pattern, zone, leave, now
):
    for result in _results(punches, pattern, zone, leave, now).values():
        spans = [
            session.punches[-1].at - session.punches[0].at
            for session in result.sessions
        ]
        assert min(result.worked, result.break_time, result.late) >= NO_TIME
        assert result.worked == sum((s.worked for s in result.sessions), NO_TIME)
        assert result.worked + result.break_time <= sum(spans, NO_TIME)
        assert result.worked_until(now) >= result.worked


@given(PUNCHES, PATTERNS, ZONES)
def test_sessions_of_all_days_never_overlap(punches, pattern, zone):
    results = _results(punches, pattern, zone)
    spans = sorted(
        (session.punches[0].at, session.punches[-1].at)
        for result in results.values()
        for session in result.sessions
    )

    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(PUNCHES, PATTERNS, ZONES)
def test_a_day_computes_the_same_from_a_window_of_days_around_it(
    punches, pattern, zone
):
    """Recomputing a day reads the punches of three days to each side, no more."""
    for on, result in _results(punches, pattern, zone).items():
        middle = dt.datetime.combine(on, dt.time(12), zone)
        near = [p for p in punches if abs(p.at - middle) <= dt.timedelta(days=4)]
        assert _results(near, pattern, zone)[on] == result


def test_punches_of_one_moment_are_ordered_alike_however_they_come():
    first = TimedPunch(LATER, Direction.IN)
    tied = [TimedPunch(LATER, direction) for direction in Direction]
    expected = in_order([first, *tied])

    for seed in range(20):
        shuffled = [first, *tied]
        random.Random(seed).shuffle(shuffled)
        assert in_order(shuffled) == expected
