"""How the API is used: read from the rollups alone, never from the log of calls."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from integrations.audit.histogram import percentile_us
from integrations.audit.rollups import LATENCIES
from organizations.models import Organization

#: The most buckets that one question may ask for.
MAX_BUCKETS = 2000


class Bucket(StrEnum):
    """How finely time is divided; days are those of UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(**{f"{self}s": 1})

    def floor(self, moment: dt.datetime) -> dt.datetime:
        """Return the beginning of the bucket that a moment lies in."""
        moment = moment.astimezone(dt.UTC)
        if self is Bucket.DAY:
            return moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Bucket.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
        return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls of a time, a route or a credential.

    Percentiles are in milliseconds, off by 19 % at most (see histogram); None of none.
    """

    calls: int = 0
    client_errors: int = 0
    server_errors: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None

    @classmethod
    def of(cls, numbers: tuple[Any, ...]) -> "Usage":
        """Make it of a row's sums: five numbers, then the histogram."""
        histogram = [int(count) for count in numbers[5:]]
        return cls(
            *(int(number) for number in numbers[:5]),
            *(_ms(percentile_us(histogram, share)) for share in (0.5, 0.95, 0.99)),
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a page shows: over time, in whole, by route and by credential."""

    series: list[tuple[dt.datetime, Usage]]
    total: Usage
    routes: list[tuple[str, Usage]]
    credentials: list[tuple[str, Usage]]


def _ms(duration_us: int | None) -> float | None:
    return None if duration_us is None else round(duration_us / 1000, 3)


_SUMS = ", ".join(
    f"coalesce({number}, 0)"
    for number in (
        "sum(calls)",
        "sum(calls) FILTER (WHERE status_class = 4)",
        "sum(calls) FILTER (WHERE status_class = 5)",
        "sum(bytes_in)",
        "sum(bytes_out)",
        *(f"sum({latency})" for latency in LATENCIES),
    )
)
_QUESTION = """
SELECT {shown}, {sums} FROM audit_usage_{level}
WHERE organization_id = %(organization)s
  AND bucket >= %(since)s AND bucket < %(until)s
  AND (%(credential)s::text IS NULL OR credential_id = %(credential)s)
  AND (%(route)s::text IS NULL OR route = %(route)s)
GROUP BY {groups}
"""


@dataclass(frozen=True, slots=True)
class Question:
    """Whose usage is asked for, of when, how finely, and of what alone."""

    organization: Organization
    since: dt.datetime
    until: dt.datetime
    bucket: Bucket
    credential_id: str | None = None
    route: str | None = None

    @property
    def steps(self) -> list[dt.datetime]:
        """The beginnings of the buckets; the first holds ``since``."""
        first = self.bucket.floor(self.since)
        count = -(-(self.until - first) // self.bucket.length)
        return [first + number * self.bucket.length for number in range(count)]

    def parameters(self) -> dict[str, Any]:
        return {
            "organization": self.organization.pk,
            "since": self.bucket.floor(self.since),
            "until": self.until,
            "credential": self.credential_id,
            "route": self.route,
        }


def calls_of(
    organization: Organization, **asked: Any
) -> list[tuple[dt.datetime, Usage]]:
    """Return the usage of each bucket, in order; those without calls are there, too.

    Takes what a :class:`Question` takes: ``since``, ``until``, ``bucket``, and perhaps
    ``credential_id`` and ``route``.
    """
    question = Question(organization, **asked)
    found = {row[0]: Usage.of(row[1:]) for row in _ask(question, "bucket")}
    return [(at, found.get(at, Usage())) for at in question.steps]


def top_routes(organization: Organization, **asked: Any) -> list[tuple[str, Usage]]:
    """Return the usage of each method and route, the most called first."""
    rows = _ask(Question(organization, **asked), "method, route")
    return _most_first((f"{row[0]} {row[1]}", Usage.of(row[2:])) for row in rows)


def summary_of(organization: Organization, **asked: Any) -> Summary:
    """Return all that a page shows, with one look at the rows."""
    question = Question(organization, **asked)
    series: dict[dt.datetime, Usage] = {}
    routes: list[tuple[str, Usage]] = []
    credentials: list[tuple[str, Usage]] = []
    total = Usage()
    for kind, at, method, route, credential, identity, *sums in _ask_all(question):
        usage = Usage.of(tuple(sums))
        if kind == _BY_BUCKET:
            series[at] = usage
        elif kind == _BY_ROUTE:
            routes.append((f"{method} {route}", usage))
        elif kind == _BY_CREDENTIAL:
            credentials.append((":".join(filter(None, (credential, identity))), usage))
        else:
            total = usage
    return Summary(
        [(at, series.get(at, Usage())) for at in question.steps],
        total,
        _most_first(routes),
        _most_first(credentials),
    )


# What grouping() says of bucket, method, credential_kind: 0 where it groups by it.
_BY_BUCKET, _BY_ROUTE, _BY_CREDENTIAL = 0b011, 0b101, 0b110
_ALL_GROUPS = (
    "GROUPING SETS ((bucket), (method, route), (credential_kind, credential_id), ())"
)
_ALL_SHOWN = (
    "grouping(bucket, method, credential_kind), "
    "bucket, method, route, credential_kind, credential_id"
)


def _ask(question: Question, groups: str) -> list[tuple[Any, ...]]:
    return _run(question, shown=groups, groups=groups)


def _ask_all(question: Question) -> list[tuple[Any, ...]]:
    return _run(question, shown=_ALL_SHOWN, groups=_ALL_GROUPS)


def _run(question: Question, *, shown: str, groups: str) -> list[tuple[Any, ...]]:
    statement = _QUESTION.format(
        shown=shown, groups=groups, sums=_SUMS, level=question.bucket
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, question.parameters())
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _most_first(found: Iterable[tuple[str, Usage]]) -> list[tuple[str, Usage]]:
    return sorted(found, key=lambda named: (-named[1].calls, named[0]))
