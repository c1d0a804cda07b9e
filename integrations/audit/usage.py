"""How the API is used: read from the rollups alone, never from the log of calls."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from integrations.audit.histogram import percentile_us
from integrations.audit.rollups import LATENCIES, Grain
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
SELECT {groups}, {sums} FROM audit_usage_{level}
WHERE organization_id = %(organization)s AND grain = %(grain)s
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

    def grain(self, *, routes: bool = False, credentials: bool = False) -> Grain:
        """Return the coarsest rows that tell apart what is asked."""
        by_route = routes or self.route is not None
        by_credential = credentials or self.credential_id is not None
        if by_route and by_credential:
            return Grain.EVERYTHING
        if by_route:
            return Grain.ROUTES
        return Grain.CREDENTIALS if by_credential else Grain.TOTAL


def calls_of(
    organization: Organization, **asked: Any
) -> list[tuple[dt.datetime, Usage]]:
    """Return the usage of each bucket, in order; those without calls are there, too.

    Takes what a :class:`Question` takes: ``since``, ``until``, ``bucket``, and perhaps
    ``credential_id`` and ``route``.
    """
    question = Question(organization, **asked)
    return _series(question, _sums_by_bucket(question))


def top_routes(organization: Organization, **asked: Any) -> list[tuple[str, Usage]]:
    """Return the usage of each method and route, the most called first."""
    question = Question(organization, **asked)
    rows = _ask(question, "method, route", question.grain(routes=True))
    return _most_first((f"{row[0]} {row[1]}", Usage.of(row[2:])) for row in rows)


def top_credentials(
    organization: Organization, **asked: Any
) -> list[tuple[str, Usage]]:
    """Return the usage of each credential, ``kind:id``, the most used first."""
    question = Question(organization, **asked)
    rows = _ask(
        question, "credential_kind, credential_id", question.grain(credentials=True)
    )
    return _most_first(
        (":".join(filter(None, row[:2])), Usage.of(row[2:])) for row in rows
    )


def summary_of(organization: Organization, **asked: Any) -> Summary:
    """Return all that a page shows."""
    question = Question(organization, **asked)
    sums = _sums_by_bucket(question)
    total = tuple(map(sum, zip(*sums.values(), strict=True)))
    return Summary(
        _series(question, sums),
        Usage.of(total) if total else Usage(),
        top_routes(organization, **asked),
        top_credentials(organization, **asked),
    )


def _sums_by_bucket(question: Question) -> dict[dt.datetime, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in _ask(question, "bucket", question.grain())}


def _series(
    question: Question, sums: dict[dt.datetime, tuple[Any, ...]]
) -> list[tuple[dt.datetime, Usage]]:
    return [
        (at, Usage.of(sums[at]) if at in sums else Usage()) for at in question.steps
    ]


def _ask(question: Question, groups: str, grain: Grain) -> list[tuple[Any, ...]]:
    statement = _QUESTION.format(groups=groups, sums=_SUMS, level=question.bucket)
    parameters: dict[str, Any] = {
        "organization": question.organization.pk,
        "grain": grain,
        "since": question.bucket.floor(question.since),
        "until": question.until,
        "credential": question.credential_id,
        "route": question.route,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _most_first(found: Iterable[tuple[str, Usage]]) -> list[tuple[str, Usage]]:
    return sorted(found, key=lambda named: (-named[1].calls, named[0]))
