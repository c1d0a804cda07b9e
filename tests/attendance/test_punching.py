import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, connection, transaction

from attendance.models import AttendanceDay, OpenSession, Punch
from attendance.services import (
    NewPunch,
    clock_in,
    clock_out,
    end_break,
    record_punch,
    record_punches,
    start_break,
    void_punch,
)
from tests.attendance.conftest import (
    BERLIN,
    MONDAY,
    at,
    codes_of,
    day_of,
    press,
    result_of,
)
from tests.factories import EmployeeFactory
from tests.factories.attendance import PunchFactory

pytestmark = pytest.mark.django_db

IN, OUT = Punch.Direction.IN, Punch.Direction.OUT


def code_of(error: pytest.ExceptionInfo[ValidationError]) -> str | None:
    [code] = codes_of(error.value)
    return code


def test_a_day_is_clocked_in_paused_and_clocked_out(employee):
    for moment, action in (
        ("09:00", clock_in),
        ("12:30", start_break),
        ("13:00", end_break),
        ("17:30", clock_out),
    ):
        with time_machine.travel(at(moment), tick=False):
            action(employee)

    day = day_of(employee)
    assert day is not None
    assert (day.status, day.worked_minutes, day.break_minutes) == ("present", 480, 30)
    assert (day.first_in_at, day.last_out_at) == (at("09:00"), at("17:30"))
    assert not OpenSession.objects.exists()


def test_each_press_tells_one_event_of_its_kind_and_that_the_day_changed(
    employee, told
):
    with time_machine.travel(at("09:00"), tick=False):
        punch = clock_in(employee)

    assert [
        (each.type, each.subject_id) for each in told if each.subject_id == punch.pk
    ] == [("attendance.checked_in", punch.pk)]
    assert sorted(each.type for each in told) == [
        "attendance.checked_in",
        "attendance_day.changed",
    ]


@pytest.mark.parametrize(
    ("direction", "event_type"),
    [
        ("in", "attendance.checked_in"),
        ("out", "attendance.checked_out"),
        ("break_start", "attendance.break_started"),
        ("break_end", "attendance.break_ended"),
    ],
)
def test_a_punch_speaks_by_its_direction_however_it_is_written(
    employee, told, direction, event_type
):
    PunchFactory(employee=employee, direction=direction)
    Punch.objects.bulk_create(
        [
            PunchFactory.build(
                employee=employee,
                organization=employee.organization,
                direction=direction,
                punched_at=at("10:00"),
            )
        ]
    )

    punched = [each.type for each in told if each.subject_type == "punch"]
    assert punched == [event_type, event_type]


def test_a_punch_written_by_hand_computes_its_day(employee):
    PunchFactory(employee=employee)
    PunchFactory(employee=employee, direction=OUT, punched_at=at("12:00"))

    assert result_of(employee) == ("partial", 180)


def test_who_is_clocked_in_is_told_since_when(employee):
    with time_machine.travel(at("08:58"), tick=False):
        clock_in(employee)
    with (
        time_machine.travel(at("09:10"), tick=False),
        pytest.raises(ValidationError) as error,
    ):
        clock_in(employee)

    assert code_of(error) == "clocked_in"
    assert error.value.messages == ["You are clocked in since 08:58."]
    assert Punch.objects.count() == 1


def test_the_clock_goes_by_the_punches_even_before_their_days_are_computed(employee):
    """As after a list of punches of many people, whose days wait for a task."""
    press(employee, "in", "09:00")
    OpenSession.objects.all().delete()

    with pytest.raises(ValidationError) as error:
        clock_in(employee)
    assert code_of(error) == "clocked_in"

    clock_out(employee)
    assert result_of(employee) == ("present", 600)


@pytest.mark.parametrize("action", [clock_out, start_break, end_break])
def test_nothing_ends_or_pauses_that_has_not_begun(employee, action):
    with pytest.raises(ValidationError) as error:
        action(employee)

    assert code_of(error) == "not_clocked_in"
    assert not Punch.objects.exists()


def test_a_break_begins_and_ends_once(employee):
    clock_in(employee)
    with pytest.raises(ValidationError) as not_yet:
        end_break(employee)
    start_break(employee)
    with pytest.raises(ValidationError) as already:
        start_break(employee)

    assert (code_of(not_yet), code_of(already)) == ("not_on_break", "on_break")


