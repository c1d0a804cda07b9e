"""Many at once, with real threads against PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from leave.calendar import Portion
from leave.ledger import Figures, figures_of
from leave.models import LeaveAccount, LeaveDay, LeaveLedgerEntry, LeaveRequest
from leave.services import (
    Decided,
    approve_leave,
    decline_leave,
    grant_year,
    request_leave,
)
from tests.factories.leave import LeaveTypeFactory
from tests.leave.conftest import june, make_team

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 20


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls at the same moment; return what each gave or raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait()
            return call()
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_twenty_requests_at_once_never_overspend():
    team = make_team()  # ten days

    answers = at_once(
        [
            lambda day=day: request_leave(
                team.ada, team.annual, first_on=day, last_on=day
            )
            for day in (june(number) for number in range(1, 29))
            if day.weekday() < 5
        ]
    )

    granted = [answer for answer in answers if isinstance(answer, LeaveRequest)]
    assert len(answers) == THREADS
    assert len(granted) == 10
    assert figures_of(team.account, 2026).available == 0
    assert LeaveLedgerEntry.objects.filter(kind="reservation").count() == 10


def test_of_twenty_requests_for_the_same_day_one_is_taken():
    team = make_team()
    types = [
        LeaveTypeFactory(organization=team.organization, is_limited=False)
        for _ in range(THREADS)
    ]

    answers = at_once(
        [
            lambda leave_type=leave_type: request_leave(
                team.ada, leave_type, first_on=june(1), last_on=june(5)
            )
            for leave_type in types
        ]
    )

    refusals = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert len(refusals) == THREADS - 1
    assert {error.error_dict["first_on"][0].code for error in refusals} == {"overlap"}
    assert LeaveDay.objects.live().count() == 5


def test_of_twenty_mornings_and_afternoons_one_each_is_taken():
    team = make_team()
    types = [
        LeaveTypeFactory(organization=team.organization, is_limited=False)
        for _ in range(THREADS)
    ]

    at_once(
        [
            lambda leave_type=leave_type, portion=portion: request_leave(
                team.ada,
                leave_type,
                first_on=june(1),
                last_on=june(1),
                first_portion=portion,
            )
            for leave_type, portion in zip(
                types, [Portion.MORNING, Portion.AFTERNOON] * 10, strict=True
            )
        ]
    )

    live = LeaveDay.objects.live().values_list("portion", flat=True)
    assert sorted(live) == ["afternoon", "morning"]


def test_twenty_decisions_at_once_decide_once():
    team = make_team()
    asked = request_leave(team.ada, team.annual, first_on=june(1), last_on=june(10))
    grace, hedy = team.access(team.grace), team.access(team.hedy)

    answers = at_once(
        [lambda: approve_leave(asked, access=grace)] * 10
        + [lambda: decline_leave(asked, reason="No", access=hedy)] * 10
    )

    decided = [answer for answer in answers if isinstance(answer, LeaveRequest)]
    assert len(decided) == 1
    told = [answer for answer in answers if isinstance(answer, Decided)]
    assert len(told) == THREADS - 1
    expected = (
        Figures(granted=10, taken=8) if decided[0].is_approved else Figures(granted=10)
    )
    assert figures_of(team.account, 2026) == expected


def test_requests_and_approvals_at_once_keep_the_books():
    team = make_team()
    grace = team.access(team.grace)
    asked = [
        request_leave(team.ada, team.annual, first_on=june(day), last_on=june(day))
        for day in (1, 2, 3, 4, 5)
    ]

    at_once(
        [lambda one=one: approve_leave(one, access=grace) for one in asked]
        + [
            lambda day=day: request_leave(
                team.ada, team.annual, first_on=june(day), last_on=june(day)
            )
            for day in (8, 9, 10, 11, 12, 15, 16)
        ]
    )

    assert figures_of(team.account, 2026) == Figures(granted=10, pending=5, taken=5)


def test_a_year_that_is_granted_twice_at_once_counts_once():
    team = make_team()

    at_once([lambda: grant_year(team.organization, 2027)] * 4)

    amounts = {
        figures_of(account, 2027).granted for account in LeaveAccount.objects.all()
    }
    assert amounts == {25}
    assert LeaveLedgerEntry.objects.filter(year=2027).count() == 3
