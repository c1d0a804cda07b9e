"""The admin's first page: what needs somebody today, and then how many there are.

Every figure links to the list that it counts. Each part is for whoever holds its
scope, and costs one query.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from employees.models import Employee
from employees.open_work import Figure, figures_for, listed
from integrations.api_keys.models import ApiKey
from integrations.webhooks.models import Delivery, Event
from organizations.access import OrganizationAccess

EMPLOYEES = "admin:employees_employee_changelist"
DELIVERIES = "admin:webhooks_delivery_changelist"
MONTHS = 12
LATEST_EVENTS = 8
#: Whole numbers from zero, readable on light and on dark.
CHART_OPTIONS: dict[str, Any] = {
    "animation": False,
    "maintainAspectRatio": False,
    "datasets": {
        "bar": {"maxBarThickness": 14, "borderRadius": 3},
        "line": {"borderWidth": 2, "pointRadius": 0, "pointHitRadius": 12},
    },
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {"grid": {"display": False}, "ticks": {"color": "#7d878c"}},
        "y": {
            "beginAtZero": True,
            "border": {"display": False},
            "ticks": {"color": "#7d878c", "precision": 0, "maxTicksLimit": 5},
        },
    },
}
WITH_LEGEND = {
    "legend": {
        "align": "end",
        "labels": {"boxWidth": 10, "boxHeight": 10, "color": "#7d878c"},
    }
}


@dataclass(frozen=True, slots=True)
class Month:
    """How many were employed at a month's end or today, came and left."""

    first: dt.date
    headcount: int
    joined: Figure
    left: Figure

    @property
    def name(self) -> str:
        return date_format(self.first, "M Y")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of deliveries in the last day and the last week."""

    status: str
    words: str | Promise
    link: str
    day: int
    week: int


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as one line: what, to whom, when."""

    kind: str
    subject: str
    at: dt.datetime
    link: str


def dashboard(request: Any, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the first page shows; the theme calls this."""
    access: OrganizationAccess = request.access
    needs = figures_for(access)
    context["needs"] = [figure for figure in needs if figure.count]
    context["nothing_open"] = needs and not context["needs"]
    if access.allows("employees:read"):
        context |= _people()
    if access.allows("webhooks:read"):
        context["outcomes"] = _outcomes()
    if access.allows("events:read"):
        context["happenings"] = _happenings()
    return context


def failed_deliveries(access: OrganizationAccess) -> Iterator[Figure]:
    """Yield how many deliveries were given up lately."""
    if not access.allows("webhooks:read"):
        return
    failed = Delivery.objects.filter(
        status=Delivery.Status.FAILED, pk__gte=_first_id_since(dt.timedelta(days=7))
    )
    yield Figure(
        failed.count(),
        _("deliveries failed for good in 7 days"),
        listed(DELIVERIES, status__exact="failed"),
        urgent=True,
    )


def frozen_keys(access: OrganizationAccess) -> Iterator[Figure]:
    """Yield how many API keys stand still until somebody takes them over."""
    if not access.allows("api_keys:manage"):
        return
    frozen = ApiKey.objects.in_state(ApiKey.State.FROZEN)
    yield Figure(
        frozen.count(),
        _("API keys are stopped, since their owner left"),
        reverse("api_keys:list"),
        urgent=True,
    )


def _people() -> dict[str, Any]:
    today = timezone.localdate()
    months = list(_months(today))
    return {
        "months": months,
        "headcount": months[-1].headcount,
        "headcount_link": listed(EMPLOYEES, status__exact="active"),
        "headcount_change": months[-1].headcount - months[0].headcount,
        "headcount_options": json.dumps(CHART_OPTIONS),
        "turnover_options": json.dumps(CHART_OPTIONS | {"plugins": WITH_LEGEND}),
        "headcount_chart": _chart(
            months,
            {
                "label": str(_("Headcount")),
                "data": [month.headcount for month in months],
                "borderColor": "var(--color-primary-500)",
            },
        ),
        "turnover_chart": _chart(
            months,
            {
                "label": str(_("Joined")),
                "data": [month.joined.count for month in months],
                "backgroundColor": "var(--color-primary-500)",
            },
            {
                "label": str(_("Left")),
                "data": [month.left.count for month in months],
                "backgroundColor": "var(--color-base-400)",
            },
        ),
    }


def _months(today: dt.date) -> Iterator[Month]:
    """Yield the last twelve months, the present one last, from one query."""
    firsts = [_months_before(today, back) for back in range(MONTHS - 1, -1, -1)]
    wanted: dict[str, Count] = {}
    for index, first in enumerate(firsts):
        last = min(_last_of_month(first), today)
        employed = Q(hired_on__lte=last) & (
            Q(terminated_on__isnull=True) | Q(terminated_on__gte=last)
        )
        within = (first, _last_of_month(first))
        wanted |= {
            f"employed_{index}": Count("pk", filter=employed),
            f"joined_{index}": Count("pk", filter=Q(hired_on__range=within)),
            f"left_{index}": Count("pk", filter=Q(terminated_on__range=within)),
        }
    counts = Employee.objects.aggregate(**wanted)
    for index, first in enumerate(firsts):
        yield Month(
            first,
            counts[f"employed_{index}"],
            _moved(counts[f"joined_{index}"], _("joined"), "hired_on", first),
            _moved(counts[f"left_{index}"], _("left"), "terminated_on", first),
        )


def _moved(count: int, words: Promise, field: str, first: dt.date) -> Figure:
    """Return who came or left in a month, with the list of them."""
    within: dict[str, Any] = {
        f"{field}_from": first,
        f"{field}_to": _last_of_month(first),
    }
    return Figure(count, words, listed(EMPLOYEES, **within))


def _months_before(day: dt.date, months: int) -> dt.date:
    """Return the first day of an earlier month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, 1)


def _last_of_month(first: dt.date) -> dt.date:
    next_month = (first + dt.timedelta(days=32)).replace(day=1)
    return next_month - dt.timedelta(days=1)


def _chart(months: list[Month], *datasets: dict[str, Any]) -> str:
    """Return data as the theme's chart component reads it."""
    return json.dumps(
        {
            "labels": [date_format(month.first, "M") for month in months],
            "datasets": datasets,
        }
    )


def _outcomes() -> list[Outcome]:
    """Return what became of the deliveries of the last week, in one query."""
    yesterday = Q(pk__gte=_first_id_since(dt.timedelta(days=1)))
    counted = {
        row["status"]: (row["day"], row["week"])
        for row in Delivery.objects.filter(
            pk__gte=_first_id_since(dt.timedelta(days=7))
        )
        .order_by()
        .values("status")
        .annotate(day=Count("pk", filter=yesterday), week=Count("pk"))
    }
    return [
        Outcome(
            status,
            words,
            listed(DELIVERIES, status__exact=status),
            *counted.get(status, (0, 0)),
        )
        for status, words in Delivery.Status.choices
    ]


def _happenings() -> list[Happening]:
    return [
        Happening(
            event.type,
            _named_in(event),
            event.occurred_at,
            reverse("admin:webhooks_event_change", args=[event.pk]),
        )
        for event in Event.objects.all()[:LATEST_EVENTS]
    ]


def _named_in(event: Event) -> str:
    data = orjson.loads(event.body).get("data", {})
    return str(data.get("name") or data.get("title") or "")


def _first_id_since(ago: dt.timedelta) -> UUID:
    """Return the smallest UUIDv7 of a moment: ids are in the order of time."""
    milliseconds = int((timezone.now() - ago).timestamp() * 1000)
    return UUID(int=milliseconds << 80)
