"""What Prometheus is told of the API: counters that the database keeps."""

from collections.abc import Iterator

from django.db import connection

from integrations.audit import counting
from integrations.audit.histogram import BOUNDS, BUCKETS
from integrations.audit.sink import REFUSALS
from integrations.monitoring.metrics import Metric, Sample

_WAITING = """
SELECT (SELECT count(*) FROM audit_unsealed), (SELECT count(*) FROM audit_call_default)
"""


def metrics() -> Iterator[Metric]:
    """Return the numbers of the call log; one query, one more for what waits."""
    with connection.cursor() as cursor:
        counted = counting.read(cursor)
        cursor.execute(_WAITING)
        unsealed, stray = cursor.fetchone()
    yield Metric(
        "people_hr_api_calls_total",
        "counter",
        "API calls by class of answer.",
        [
            ({"status": f"{number}xx"}, counted.get(counting.calls_of_class(number), 0))
            for number in range(1, 6)
        ],
    )
    yield Metric(
        "people_hr_api_refusals_total",
        "counter",
        "API calls that the door refused, by status.",
        [
            ({"status": str(status)}, counted.get(counting.calls_answered(status), 0))
            for status in REFUSALS
        ],
    )
    yield _latency(counted)
    for name, counter, words in (
        ("calls_dropped", counting.CALLS_DROPPED, "Calls that found no room."),
        ("calls_refused", counting.CALLS_REFUSED, "Calls that the log refused."),
        ("minutes_too_late", counting.MINUTES_TOO_LATE, "Minutes not counted anew."),
    ):
        yield Metric(
            f"people_hr_audit_{name}_total",
            "counter",
            words,
            [({}, counted.get(counter, 0))],
        )
    yield _gauge("people_hr_audit_events_unsealed", "Events in no chain yet.", unsealed)
    yield _gauge("people_hr_audit_calls_stray", "Calls without a partition.", stray)


def _gauge(name: str, words: str, value: int) -> Metric:
    return Metric(name, "gauge", words, [({}, value)])


def _latency(counted: dict[str, int]) -> Metric:
    samples: list[Sample] = []
    seen = 0
    for bucket in range(BUCKETS):
        seen += counted.get(counting.calls_of_latency(bucket), 0)
        bound = f"{BOUNDS[bucket] / 1e6:g}" if bucket < len(BOUNDS) else "+Inf"
        samples.append(({"": "_bucket", "le": bound}, seen))
    samples.append(({"": "_sum"}, counted.get(counting.DURATION_US, 0) / 1e6))
    samples.append(({"": "_count"}, seen))
    return Metric("people_hr_api_latency_seconds", "histogram", "API latency.", samples)
