"""The ledger: sums, and nothing that changes."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leave.ledger import (
    Figures,
    Kind,
    Posting,
    balance_as_of,
    balances_as_of,
    figures_of,
    lock_account,
    post,
    spendable,
)
from leave.models import LeaveDay, LeaveLedgerEntry, LeaveRequest
from leave.services import (
    adjust_balance,
    approve_leave,
    cancel_leave,
    decline_leave,
    grant_leave,
    request_leave,
    withdraw_leave,
)
from tests.leave.conftest import june, make_team

D = Decimal


def test_a_balance_is_a_sum_up_to_a_day(team):
    request_leave(team.ada, team.annual, first_on=june(15), last_on=june(16))
    adjust_balance(
        team.ada,
        team.annual,
        year=2026,
        amount=D("1.5"),
        reason="Worked on a Sunday",
        effective_on=june(20),
    )

    def on(day: dt.date) -> Decimal:
        return balance_as_of(team.account, day)

    assert on(dt.date(2025, 12, 31)) == 0
    assert on(dt.date(2026, 1, 1)) == 10
    assert on(june(14)) == 10
    assert on(june(15)) == 8
    assert on(june(20)) == D("9.5")
    assert on(dt.date(2026, 12, 31)) == D("9.5")
    assert on(dt.date(2027, 1, 1)) == 0
    assert balances_as_of([team.account.pk], june(15)) == {team.account.pk: 8}


def test_what_is_released_never_counted(team):
    asked = request_leave(team.ada, team.annual, first_on=june(15), last_on=june(16))
    withdraw_leave(asked, access=team.access(team.ada))

    assert balance_as_of(team.account, june(15)) == 10
    assert spendable(team.ada, team.annual, june(1)) == 10


def test_a_key_counts_once(team):
    account = lock_account(team.ada, team.annual)
    posting = Posting(Kind.ADJUSTMENT, D(1), 2026, june(1), "key", reason="Once")

    assert post(account, [posting]) == 1
    assert post(account, [posting]) == 0
    assert figures_of(team.account, 2026).granted == 11


def test_lines_are_numbered_without_a_gap(team):
    asked = request_leave(team.ada, team.annual, first_on=june(1), last_on=june(1))
    approve_leave(asked, access=team.access(team.grace))

    numbers = LeaveLedgerEntry.objects.filter(account=team.account).order_by("number")
    assert [line.number for line in numbers] == [1, 2, 3, 4]


def test_the_database_refuses_to_change_a_line(team):
    entry = LeaveLedgerEntry.objects.get()
    entry.amount = D(99)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entry.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LeaveLedgerEntry.objects.update(amount=D(99))


def test_the_database_refuses_to_remove_a_line(team):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LeaveLedgerEntry.objects.get().delete()


def test_the_database_keeps_the_signs(team):
    account = lock_account(team.ada, team.annual)
    wrong = Posting(Kind.TAKEN, D(3), 2026, june(1), "wrong")

    with pytest.raises(IntegrityError, match="leave_entry_sign"), transaction.atomic():
        post(account, [wrong])


# --- After any sequence of operations -------------------------------------------------

moves = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 40), st.integers(0, 4)),
        st.tuples(
            st.sampled_from(
                ["approve", "decline", "withdraw", "cancel", "cancel_part"]
            ),
            st.integers(0, 5),
            st.just(0),
        ),
        st.tuples(st.just("adjust"), st.integers(1, 4), st.just(0)),
    ),
    min_size=1,
    max_size=14,
)


def move(team, what: str, number: int, length: int) -> None:
    """Do one thing, or be refused."""
    if what == "ask":
        first_on = june(1) + dt.timedelta(days=number)
        request_leave(
            team.ada,
            team.annual,
            first_on=first_on,
            last_on=first_on + dt.timedelta(days=length),
        )
        return
    if what == "adjust":
        adjust_balance(
            team.ada, team.annual, year=2026, amount=D(number) / 2, reason="Extra"
        )
        return
    requests = list(
        LeaveRequest.objects.filter(employee=team.ada).order_by("created_at")
    )
    if not requests:
        return
    asked = requests[number % len(requests)]
    grace = team.access(team.grace)
    match what:
        case "approve":
            approve_leave(asked, access=grace)
        case "decline":
            decline_leave(asked, reason="No", access=grace)
        case "withdraw":
            withdraw_leave(asked, access=team.access(team.ada))
        case "cancel":
            cancel_leave(asked, access=grace)
        case "cancel_part":
            middle = asked.first_on + (asked.last_on - asked.first_on) / 2
            cancel_leave(asked, access=grace, from_on=middle)


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves)
def test_the_balance_is_granted_minus_taken_minus_reserved(sequence):
    with transaction.atomic():
        team = make_team()
        for step in sequence:
            try:
                with transaction.atomic():
                    move(team, *step)
            except ValidationError:
                pass  # refused: nothing may have changed
            check_books(team)
        transaction.set_rollback(True)


def check_books(team) -> None:
    entries = LeaveLedgerEntry.objects.filter(account=team.account)
    figures = figures_of(team.account, 2026)
    live = LeaveDay.objects.live().filter(employee=team.ada)

    def days(status: str) -> Decimal:
        found = live.filter(request__status=status).aggregate(sum=Sum("charge"))
        return found["sum"] or D(0)

    granted = entries.filter(kind__in=["grant", "adjustment"]).aggregate(
        s=Sum("amount")
    )
    total = entries.aggregate(sum=Sum("amount"))["sum"]
    assert figures == Figures(
        granted=granted["s"], pending=days("pending"), taken=days("approved")
    )
    assert (
        figures.available == total == balance_as_of(team.account, dt.date(2026, 12, 31))
    )
    assert total >= 0
    assert team.account.entry_count == entries.count()


def test_grants_add_up_by_year(team):
    grant_leave(team.ada, team.annual, year=2027, amount=D(25))

    assert set(team.account.balances) == {"2026", "2027"}
    assert figures_of(team.account, 2027) == Figures(granted=D(25))
    assert figures_of(team.account, 2030) == Figures()
