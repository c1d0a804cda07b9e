"""What Prometheus is told of the keys of all organizations; one query."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from integrations.api_keys.models import ApiKey, conditions_of_states
from integrations.monitoring.metrics import Metric

#: Of how long ago the keys in use are told.
USED_WITHIN = dt.timedelta(hours=24)


def metrics() -> Iterator[Metric]:
    """Return how many keys are in each state, and how many are in use."""
    now = timezone.now()
    wanted: dict[str, Any] = {
        "used": Count("pk", filter=Q(use__last_used_at__gte=now - USED_WITHIN))
    }
    earlier = Q()
    for state, condition in conditions_of_states(now).items():
        wanted[state] = Count("pk", filter=condition & earlier)
        earlier &= ~condition
    # Unfenced: these are the numbers of the installation.
    counted = ApiKey._base_manager.aggregate(**wanted)
    used = counted.pop("used")
    yield Metric(
        "people_hr_api_keys",
        "gauge",
        "API keys by state.",
        [({"state": state}, count) for state, count in counted.items()],
    )
    yield Metric(
        "people_hr_api_keys_used",
        "gauge",
        "API keys that were used within 24 hours.",
        [({}, used)],
    )
