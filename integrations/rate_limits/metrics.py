"""What Prometheus is told of the limits: whether all processes count together."""

from collections.abc import Iterator

from integrations.monitoring.metrics import Metric
from integrations.rate_limits.limiter import limiter


def metrics() -> Iterator[Metric]:
    """Return what the process that is asked knows; each has its own connection."""
    own = limiter()
    is_together = own.store is not None and not own.peek_store().is_degraded
    yield Metric(
        "people_hr_limits_store_up",
        "gauge",
        "1 where the limits' store answers this process, 0 where it counts alone.",
        [({}, int(is_together))],
    )
    yield Metric(
        "people_hr_limits_degraded_decisions_total",
        "counter",
        "Decisions that this process made without the store.",
        [({}, own.degraded_decisions)],
    )
