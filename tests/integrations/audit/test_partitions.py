"""Days of the call log are made ahead, mended and dropped as a whole."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from integrations.audit.models import LoggedCall, SecurityRecord
from integrations.audit.partitions import (
    DAYS_AHEAD,
    days_present,
    keep_partitions,
    stray_days,
)
from integrations.audit.tasks import keep_call_log
from tests.integrations.audit.calling import a_call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_calls")]

FAR = dt.date(2090, 5, 10)


def call_on(day: dt.date) -> LoggedCall:
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    call = a_call(occurred_at=at)
    return LoggedCall.objects.create(
        **{name: getattr(call, name) for name in call.__slots__}
    )


def test_the_first_days_are_there_after_migrating():
    today = dt.datetime.now(dt.UTC).date()

    assert today in days_present()


def test_days_are_made_ahead_once():
    first = keep_partitions(FAR, days_kept=365 * 100)
    second = keep_partitions(FAR, days_kept=365 * 100)

    assert len(first.made) == DAYS_AHEAD + 2
    assert second.made == []
    assert FAR + dt.timedelta(days=DAYS_AHEAD) in days_present()


def test_a_call_without_a_partition_is_kept_and_moved_home():
    call = call_on(FAR)
    assert stray_days() == {FAR}

    kept = keep_partitions(FAR, days_kept=365 * 100)

    assert kept.moved == 1
    assert stray_days() == set()
    assert LoggedCall.objects.get().pk == call.pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM audit_call")
        assert cursor.fetchone() == ("audit_call_20900510",)


def test_old_days_are_dropped_as_a_whole():
    keep_partitions(FAR, days_kept=365 * 100)
    call_on(FAR)
    call_on(FAR + dt.timedelta(days=1))

    kept = keep_partitions(FAR + dt.timedelta(days=31), days_kept=30)

    assert FAR in kept.dropped
    assert FAR not in days_present()
    assert LoggedCall.objects.count() == 1


def test_a_stray_call_raises_an_alarm():
    call_on(timezone.now().date() + dt.timedelta(days=DAYS_AHEAD + 5))

    keep_call_log()

    alarm = SecurityRecord.objects.get(kind="sys_monitor_disabled")
    assert (alarm.subject, alarm.details) == ("call_log", {"calls": 1})


def test_a_minute_is_looked_for_in_its_day_alone():
    today = dt.datetime.now(dt.UTC).date()
    noon = dt.datetime.combine(today, dt.time(12), dt.UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT FROM audit_call WHERE occurred_at >= %s "
            "AND occurred_at < %s",
            [noon, noon + dt.timedelta(minutes=1)],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"audit_call_{today:%Y%m%d}" in plan
    assert plan.count(" on audit_call_") == 1
