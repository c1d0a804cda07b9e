"""Grants and adjustments."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from leave.ledger import balance_as_of, figures_of
from leave.models import LeaveAccount, LeaveLedgerEntry
from leave.services import adjust_balance, grant_leave, grant_year
from tests.factories import EmployeeFactory
from tests.factories.leave import LeaveTypeFactory

D = Decimal


def granted(employee, leave_type, year: int = 2026) -> Decimal:
    account = LeaveAccount.objects.get(employee=employee, leave_type=leave_type)
    return figures_of(account, year).granted


def test_everybody_is_granted_the_types_default(team):
    assert grant_year(team.organization, 2026) == 2

    assert granted(team.ada, team.annual) == 10  # what she had already
    assert granted(team.grace, team.annual) == 25
    assert granted(team.hedy, team.annual) == 25


def test_a_year_is_granted_once(team):
    grant_year(team.organization, 2026)

    assert grant_year(team.organization, 2026) == 0
    assert granted(team.grace, team.annual) == 25


def test_only_who_is_employed_in_the_year_is_granted_it(team):
    left = EmployeeFactory(organization=team.organization, terminated=True)
    joins = EmployeeFactory(
        organization=team.organization, hired_on=dt.date(2027, 1, 1)
    )
    stranger = EmployeeFactory()

    grant_year(team.organization, 2026)

    without = [left, joins, stranger]
    assert not LeaveAccount.objects.filter(employee__in=without).exists()


def test_who_joins_within_the_year_has_it_from_their_first_day(team):
    joins = EmployeeFactory(
        organization=team.organization, hired_on=dt.date(2026, 7, 1)
    )

    grant_year(team.organization, 2026)

    account = LeaveAccount.objects.get(employee=joins)
    assert balance_as_of(account, dt.date(2026, 6, 30)) == 0
    assert balance_as_of(account, dt.date(2026, 7, 1)) == 25


def test_types_without_a_default_are_granted_by_hand_alone(team):
    LeaveTypeFactory(organization=team.organization, yearly_grant=None)
    LeaveTypeFactory(organization=team.organization, is_limited=False)
    LeaveTypeFactory(organization=team.organization, is_active=False)

    grant_year(team.organization, 2026)

    types = set(LeaveAccount.objects.values_list("leave_type", flat=True))
    assert types == {team.annual.pk}


def test_grants_of_a_year_are_told(team, occurred):
    grant_year(team.organization, 2026)

    posted = [event for event in occurred if event.changes]
    assert {event.type for event in occurred} == {"leave_balance.changed"}
    assert {event.data["employee"] for event in posted} == {
        team.grace.pk,
        team.hedy.pk,
    }
    assert [(event.sequence, event.changes) for event in posted] == [
        (2, ("balances", "entry_count"))
    ] * 2


@pytest.mark.parametrize("people", [1, 3])
def test_granting_a_year_takes_as_many_queries_for_many(
    team, people, django_assert_max_num_queries
):
    EmployeeFactory.create_batch(people, organization=team.organization)

    with django_assert_max_num_queries(18):
        assert grant_year(team.organization, 2026) == people + 2


def test_another_amount_for_the_same_year_is_refused(team):
    grant_leave(team.ada, team.annual, year=2026, amount=D(10))

    with pytest.raises(ValidationError) as refused:
        grant_leave(team.ada, team.annual, year=2026, amount=D(12))

    assert refused.value.messages == [
        "10 were granted for 2026 already. Adjust the balance instead."
    ]
    assert granted(team.ada, team.annual) == 10


def test_a_grant_of_nothing_is_refused(team):
    with pytest.raises(ValidationError) as refused:
        grant_leave(team.ada, team.annual, year=2026, amount=D(0))

    assert refused.value.error_dict["amount"][0].code == "not_positive"


def test_an_adjustment_says_why(team):
    adjust_balance(
        team.ada, team.annual, year=2026, amount=D("-2.5"), reason=" Moved to 2025 "
    )

    entry = LeaveLedgerEntry.objects.get(kind="adjustment")
    assert (entry.amount, entry.reason) == (D("-2.5"), "Moved to 2025")
    assert figures_of(team.account, 2026).available == D("7.5")


@pytest.mark.parametrize(
    ("amount", "reason", "field"), [(D(1), " ", "reason"), (D(0), "Why", "amount")]
)
def test_an_adjustment_without_reason_or_amount_is_refused(team, amount, reason, field):
    with pytest.raises(ValidationError) as refused:
        adjust_balance(team.ada, team.annual, year=2026, amount=amount, reason=reason)

    assert list(refused.value.error_dict) == [field]


def test_an_adjustment_counts_from_a_day_of_its_year(team):
    with pytest.raises(ValidationError) as refused:
        adjust_balance(
            team.ada,
            team.annual,
            year=2026,
            amount=D(1),
            reason="Why",
            effective_on=dt.date(2027, 1, 1),
        )

    assert refused.value.error_dict["effective_on"][0].code == "other_year"


def test_an_adjustment_that_is_sent_twice_counts_once(team):
    for _ in range(2):
        adjust_balance(
            team.ada, team.annual, year=2026, amount=D(1), reason="Why", key="form-1"
        )

    assert figures_of(team.account, 2026).granted == 11