def test_clocking_out_on_a_break_ends_the_break_too(employee):
    for moment, action in (
        ("09:00", clock_in),
        ("12:00", start_break),
        ("12:30", clock_out),
    ):
        with time_machine.travel(at(moment), tick=False):
            action(employee)

    day = day_of(employee)
    assert day is not None
    assert (day.status, day.worked_minutes, day.break_minutes) == ("partial", 180, 30)


def test_a_clock_out_that_was_forgotten_does_not_bar_the_next_day(employee):
    with time_machine.travel(at("09:00"), tick=False):
        clock_in(employee)
    tuesday = MONDAY + dt.timedelta(days=1)
    with time_machine.travel(at("09:00", tuesday), tick=False):
        clock_in(employee)

        assert result_of(employee) == ("missing_punch", 0)
        assert result_of(employee, tuesday) == ("present", 0)
        assert OpenSession.objects.get().clocked_in_at == at("09:00", tuesday)


def test_the_database_itself_keeps_a_second_open_session_out(employee):
    clock_in(employee)
    session = OpenSession.objects.get()

    with pytest.raises(IntegrityError, match="open_session_one_per_person"):
        OpenSession.objects.create(
            organization=employee.organization,
            employee=employee,
            clocked_in_at=session.clocked_in_at,
            ends_before=session.ends_before,
        )


def test_nobody_clocks_in_after_their_employment():
    former = EmployeeFactory(terminated=True)

    with pytest.raises(ValidationError) as error:
        clock_in(former)

    assert code_of(error) == "not_employed"


# --- Punches from elsewhere -----------------------------------------------------------


def test_punches_arrive_in_any_order_and_make_the_same_day(employee):
    moments = [
        ("in", "09:00"),
        ("break_start", "12:00"),
        ("break_end", "12:45"),
        ("out", "17:00"),
    ]
    other = EmployeeFactory(
        organization=employee.organization, location=employee.location
    )
    for direction, moment in moments:
        press(employee, direction, moment)
    for direction, moment in reversed(moments):
        press(other, direction, moment)

    fields = ("status", "worked_minutes", "break_minutes", "required_minutes")
    mine, theirs = (
        AttendanceDay.objects.filter(employee=each).values_list(*fields)
        for each in (employee, other)
    )
    assert list(mine) == [("partial", 435, 45, 480)]  # 17:00 - 9:00 - 0:45 = 7:15
    assert list(theirs) == list(mine)


def test_the_same_punch_delivered_twice_counts_once(employee, told):
    new = NewPunch(employee, at("09:00"), IN)

    first, second = record_punches([new, new])

    assert (first.result, second.result) == ("recorded", "duplicate")
    assert first.punch == second.punch
    assert len([each for each in told if each.subject_type == "punch"]) == 1


def test_the_same_number_of_a_device_delivered_twice_counts_once(employee):
    new = NewPunch(employee, at("09:00"), IN, device="gate", device_sequence=7)

    record_punch(new)
    again = record_punch(new)

    assert again.result == "duplicate"
    assert Punch.objects.count() == 1


def test_a_number_that_the_device_gave_to_another_punch_is_refused(employee):
    record_punch(NewPunch(employee, at("09:00"), IN, device="gate", device_sequence=7))

    with pytest.raises(ValidationError) as error:
        record_punch(
            NewPunch(employee, at("10:00"), IN, device="gate", device_sequence=7)
        )

    assert code_of(error) == "another_punch"


def test_a_voided_punch_delivered_again_stays_void(employee):
    new = NewPunch(employee, at("09:00"), IN)
    punch = record_punch(new).punch
    assert punch is not None
    void_punch(punch, reason="Pressed by a colleague")

    again = record_punch(new)

    assert (again.result, again.punch) == ("duplicate", punch)
    assert not Punch.objects.live().exists()


def test_a_refused_punch_keeps_none_of_the_others_back(employee):
    outcomes = record_punches(
        [
            NewPunch(employee, at("09:00"), IN),
            NewPunch(employee, at("19:06"), OUT),  # it is 19:00
            NewPunch(employee, at("17:00"), OUT),
        ]
    )

    assert [each.result for each in outcomes] == ["recorded", "refused", "recorded"]
    assert outcomes[1].error is not None
    assert outcomes[1].error.message_dict == {"punched_at": ["This moment lies ahead."]}
    assert result_of(employee) == ("present", 480)


def test_a_batch_computes_each_day_once(employee, told):
    record_punches(
        [NewPunch(employee, at(f"{9 + hour}:00".zfill(5)), IN) for hour in range(8)]
    )

    days = [each for each in told if each.type == "attendance_day.changed"]
    assert [each.sequence for each in days] == [1]


