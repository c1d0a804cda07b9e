"""What waits for somebody: one list, fed by every app that has something to decide.

An app registers a :class:`Source` when it starts. The page shows the items of all of
them together, each drawn by its source's template, with who else is away.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet

from employees.models import Employee
from leave.ledger import Figures
from leave.models import LeaveAccount, LeaveDay, LeaveRequest
from leave.team import Span, TeamAway, team_away_of_many
from organizations.access import OrganizationAccess

#: How many things are shown at once.
PAGE_SIZE = 10

Rows = TypeVar("Rows", bound=QuerySet[Any])


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
class Wanted:
    """Which part of the list: about whom, asked after which moment, how many."""

    search: str = ""
    after: dt.datetime | None = None
    most: int = PAGE_SIZE

    def of(self, rows: Rows) -> Rows:
        """Narrow rows that have an ``employee`` and are ordered by ``created_at``."""
        if self.search:
            people = Employee.objects.all().search(self.search)
            rows = rows.filter(employee__in=people)
        if self.after:
            rows = rows.filter(created_at__gt=self.after)
        return rows[: self.most]


@dataclass(frozen=True, slots=True)
class Source:
    """Where items come from.

    ``waiting`` returns what is wanted of what an access may decide, the oldest first;
    ``count`` how many wait in all. ``template`` draws one ``item`` and offers the
    decision.
    """

    name: str
    template: str
    waiting: Callable[[OrganizationAccess, Wanted], Sequence[Item]]
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


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what waits, and after which moment the next part begins."""

    entries: list[Entry]
    next_after: dt.datetime | None


def page(
    access: OrganizationAccess, search: str = "", after: dt.datetime | None = None
) -> Page:
    """Return what waits for a decision of this access, the oldest first.

    Parts begin after a moment, not after a number: what was decided meanwhile is gone
    from the list, and nothing may be left out for it.
    """
    wanted = Wanted(search, after, PAGE_SIZE + 1)
    found = [
        (item, source.template)
        for source in _sources.values()
        for item in source.waiting(access, wanted)
    ]
    found.sort(key=lambda pair: pair[0].asked_at)
    shown = found[:PAGE_SIZE]
    has_more = len(found) > PAGE_SIZE
    return Page(_entries(shown), shown[-1][0].asked_at if has_more else None)


def _entries(found: Sequence[tuple[Item, str]]) -> list[Entry]:
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


def _requests(access: OrganizationAccess, wanted: Wanted) -> Sequence[Item]:
    rows = LeaveRequest.objects.to_decide(access).with_names().prefetch_related("days")
    waiting = list(wanted.of(rows))
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
