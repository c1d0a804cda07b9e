"""Usage per minute, hour and day: counts, bytes and latency histograms.

``latency_00`` … ``latency_39`` count the calls of each bucket of the histogram: columns
of their own, because PostgreSQL adds them up many times faster than arrays. ``grain`` says what a row
tells apart: everything (0), credentials (1), routes (2) or neither (3), so that a page
reads few rows, however many credentials and routes there are.
"""

from django.db import migrations

LEVELS = ("minute", "hour", "day")
LATENCIES = ",\n    ".join(f"latency_{bucket:02} bigint NOT NULL" for bucket in range(40))

TABLE = """
CREATE TABLE audit_usage_{level} (
    grain smallint NOT NULL,
    bucket timestamptz NOT NULL,
    organization_id uuid NOT NULL,
    credential_kind varchar(20) NOT NULL,
    credential_id varchar(100) NOT NULL,
    method varchar(20) NOT NULL,
    route varchar(200) NOT NULL,
    status_class smallint NOT NULL,
    calls bigint NOT NULL,
    bytes_in bigint NOT NULL,
    bytes_out bigint NOT NULL,
    duration_us bigint NOT NULL,
    {latencies},
    PRIMARY KEY (
        organization_id, grain, bucket, credential_kind, credential_id, method, route,
        status_class)
);
CREATE INDEX audit_usage_{level}_bucket ON audit_usage_{level} (bucket);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_event_log")]

    operations = [
        migrations.RunSQL(
            TABLE.format(level=level, latencies=LATENCIES),
            f"DROP TABLE audit_usage_{level}",
        )
        for level in LEVELS
    ]
