"""What the home page says of leave, and what of leave is open for HR."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from employees import open_work
from employees.home import Card, Column, Visitor, register
from leave import inbox, overview
from leave.models import Holiday, HolidayCalendar, LeaveRequest
from leave.team import Absence
from organizations.access import OrganizationAccess

STYLES = "people_hr/leave.css"
#: From this month on, next year's holidays ought to be there.
HOLIDAYS_DUE_FROM = 10


def connect() -> None:
    """Put the cards of leave on the home page, and what is open with the work."""
    open_work.register("leave", of_leave)
    for card in CARDS:
        register(card)


def of_leave(access: OrganizationAccess) -> Iterator[open_work.Figure]:
    """Yield calendars that lack the holidays of this year, or of a next one soon."""
    if not access.allows("leave:manage"):
        return
    today = timezone.localdate(timezone=access.organization.zone)
    year = today.year + (today.month >= HOLIDAYS_DUE_FROM)
    imported = Holiday.objects.filter(on__year=year, source=Holiday.Source.PACKAGE)
    lacking = HolidayCalendar.objects.exclude(country="").exclude(
        pk__in=imported.values("calendar")
    )
    yield open_work.Figure(
        lacking.count(),
        _("calendars without the public holidays of %(year)d") % {"year": year},
        open_work.listed("admin:leave_holidaycalendar_changelist"),
    )


def waiting(visitor: Visitor) -> int | None:
    """Return how many things wait for the visitor's decision, if any."""
    return inbox.count(visitor.access) or None


def own(visitor: Visitor) -> dict[str, Any] | None:
    """Return what the visitor has, and what they asked for that lies ahead."""
    me = visitor.me
    if me is None or not visitor.access.allows("leave:read"):
        return None
    today = visitor.today
    upcoming = overview.own_requests(me).filter(
        last_on__gte=today,
        status__in=[LeaveRequest.Status.PENDING, LeaveRequest.Status.APPROVED],
    )
    return {
        "balances": [
            balance
            for balance in overview.balances(me, today.year, today)
            if balance.leave_type.is_limited
        ][: overview.SHOWN],
        "requests": list(upcoming.order_by("first_on", "id")[: overview.SHOWN]),
    }


def away(visitor: Visitor) -> Sequence[Absence] | None:
    """Return who of the visitor's team is away in the next seven days."""
    me, today = visitor.me, visitor.today
    if me is None or not visitor.access.allows("leave:read"):
        return None
    team = [person for person in overview.team_of(me) if person.pk != me.pk]
    return overview.away_between(team, today, today + dt.timedelta(days=6))


CARDS = [
    Card("waiting", "leave/home/waiting.html", Column.MINE, 20, waiting, STYLES),
    Card("leave", "leave/home/mine.html", Column.MINE, 30, own, STYLES),
    Card("away", "leave/home/away.html", Column.OURS, 20, away, STYLES),
]
