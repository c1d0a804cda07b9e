"""What waits for somebody: one list, fed by every app that has something to decide.

An app registers a :class:`Source` when it starts. The page shows the items of all of
them together, each drawn by its source's template, with who else is away.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from employees.models import Employee
from leave.ledger import Figures
from leave.models import LeaveAccount, LeaveDay, LeaveRequest
from leave.team import Span, TeamAway, team_away_of_many
from organizations.access import OrganizationAccess


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide: about whom, since when, about which days.

    ``subject`` is the record itself, ``facts`` what its template needs besides.
    """

    subject: Any
    employee: Employee
    asked_at: dt.datetime
    first_on: dt.date
    last_on: dt.date
    facts: Any = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where items come from.

    ``waiting`` returns what an access may decide, ``count`` how many that is.
    ``template`` draws one ``item`` and offers the decision.
    """

    name: str
    template: str
    waiting: Callable[[OrganizationAccess], Sequence[Item]]
    count: Callable[[OrganizationAccess], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as the page shows it."""

    item: Item
    template: str
    away: TeamAway


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Let what waits in ``source`` show in the inbox."""
    _sources[source.name] = source


def entries(access: OrganizationAccess) -> list[Entry]:
    """Return all that waits for a decision of this access, the oldest first."""
    found = [
        (item, source.template)
        for source in _sources.values()
        for item in source.waiting(access)
    ]
    found.sort(key=lambda pair: pair[0].asked_at)
    away = team_away_of_many(
        [Span(item.employee, item.first_on, item.last_on) for item, _template in found]
    )
    return [
        Entry(item, template, team)
        for (item, template), team in zip(found, away, strict=True)
    ]


def count(access: OrganizationAccess) -> int:
    """Return how many things wait."""
    return sum(source.count(access) for source in _sources.values())


# --- Leave ----------------------------------------------------------------------------

#: More are shown when these are decided.
MOST = 100


@dataclass(frozen=True, slots=True)
class YearAfter:
    """What is left of a year once the request is granted."""

    year: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The days of a request, and what they leave."""

    days: tuple[LeaveDay, ...]
    years: tuple[YearAfter, ...]
    needs_certificate: bool


def _requests(access: OrganizationAccess) -> Sequence[Item]:
    waiting = list(
        LeaveRequest.objects.to_decide(access)
        .with_names()
        .prefetch_related("days")[:MOST]
    )
    accounts = {
        (account.employee_id, account.leave_type_id): account
        for account in _accounts(waiting)
    }
    return [
        Item(
            subject=asked,
            employee=asked.employee,
            asked_at=asked.created_at,
            first_on=asked.first_on,
            last_on=asked.last_on,
            facts=_facts(asked, accounts[asked.employee_id, asked.leave_type_id]),
        )
        for asked in waiting
    ]


def _accounts(waiting: Iterable[LeaveRequest]) -> Iterable[LeaveAccount]:
    return LeaveAccount.objects.filter(
        employee__in={asked.employee_id for asked in waiting},
        leave_type__in={asked.leave_type_id for asked in waiting},
    )


def _facts(asked: LeaveRequest, account: LeaveAccount) -> RequestFacts:
    days = tuple(asked.days.all())
    years = sorted({day.year for day in days if day.charge})
    return RequestFacts(
        days,
        tuple(
            YearAfter(year, Figures.of_text(account.balances.get(str(year))))
            for year in years
        ),
        asked.leave_type.needs_certificate(len(days)),
    )


LEAVE_REQUESTS = Source(
    name="leave_requests",
    template="leave/inbox_request.html",
    waiting=_requests,
    count=lambda access: LeaveRequest.objects.to_decide(access).count(),
)
