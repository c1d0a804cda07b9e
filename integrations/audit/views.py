"""The page of owners and auditors: how the API is used."""

import datetime as dt
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from integrations.audit.charts import HEIGHT, WIDTH, bars, line
from integrations.audit.usage import Bucket, Summary, summary_of
from organizations.decorators import scope_required

#: How many routes and credentials the page names.
SHOWN = 20


class Span(NamedTuple):
    """A time that the page can show."""

    words: Promise
    length: dt.timedelta
    bucket: Bucket


SPANS = {
    "hour": Span(_("the last hour"), dt.timedelta(hours=1), Bucket.MINUTE),
    "day": Span(_("the last 24 hours"), dt.timedelta(hours=24), Bucket.HOUR),
    "week": Span(_("the last 7 days"), dt.timedelta(days=7), Bucket.HOUR),
    "month": Span(_("the last 30 days"), dt.timedelta(days=30), Bucket.DAY),
    "year": Span(_("the last 365 days"), dt.timedelta(days=365), Bucket.DAY),
}
USUAL_SPAN = "month"


@scope_required("audit:read")
@require_safe
def usage(request: Any) -> HttpResponse:
    """Show calls, errors and latencies of a time: as charts, and as tables."""
    chosen = request.GET.get("span", "")
    name = chosen if chosen in SPANS else USUAL_SPAN
    span, now = SPANS[name], timezone.now()
    summary = summary_of(
        request.organization,
        since=now - span.length,
        until=now,
        bucket=span.bucket,
        credential_id=_asked(request, "credential"),
        route=_asked(request, "route"),
    )
    return render(
        request,
        "audit/usage.html",
        {
            "spans": SPANS,
            "chosen": name,
            "span": span,
            "summary": summary,
            "routes": summary.routes[:SHOWN],
            "credentials": summary.credentials[:SHOWN],
            "credential": request.GET.get("credential", ""),
            "route": request.GET.get("route", ""),
            "chart": _chart(summary),
        },
    )


def _asked(request: HttpRequest, name: str) -> str | None:
    return request.GET.get(name, "").replace("\0", "").strip() or None


def _chart(summary: Summary) -> dict[str, Any]:
    fast = [usage.p50_ms for _at, usage in summary.series]
    slow = [usage.p95_ms for _at, usage in summary.series]
    most_ms = max((value for value in slow if value is not None), default=0.0)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "bars": bars(summary.series),
        "most_calls": max((usage.calls for _at, usage in summary.series), default=0),
        "p50": line(fast, most_ms),
        "p95": line(slow, most_ms),
        "most_ms": most_ms,
    }
