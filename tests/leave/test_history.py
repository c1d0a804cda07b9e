"""Leave that was granted elsewhere is brought over in one go."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from leave.calendar import Portion
from leave.ledger import Figures, figures_of
from leave.models import LeaveAccount, LeaveDay, LeaveRequest
from leave.services import GrantedLeave, grant_leave, record_leave, request_leave
from tests.factories import EmployeeFactory
from tests.factories.leave import LeaveTypeFactory
from tests.leave.conftest import june

D = Decimal


def leave_of(employee, leave_type, first: int, last: int, **options) -> GrantedLeave:
    return GrantedLeave(employee, leave_type, june(first), june(last), **options)


def test_it_is_approved_taken_and_told_once(team, occurred):
    asked_at = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)

    (kept,) = record_leave([leave_of(team.ada, team.annual, 5, 8, asked_at=asked_at)])

    # Friday and Monday; the weekend between costs nothing: 1 + 0 + 0 + 1 = 2.
    kept.refresh_from_db()
    assert (kept.status, kept.charge, kept.created_at) == ("approved", 2, asked_at)
    assert [day.charge for day in kept.days.all()] == [1, 0, 0, 1]
    assert figures_of(team.account, 2026) == Figures(granted=D(10), taken=D(2))
    assert [(event.type, event.sequence) for event in occurred] == [
        ("leave_request.approved", 1),
        ("leave_balance.changed", 3),
    ]


def test_halves_and_hours_are_counted_as_a_request_counts_them(team):
    lieu = LeaveTypeFactory(
        organization=team.organization, unit="hours", is_limited=False
    )

    half, hours = record_leave(
        [
            leave_of(team.ada, team.annual, 1, 1, first_portion=Portion.MORNING),
            leave_of(team.ada, lieu, 2, 3, last_portion=Portion.MORNING),
        ]
    )

    # Half a day; and 8 h + 4 h = 12 h.
    assert (half.charge, hours.charge) == (D("0.5"), 12)


def test_what_meets_another_leave_is_refused_wholly(team):
    request_leave(team.ada, team.annual, first_on=june(3), last_on=june(3))

    with pytest.raises(ValidationError) as refused:
        record_leave(
            [
                leave_of(team.ada, team.annual, 8, 8),
                leave_of(team.ada, team.annual, 1, 3),
            ]
        )

    assert refused.value.code == "overlap"
    assert LeaveRequest.objects.count() == 1


def test_what_takes_more_than_there_is_is_refused_with_the_figure(team):
    with pytest.raises(ValidationError, match="has 1 of Annual leave too few for 2026"):
        record_leave([leave_of(team.ada, team.annual, 1, 15)])  # eleven working days

    assert not LeaveDay.objects.exists()


def test_what_lies_outside_of_the_employment_is_refused(team):
    new = EmployeeFactory(organization=team.organization, hired_on=june(8))
    grant_leave(new, team.annual, year=2026, amount=D(10))

    with pytest.raises(ValidationError) as refused:
        record_leave([leave_of(new, team.annual, 5, 9)])

    assert refused.value.error_dict["first_on"][0].code == "before_hire"


@pytest.mark.parametrize("people", [1, 3])
def test_many_take_as_many_queries_as_one(team, people, django_assert_max_num_queries):
    colleagues = EmployeeFactory.create_batch(people, organization=team.organization)
    for colleague in colleagues:
        grant_leave(colleague, team.annual, year=2026, amount=D(10))

    with django_assert_max_num_queries(32):
        record_leave([leave_of(each, team.annual, 1, 2) for each in colleagues])

    assert LeaveAccount.objects.filter(balances__2026__taken="2.000").count() == people
