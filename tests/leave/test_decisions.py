"""What becomes of a request."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from employees.services import change_manager
from leave.ledger import Figures, figures_of
from leave.models import LeaveDay, LeaveLedgerEntry, LeaveRequest
from leave.services import (
    Decided,
    approve_leave,
    cancel_leave,
    decline_leave,
    grant_leave,
    may_decide,
    request_leave,
    withdraw_leave,
)
from organizations.access import acting
from tests.leave.conftest import june

D = Decimal


@pytest.fixture
def asked(team) -> LeaveRequest:
    """Ada asked for Monday, 1 June, to Friday, 12 June 2026: ten days."""
    return request_leave(team.ada, team.annual, first_on=june(1), last_on=june(12))


def lines(leave_request: LeaveRequest) -> list[tuple[str, Decimal]]:
    entries = LeaveLedgerEntry.objects.filter(request=leave_request)
    return [(entry.kind, entry.amount) for entry in entries.order_by("number")]


def test_approved_leave_is_taken(team, asked):
    approved = approve_leave(asked, access=team.access(team.grace))

    assert approved.status == LeaveRequest.Status.APPROVED
    assert approved.decided_by == team.grace.user
    assert lines(asked) == [("reservation", -10), ("release", 10), ("taken", -10)]
    assert figures_of(team.account, 2026) == Figures(granted=D(10), taken=D(10))


def test_declined_leave_returns_to_the_balance(team, asked):
    declined = decline_leave(asked, reason="Audit week", access=team.access(team.grace))

    assert declined.status == LeaveRequest.Status.DECLINED
    assert declined.decline_reason == "Audit week"
    assert lines(asked) == [("reservation", -10), ("release", 10)]
    assert figures_of(team.account, 2026).available == 10
    assert not LeaveDay.objects.live().filter(request=asked).exists()


def test_a_decline_says_why(team, asked):
    with pytest.raises(ValidationError) as refused:
        decline_leave(asked, reason=" ", access=team.access(team.grace))

    assert refused.value.error_dict["reason"][0].code == "required"


def test_withdrawn_leave_returns_to_the_balance(team, asked):
    withdrawn = withdraw_leave(asked, access=team.access(team.ada))

    assert withdrawn.status == LeaveRequest.Status.WITHDRAWN
    assert figures_of(team.account, 2026).available == 10


@pytest.mark.parametrize(
    "second",
    [
        lambda asked, access: approve_leave(asked, access=access),
        lambda asked, access: decline_leave(asked, reason="Late", access=access),
        lambda asked, access: withdraw_leave(asked, access=access),
    ],
    ids=["approve", "decline", "withdraw"],
)
def test_the_second_decision_is_told_by_whom_and_when(team, asked, second):
    with time_machine.travel(dt.datetime(2026, 5, 4, 8, 32, tzinfo=dt.UTC), tick=False):
        approve_leave(asked, access=team.access(team.grace))

    with pytest.raises(Decided) as told:
        second(asked, team.access(team.hedy))

    assert told.value.code == "decided"
    assert told.value.messages == [
        f"This request is approved: {team.grace.user}, 4 May 2026, 10:32."
    ]
    assert len(lines(asked)) == 3


def test_nobody_decides_about_their_own_leave(team):
    grant_leave(team.hedy, team.annual, year=2026, amount=D(10))
    own = request_leave(team.hedy, team.annual, first_on=june(1), last_on=june(1))

    with pytest.raises(PermissionDenied, match="Nobody decides about their own leave"):
        approve_leave(own, access=team.access(team.hedy))

    own.refresh_from_db()
    assert own.is_pending


def test_hr_decides_about_everybody_else(team, asked):
    assert approve_leave(asked, access=team.access(team.hedy)).is_approved


def test_a_colleague_does_not_decide(team, asked):
    change_manager(team.ada, None)

    with pytest.raises(PermissionDenied, match="manager or HR decides"):
        approve_leave(asked, access=team.access(team.grace))


def test_the_manager_of_the_day_decides_not_the_one_of_the_request(team, asked):
    change_manager(team.ada, team.hedy)

    assert not may_decide(reread(asked), team.access(team.grace))
    assert may_decide(reread(asked), team.access(team.hedy))


def reread(leave_request: LeaveRequest) -> LeaveRequest:
    return LeaveRequest.objects.get(pk=leave_request.pk)


def test_only_the_person_and_hr_withdraw(team, asked):
    with pytest.raises(PermissionDenied):
        withdraw_leave(asked, access=team.access(team.grace))

    assert withdraw_leave(asked, access=team.access(team.hedy)).status == "withdrawn"


def test_cancelled_leave_returns_what_was_taken(team, asked):
    approve_leave(asked, access=team.access(team.grace))

    cancelled = cancel_leave(asked, access=team.access(team.grace))

    assert cancelled.status == LeaveRequest.Status.CANCELLED
    assert cancelled.charge == 0
    assert lines(asked)[-1] == ("reversal", 10)
    assert figures_of(team.account, 2026) == Figures(granted=D(10))
    assert not LeaveDay.objects.live().filter(request=asked).exists()


@time_machine.travel(dt.datetime(2026, 6, 3, 12, tzinfo=dt.UTC), tick=False)
def test_one_gives_back_what_lies_ahead(team, asked):
    approve_leave(asked, access=team.access(team.grace))

    cancelled = cancel_leave(asked, access=team.access(team.ada))

    assert cancelled.status == LeaveRequest.Status.APPROVED
    assert cancelled.cancelled_from == june(4)
    assert cancelled.charge == 3  # 1, 2 and 3 June were taken
    assert figures_of(team.account, 2026) == Figures(granted=D(10), taken=D(3))
    live = LeaveDay.objects.live().filter(request=asked)
    assert [day.on.day for day in live] == [1, 2, 3]


@time_machine.travel(dt.datetime(2026, 6, 3, 12, tzinfo=dt.UTC), tick=False)
def test_one_does_not_give_back_what_has_passed(team, asked):
    approve_leave(asked, access=team.access(team.grace))

    with pytest.raises(ValidationError) as refused:
        cancel_leave(asked, access=team.access(team.ada), from_on=june(2))

    assert refused.value.messages == [
        (
            "You can give back days from 4 June 2026 on. For earlier ones, ask your "
            "manager or HR."
        )
    ]
    assert cancel_leave(
        asked, access=team.access(team.grace), from_on=june(2)
    ).charge == D(1)


def test_leave_may_be_given_back_in_parts(team, asked):
    approve_leave(asked, access=team.access(team.grace))

    cancel_leave(asked, access=team.access(team.grace), from_on=june(10))
    cancel_leave(asked, access=team.access(team.grace), from_on=june(8))

    assert lines(asked)[3:] == [("reversal", 3), ("reversal", 2)]
    assert figures_of(team.account, 2026).taken == 5
    with pytest.raises(ValidationError) as refused:
        cancel_leave(asked, access=team.access(team.grace), from_on=june(8))
    assert refused.value.code == "nothing_left"


def test_giving_back_all_that_costs_gives_back_the_weekend_before_it(team):
    asked = request_leave(team.ada, team.annual, first_on=june(6), last_on=june(8))
    approve_leave(asked, access=team.access(team.grace))

    cancelled = cancel_leave(asked, access=team.access(team.grace), from_on=june(8))

    assert cancelled.status == LeaveRequest.Status.CANCELLED


def test_pending_leave_is_not_cancelled(team, asked):
    with pytest.raises(ValidationError) as refused:
        cancel_leave(asked, access=team.access(team.hedy))

    assert refused.value.code == "not_approved"


def test_a_stranger_does_not_cancel(team, asked):
    approve_leave(asked, access=team.access(team.grace))
    change_manager(team.ada, None)

    with pytest.raises(PermissionDenied):
        cancel_leave(asked, access=team.access(team.grace))


def test_cancelled_days_are_free_again(team, asked):
    approve_leave(asked, access=team.access(team.grace))
    cancel_leave(asked, access=team.access(team.grace), from_on=june(8))

    again = request_leave(team.ada, team.annual, first_on=june(8), last_on=june(9))

    assert again.charge == 2


@pytest.mark.parametrize(
    ("decide", "told"),
    [
        (
            lambda asked, team: approve_leave(asked, access=team.access(team.grace)),
            "leave_request.approved",
        ),
        (
            lambda asked, team: decline_leave(
                asked, reason="No", access=team.access(team.grace)
            ),
            "leave_request.declined",
        ),
        (
            lambda asked, team: withdraw_leave(asked, access=team.access(team.ada)),
            "leave_request.withdrawn",
        ),
    ],
    ids=["approve", "decline", "withdraw"],
)
def test_a_decision_is_told_once_and_the_balance_once(
    team, asked, occurred, decide, told
):
    with acting(team.access(team.grace)):
        decide(asked, team)

    assert [(event.type, event.sequence) for event in occurred] == [
        (told, 2),
        ("leave_balance.changed", 4),
    ]
    assert occurred[0].actor_id == str(team.grace.user_id)
    last = LeaveLedgerEntry.objects.order_by("-number").first()
    assert last.posted_by == team.grace.user


def test_a_cancellation_is_told(team, asked, occurred):
    approve_leave(asked, access=team.access(team.grace))
    occurred.clear()

    cancel_leave(asked, access=team.access(team.grace), from_on=june(8))

    assert [event.type for event in occurred] == [
        "leave_request.cancelled",
        "leave_balance.changed",
    ]
