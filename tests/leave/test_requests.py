"""Asking for leave."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from leave.calendar import Portion
from leave.ledger import Figures, figures_of
from leave.models import Holiday, LeaveDay, LeaveLedgerEntry, LeaveRequest
from leave.services import (
    adjust_balance,
    decline_leave,
    grant_leave,
    preview_request,
    request_leave,
    save_holiday,
)
from tests.factories import EmployeeFactory, LocationFactory
from tests.factories.leave import (
    HolidayCalendarFactory,
    LeaveTypeFactory,
    WorkWeekFactory,
)
from tests.leave.conftest import june

D = Decimal


def refused(call, *args, **kwargs) -> dict[str, list[tuple[str, str]]]:
    """Return the refusals of a call: by field, code and words."""
    with pytest.raises(ValidationError) as raised:
        call(*args, **kwargs)
    return {
        field: [(error.code, error.messages[0]) for error in errors]
        for field, errors in raised.value.error_dict.items()
    }


def test_a_request_reserves_what_it_costs(team):
    leave_request = request_leave(
        team.ada, team.annual, first_on=june(1), last_on=june(3), note="Sea"
    )

    assert leave_request.status == LeaveRequest.Status.PENDING
    assert leave_request.charge == 3
    assert figures_of(team.account, 2026) == Figures(granted=D(10), pending=D(3))
    assert figures_of(team.account, 2026).available == 7


def test_the_days_are_frozen_as_they_were_counted(team):
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, june(4), name="Corpus Christi")
    leave_request = request_leave(
        team.ada,
        team.annual,
        first_on=june(3),
        last_on=june(8),
        first_portion=Portion.AFTERNOON,
    )

    save_holiday(calendar, june(5), name="Added later")

    assert [
        (day.on.day, day.portion, day.charge, day.words)
        for day in leave_request.days.all()
    ] == [
        (3, "afternoon", D("0.5"), "Working day"),
        (4, "full", 0, "Holiday: Corpus Christi"),
        (5, "full", 1, "Working day"),
        (6, "full", 0, "Weekend"),
        (7, "full", 0, "Weekend"),
        (8, "full", 1, "Working day"),
    ]


def test_each_year_pays_for_its_own_days(team):
    grant_leave(team.ada, team.annual, year=2027, amount=D(10))
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, dt.date(2027, 1, 1), name="New Year's Day")

    request_leave(
        team.ada,
        team.annual,
        first_on=dt.date(2026, 12, 28),
        last_on=dt.date(2027, 1, 8),
    )

    assert figures_of(team.account, 2026).pending == 4
    assert figures_of(team.account, 2027).pending == 5
    lines = LeaveLedgerEntry.objects.filter(kind="reservation").order_by("number")
    assert [(line.year, line.amount, line.effective_on) for line in lines] == [
        (2026, -4, dt.date(2026, 12, 28)),
        (2027, -5, dt.date(2027, 1, 4)),
    ]


def test_a_year_that_cannot_pay_refuses_the_whole_and_says_the_figures(team):
    answer = refused(
        request_leave,
        team.ada,
        team.annual,
        first_on=dt.date(2026, 12, 28),
        last_on=dt.date(2027, 1, 8),
    )

    assert answer == {
        "leave_type": [
            (
                "insufficient_balance",
                (
                    "Annual leave of 2027: 6 days asked for, 0 left on 1 January 2027. "
                    "That is 6 too many."
                ),
            )
        ]
    }
    assert not LeaveRequest.objects.exists()
    assert figures_of(team.account, 2026).pending == 0


def test_more_than_is_left_is_refused_with_the_figures(team):
    request_leave(team.ada, team.annual, first_on=june(1), last_on=june(5))
    request_leave(
        team.ada,
        team.annual,
        first_on=june(8),
        last_on=june(10),
        last_portion=Portion.MORNING,
    )

    answer = refused(
        request_leave, team.ada, team.annual, first_on=june(15), last_on=june(17)
    )

    assert answer["leave_type"] == [
        (
            "insufficient_balance",
            (
                "Annual leave of 2026: 3 days asked for, 2.5 left on 15 June 2026. "
                "That is 0.5 too many."
            ),
        )
    ]


def test_what_is_granted_in_summer_does_not_pay_for_spring(team):
    adjust_balance(
        team.ada,
        team.annual,
        year=2026,
        amount=D(5),
        reason="Ten years with us",
        effective_on=dt.date(2026, 7, 1),
    )

    spring = preview_request(team.ada, team.annual, first_on=june(1), last_on=june(12))
    summer = preview_request(
        team.ada,
        team.annual,
        first_on=dt.date(2026, 7, 6),
        last_on=dt.date(2026, 7, 10),
    )

    assert spring.years[0].before == 10
    assert summer.years[0].before == 15


def test_what_is_taken_later_cannot_be_taken_earlier(team):
    request_leave(
        team.ada,
        team.annual,
        first_on=dt.date(2026, 8, 3),
        last_on=dt.date(2026, 8, 12),
    )  # 8 of 10 days

    preview = preview_request(team.ada, team.annual, first_on=june(1), last_on=june(3))

    assert preview.years[0].before == 2
    assert [error.error_dict["leave_type"][0].code for error in preview.refusals] == [
        "insufficient_balance"
    ]


def test_an_unlimited_type_needs_no_balance(team):
    sickness = LeaveTypeFactory(
        organization=team.organization, name="Sickness", is_limited=False
    )

    leave_request = request_leave(
        team.ada, sickness, first_on=june(1), last_on=june(30)
    )

    assert leave_request.charge == 22


def test_leave_before_the_first_day_is_refused(team):
    answer = refused(
        request_leave,
        team.ada,
        team.annual,
        first_on=dt.date(2024, 1, 12),
        last_on=dt.date(2024, 1, 16),
    )

    assert answer["first_on"] == [
        (
            "before_hire",
            (
                "The employment begins on 15 January 2024; leave begins then at the "
                "earliest."
            ),
        )
    ]


def test_leave_after_the_last_day_is_refused(team):
    team.ada.terminated_on = june(9)
    team.ada.save()

    answer = refused(
        request_leave, team.ada, team.annual, first_on=june(8), last_on=june(10)
    )

    assert answer == {
        "last_on": [
            (
                "after_termination",
                "The employment ends on 9 June 2026; leave ends then at the latest.",
            )
        ]
    }


def test_leave_up_to_the_last_day_is_fine(team):
    team.ada.terminated_on = june(9)
    team.ada.save()

    assert request_leave(
        team.ada, team.annual, first_on=june(8), last_on=june(9)
    ).charge == D(2)


def test_an_end_before_the_start_is_refused(team):
    answer = refused(
        request_leave, team.ada, team.annual, first_on=june(9), last_on=june(8)
    )

    assert answer == {
        "last_on": [
            (
                "end_before_start",
                "The last day, 8 June 2026, lies before the first, 9 June 2026.",
            )
        ]
    }


def test_half_of_a_holiday_is_refused(team):
    calendar = HolidayCalendarFactory(organization=team.organization)
    save_holiday(calendar, june(4), name="Corpus Christi")

    answer = refused(
        request_leave,
        team.ada,
        team.annual,
        first_on=june(4),
        last_on=june(4),
        first_portion=Portion.MORNING,
    )

    assert answer == {
        "first_portion": [
            (
                "half_of_free_day",
                "4 June 2026 has no morning to take: Holiday: Corpus Christi.",
            )
        ]
    }


def test_days_that_are_free_anyhow_are_refused(team):
    answer = refused(
        request_leave, team.ada, team.annual, first_on=june(6), last_on=june(7)
    )

    assert answer == {
        "first_on": [
            ("no_working_day", "Nothing to take: these days are free anyhow (Weekend).")
        ]
    }


def test_a_type_that_is_no_longer_used_is_refused(team):
    team.annual.is_active = False
    team.annual.save()

    answer = refused(
        request_leave, team.ada, team.annual, first_on=june(1), last_on=june(1)
    )

    assert answer == {
        "leave_type": [("inactive", "Annual leave can no longer be asked for.")]
    }


def test_an_overlap_names_the_other_request(team):
    sickness = LeaveTypeFactory(
        organization=team.organization, name="Sickness", is_limited=False
    )
    request_leave(team.ada, sickness, first_on=june(3), last_on=june(5))

    answer = refused(
        request_leave, team.ada, team.annual, first_on=june(1), last_on=june(3)
    )

    assert answer == {
        "first_on": [
            (
                "overlap",
                (
                    "3 June 2026 belongs to another request: Sickness, "
                    "3 June 2026 \N{EN DASH} 5 June 2026, pending."
                ),
            )
        ]
    }


def test_the_morning_and_the_afternoon_of_a_day_may_be_two_requests(team):
    for portion in (Portion.MORNING, Portion.AFTERNOON):
        request_leave(
            team.ada,
            team.annual,
            first_on=june(1),
            last_on=june(1),
            first_portion=portion,
        )

    assert figures_of(team.account, 2026).pending == 1
    answer = refused(
        request_leave,
        team.ada,
        team.annual,
        first_on=june(1),
        last_on=june(1),
        first_portion=Portion.MORNING,
    )
    assert answer["first_on"][0][0] == "overlap"


def test_declined_days_are_free_again(team):
    first = request_leave(team.ada, team.annual, first_on=june(1), last_on=june(2))
    decline_leave(first, reason="Audit week", access=team.access(team.grace))

    again = request_leave(team.ada, team.annual, first_on=june(1), last_on=june(2))

    assert LeaveDay.objects.live().filter(employee=team.ada).count() == 2
    assert again.charge == 2


def test_somebody_elses_days_are_no_overlap(team):
    grant_leave(team.grace, team.annual, year=2026, amount=D(10))
    request_leave(team.ada, team.annual, first_on=june(1), last_on=june(2))

    assert request_leave(
        team.grace, team.annual, first_on=june(1), last_on=june(2)
    ).charge == D(2)


def test_another_organizations_type_is_refused(team):
    answer = refused(
        request_leave,
        team.ada,
        LeaveTypeFactory(is_limited=False),
        first_on=june(1),
        last_on=june(1),
    )

    assert answer == {
        "leave_type": [("not_found", "Choose one that exists. This one was not found.")]
    }


def test_a_preview_says_the_same_and_writes_nothing(team):
    preview = preview_request(team.ada, team.annual, first_on=june(4), last_on=june(8))

    assert preview.charge == 3
    assert preview.is_possible
    assert [(cost.before, cost.after) for cost in preview.years] == [(10, 7)]
    assert not LeaveRequest.objects.exists()
    assert figures_of(team.account, 2026).available == 10


def test_a_preview_shows_the_days_even_when_it_cannot_be(team):
    preview = preview_request(team.ada, team.annual, first_on=june(1), last_on=june(19))

    assert preview.charge == 15
    assert len(preview.days) == 19
    assert not preview.is_possible


def test_a_long_absence_needs_a_certificate(team):
    sickness = LeaveTypeFactory(
        organization=team.organization, is_limited=False, certificate_after_days=3
    )

    three = preview_request(team.ada, sickness, first_on=june(1), last_on=june(3))
    four = preview_request(team.ada, sickness, first_on=june(1), last_on=june(4))

    assert (three.needs_certificate, four.needs_certificate) == (False, True)


def test_hours_are_those_of_the_persons_own_week(team):
    hourly = LeaveTypeFactory(
        organization=team.organization, unit="hours", is_limited=False
    )
    WorkWeekFactory(
        organization=team.organization,
        employee=team.ada,
        monday=D(6),
        tuesday=D("4.5"),
        wednesday=D(0),
        effective_on=dt.date(2026, 1, 1),
    )

    leave_request = request_leave(team.ada, hourly, first_on=june(1), last_on=june(4))

    assert leave_request.charge == D("18.5")  # 6 + 4.5 + 0 + 8


def test_the_most_specific_week_and_calendar_count(team):
    berlin = LocationFactory(organization=team.organization)
    there = EmployeeFactory(organization=team.organization, location=berlin)
    elsewhere = EmployeeFactory(organization=team.organization)
    free = LeaveTypeFactory(organization=team.organization, is_limited=False)
    WorkWeekFactory(organization=team.organization)
    WorkWeekFactory(
        organization=team.organization,
        location=berlin,
        monday=D(0),
        effective_on=june(8),
    )
    everywhere = HolidayCalendarFactory(organization=team.organization)
    local = HolidayCalendarFactory(organization=team.organization, location=berlin)
    save_holiday(everywhere, june(2), name="Everywhere but Berlin")
    save_holiday(local, june(3), name="Berlin alone", portion=Portion.AFTERNOON)

    def free_days(employee):
        preview = preview_request(employee, free, first_on=june(1), last_on=june(8))
        return {day.on.day: day.words for day in preview.days if day.charge < 1}

    assert free_days(there) == {
        3: "Afternoon off: Berlin alone",
        6: "Weekend",
        7: "Weekend",
        8: "No working day of yours",
    }
    assert free_days(elsewhere) == {
        2: "Holiday: Everywhere but Berlin",
        6: "Weekend",
        7: "Weekend",
    }


def test_without_a_week_the_organizations_working_days_count(team):
    team.organization.work_week = 0b0111110  # Tuesday to Saturday
    team.organization.save()

    preview = preview_request(team.ada, team.annual, first_on=june(1), last_on=june(7))

    assert [day.on.day for day in preview.days if day.charge] == [2, 3, 4, 5, 6]


def test_a_request_is_told_once(team, occurred):
    leave_request = request_leave(
        team.ada, team.annual, first_on=june(1), last_on=june(3), note="Sea"
    )

    assert [(event.type, event.sequence) for event in occurred] == [
        ("leave_request.submitted", 1),
        ("leave_balance.changed", 3),
    ]
    submitted, balance = occurred
    assert submitted.subject_id == leave_request.pk
    assert submitted.data == {
        "id": leave_request.pk,
        "version": 1,
        "created_at": leave_request.created_at,
        "updated_at": leave_request.updated_at,
        "employee": team.ada.pk,
        "first_on": june(1),
        "last_on": june(3),
        "first_portion": "full",
        "last_portion": "full",
        "status": "pending",
        "decided_at": None,
        "cancelled_from": None,
    }
    # Neither event says why she will be away: no type, and no figures of a type.
    assert balance.data == {
        "id": team.account.pk,
        "version": 3,
        "created_at": team.account.created_at,
        "updated_at": team.account.updated_at,
        "employee": team.ada.pk,
    }
    assert balance.changes == ("balances", "entry_count")


def test_holidays_of_the_own_location_do_not_leak_from_another_organization(team):
    stranger = HolidayCalendarFactory()
    save_holiday(stranger, june(1), name="Somebody else's")

    preview = preview_request(team.ada, team.annual, first_on=june(1), last_on=june(1))

    assert Holiday.objects.count() == 1
    assert preview.charge == 1