def test_what_a_batch_holds_twice_counts_once(employee):
    twice = NewPunch(employee, at("09:00"), IN, device="gate", device_sequence=7)
    other = NewPunch(employee, at("12:00"), OUT, device="gate", device_sequence=7)

    first, second, third = record_punches([twice, twice, other])

    assert (first.result, second.result) == ("recorded", "duplicate")
    assert first.punch == second.punch
    assert third.error is not None
    assert codes_of(third.error) == ["another_punch"]
    assert Punch.objects.count() == 1


@pytest.mark.parametrize(("count", "queries"), [(1, 15), (3, 17), (6, 17)])
def test_a_batch_costs_the_same_however_many_punches_of_people(
    employee, count, queries, django_assert_num_queries
):
    people = [
        employee,
        *EmployeeFactory.create_batch(
            count - 1, organization=employee.organization, location=employee.location
        ),
    ]
    punches = [NewPunch(person, at("09:00"), IN) for person in people]

    # The lock, which are known, INSERT of punches, what days rest on, INSERT of who is
    # in, days that are kept, INSERT of days, events of days and of punches; the rest
    # are savepoints, one more for several days.
    with django_assert_num_queries(queries):
        record_punches(punches)


def test_a_punch_keeps_the_zone_in_which_it_was_made(employee):
    in_london = NewPunch(employee, at("09:00"), IN, time_zone="Europe/London")

    punch = record_punch(in_london).punch

    assert punch is not None
    assert f"{punch.local:%H:%M}" == "08:00"
    assert day_of(employee) is not None


def test_an_unknown_zone_is_refused(employee):
    with pytest.raises(ValidationError) as error:
        record_punch(NewPunch(employee, at("09:00"), IN, time_zone="Mars/Olympus"))

    assert code_of(error) == "time_zone"


def test_a_moment_without_offset_is_refused(employee):
    naive = at("09:00").replace(tzinfo=None)

    with pytest.raises(ValidationError) as error:
        record_punch(NewPunch(employee, naive, IN))

    assert code_of(error) == "naive"


# --- Voiding --------------------------------------------------------------------------


def test_a_voided_punch_stays_and_counts_no_more(employee, told):
    press(employee, "in", "09:00")
    press(employee, "out", "17:00")
    wrong = press(employee, "out", "12:00")
    assert result_of(employee) == ("missing_punch", 180)
    told.clear()

    void_punch(wrong, reason="The door's sensor")

    assert result_of(employee) == ("present", 480)
    voided = Punch.objects.get(pk=wrong.pk)
    assert (voided.void_reason, voided.version) == ("The door's sensor", 2)
    assert sorted(each.type for each in told) == [
        "attendance_day.changed",
        "punch.voided",
    ]


def test_voiding_the_clock_in_clocks_out(employee):
    punch = clock_in(employee)

    void_punch(punch, reason="By mistake")

    assert not OpenSession.objects.exists()


def test_a_punch_is_voided_once_and_with_a_reason(employee):
    punch = press(employee, "in", "09:00")
    with pytest.raises(ValidationError) as unreasoned:
        void_punch(punch, reason="  ")
    void_punch(punch, reason="By mistake")
    with pytest.raises(ValidationError) as again:
        void_punch(punch, reason="Once more")

    assert (code_of(unreasoned), code_of(again)) == ("required", "voided")


@pytest.mark.parametrize(
    "assignment",
    ["punched_at = now()", "direction = 'out'", "time_zone = 'UTC'", "device = 'x'"],
)
def test_the_database_refuses_to_edit_a_punch(employee, assignment):
    press(employee, "in", "09:00")

    with (
        pytest.raises((IntegrityError, InternalError), match="never edited"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE attendance_punch SET {assignment}")


def test_the_database_refuses_to_change_a_void(employee):
    void_punch(press(employee, "in", "09:00"), reason="By mistake")

    with (
        pytest.raises((IntegrityError, InternalError), match="never edited"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE attendance_punch SET voided_at = NULL, void_reason = ''")


def test_a_night_is_kept_on_the_date_on_which_it_begins(employee):
    sunday = dt.date(2026, 11, 1)
    saturday = dt.date(2026, 10, 31)
    press(employee, "in", dt.datetime(2026, 10, 31, 22, tzinfo=BERLIN))
    press(employee, "out", dt.datetime(2026, 11, 1, 6, tzinfo=BERLIN))

    assert result_of(employee, saturday) == ("present", 480)
    assert result_of(employee, sunday) is None
