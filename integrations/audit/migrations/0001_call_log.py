"""The call log: a table of day partitions, and the first days' partitions.

The table holds no foreign keys: it is written by COPY from a thread of its own, and a
call must be kept whatever becomes of what it names.
"""

import datetime as dt

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

FORWARD = """
CREATE TABLE audit_call (
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    organization_id uuid,
    actor_type varchar(20) NOT NULL,
    actor_id varchar(100),
    credential_kind varchar(20) NOT NULL,
    credential_id varchar(100) NOT NULL,
    method varchar(20) NOT NULL,
    route varchar(200) NOT NULL,
    status smallint NOT NULL,
    address varchar(45) NOT NULL,
    agent varchar(300) NOT NULL,
    duration_us bigint NOT NULL,
    bytes_in bigint NOT NULL,
    bytes_out bigint NOT NULL,
    request_id varchar(64) NOT NULL,
    PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX audit_call_newest ON audit_call (organization_id, id DESC);
CREATE INDEX audit_call_of_credential
    ON audit_call (organization_id, credential_id, id DESC);
CREATE INDEX audit_call_moment ON audit_call USING brin (occurred_at);
CREATE TABLE audit_call_default PARTITION OF audit_call DEFAULT;

CREATE TABLE audit_stale_minute (minute timestamptz NOT NULL);

CREATE TABLE audit_counter (name text PRIMARY KEY, value bigint NOT NULL);
"""

BACKWARD = """
DROP TABLE audit_counter;
DROP TABLE audit_stale_minute;
DROP TABLE audit_call;
"""

DAYS_AHEAD = 7


def make_first_days(apps, schema_editor):
    # Copied from integrations.audit.partitions on purpose: that code will change.
    today = dt.datetime.now(dt.UTC).date()
    for ahead in range(-1, DAYS_AHEAD + 1):
        day = today + dt.timedelta(days=ahead)
        schema_editor.execute(
            f"CREATE TABLE audit_call_{day:%Y%m%d} PARTITION OF audit_call "
            f"FOR VALUES FROM ('{day}T00:00:00Z') "
            f"TO ('{day + dt.timedelta(days=1)}T00:00:00Z')"
        )


class Migration(migrations.Migration):
    initial = True

    dependencies = [("organizations", "0001_initial")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(make_first_days, migrations.RunPython.noop),
        migrations.CreateModel(
            name="LoggedCall",
            fields=[
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField(verbose_name="moment")),
                ("actor_type", models.CharField(max_length=20, verbose_name="actor type")),
                ("actor_id", models.CharField(max_length=100, null=True, verbose_name="actor")),
                ("credential_kind", models.CharField(max_length=20, verbose_name="kind of credential")),
                ("credential_id", models.CharField(max_length=100, verbose_name="credential")),
                ("method", models.CharField(max_length=20, verbose_name="method")),
                ("route", models.CharField(max_length=200, verbose_name="route")),
                ("status", models.SmallIntegerField(verbose_name="status")),
                ("address", models.CharField(max_length=45, verbose_name="network address")),
                ("agent", models.CharField(max_length=300, verbose_name="client program")),
                ("duration_us", models.BigIntegerField(verbose_name="duration (µs)")),
                ("bytes_in", models.BigIntegerField(verbose_name="bytes in")),
                ("bytes_out", models.BigIntegerField(verbose_name="bytes out")),
                ("request_id", models.CharField(max_length=64, verbose_name="request")),
                ("organization", models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.organization")),
            ],
            options={
                "verbose_name": "API call",
                "verbose_name_plural": "API calls",
                "db_table": "audit_call",
                "ordering": ["-id"],
                "managed": False,
            },
        ),
    ]
