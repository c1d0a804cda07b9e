"""Usage that was counted elsewhere: of another installation, or of the demo."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
from django.db import connection, transaction

from integrations.audit.histogram import bucket_of
from integrations.audit.rollups import LATENCIES, add_up_days

_HISTOGRAM = ", ".join(
    f"sum(CASE WHEN latency = {bucket} THEN calls ELSE 0 END)"
    for bucket in range(len(LATENCIES))
)
# The same grains as of calls that were counted here; see rollups.
_ADD_HOURS = f"""
INSERT INTO audit_usage_hour (
    bucket, grain, organization_id, credential_kind, credential_id, method, route,
    status_class, calls, bytes_in, bytes_out, duration_us, {", ".join(LATENCIES)})
SELECT hour, grouping(credential_kind, method), organization_id,
       coalesce(credential_kind, ''), coalesce(credential_id, ''),
       coalesce(method, ''), coalesce(route, ''), status / 100,
       sum(calls), sum(calls * bytes_in), sum(calls * bytes_out),
       sum(calls * duration_us), {_HISTOGRAM}
FROM json_to_recordset(%s) AS told (
    hour timestamptz, organization_id uuid, credential_kind text, credential_id text,
    method text, route text, status int, calls bigint, bytes_in bigint,
    bytes_out bigint, duration_us bigint, latency int)
GROUP BY hour, organization_id, status / 100, GROUPING SETS (
    (credential_kind, credential_id, method, route), (credential_kind, credential_id),
    (method, route), ())
"""  # noqa: S608 (constants of ours)


@dataclass(frozen=True, slots=True)
class HourOfCalls:
    """So many calls of one kind within an hour, alike in bytes and microseconds."""

    hour: datetime
    organization_id: UUID
    credential_kind: str
    credential_id: str
    method: str
    route: str
    status: int
    calls: int
    duration_us: int
    bytes_in: int = 0
    bytes_out: int = 0


@transaction.atomic
def add_hours(hours: Iterable[HourOfCalls]) -> None:
    """Add past hours to the usage, and sum up their days.

    Only hours of which nothing was counted here: one that has calls in the log is
    counted anew from those when another comes.
    """
    told = [asdict(hour) | {"latency": bucket_of(hour.duration_us)} for hour in hours]
    if not told:
        return
    days = {
        hour["hour"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for hour in told
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD_HOURS, [orjson.dumps(told).decode()])
        add_up_days(cursor, sorted(days))
