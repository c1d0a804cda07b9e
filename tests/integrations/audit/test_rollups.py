"""Usage is counted from the calls: the same however often and however late."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from integrations.audit import counting
from integrations.audit.histogram import (
    BOUNDS,
    BUCKETS,
    RELATIVE_ERROR,
    bucket_of,
    percentile_us,
)
from integrations.audit.models import LoggedCall
from integrations.audit.rollups import prune_usage, roll_up
from integrations.audit.usage import Bucket, Usage, calls_of, summary_of, top_routes
from organizations.models import Organization
from tests.factories import OrganizationFactory
from tests.integrations.audit.calling import a_call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_calls")]

KEPT = dt.timedelta(days=3)


def called(organization: Organization, at: dt.datetime, **changes: Any) -> None:
    """Write a call as the flusher does: with the mark of its minute."""
    call = a_call(occurred_at=at, organization_id=organization.pk, **changes)
    LoggedCall.objects.create(**{name: getattr(call, name) for name in call.__slots__})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_stale_minute VALUES (date_trunc('minute', %s))", [at]
        )


def usage_of(organization: Organization, bucket: Bucket, **asked: Any) -> Usage:
    now = timezone.now()
    return summary_of(
        organization,
        since=now - dt.timedelta(days=2),
        until=now + dt.timedelta(days=1),
        bucket=bucket,
        **asked,
    ).total


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def moment() -> dt.datetime:
    """A whole minute of yesterday."""
    yesterday = timezone.now() - dt.timedelta(days=1)
    return yesterday.replace(hour=10, minute=30, second=0, microsecond=0)


@pytest.mark.parametrize("bucket", Bucket)
def test_calls_are_counted_on_every_level(organization, moment, bucket):
    called(organization, moment, status=200, duration_us=1000, bytes_in=10)
    called(organization, moment, status=404, duration_us=1000, bytes_in=20)
    called(organization, moment, status=503, duration_us=90_000, bytes_in=30)

    roll_up(minutes_kept=KEPT)

    usage = usage_of(organization, bucket)
    assert (usage.calls, usage.client_errors, usage.server_errors) == (3, 1, 1)
    assert (usage.bytes_in, usage.bytes_out) == (60, 3 * 2048)
    assert usage.p50_ms == pytest.approx(1, rel=RELATIVE_ERROR)
    assert usage.p99_ms == pytest.approx(90, rel=RELATIVE_ERROR)


def test_counting_twice_changes_nothing(organization, moment):
    called(organization, moment)
    roll_up(minutes_kept=KEPT)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_stale_minute VALUES (%s)", [moment])

    assert roll_up(minutes_kept=KEPT).minutes == 1
    assert roll_up(minutes_kept=KEPT).minutes == 0

    assert usage_of(organization, Bucket.DAY).calls == 1


@pytest.mark.parametrize("bucket", Bucket)
def test_a_call_that_comes_late_is_counted(organization, moment, bucket):
    called(organization, moment)
    roll_up(minutes_kept=KEPT)
    called(organization, moment + dt.timedelta(seconds=59))
    called(organization, moment + dt.timedelta(minutes=1))

    assert roll_up(minutes_kept=KEPT).minutes == 2

    assert usage_of(organization, bucket).calls == 3


def test_a_minute_that_is_no_longer_kept_leaves_its_day_as_it_was(organization, moment):
    long_ago = moment - dt.timedelta(days=20)
    called(organization, long_ago)

    assert roll_up(minutes_kept=KEPT) == (0, 1)
    with connection.cursor() as cursor:
        assert counting.read(cursor) == {counting.MINUTES_TOO_LATE: 1}


def test_counters_of_the_installation_grow_by_what_is_new(organization, moment):
    called(organization, moment, duration_us=1000)
    roll_up(minutes_kept=KEPT)
    called(organization, moment, status=500, duration_us=3000)
    roll_up(minutes_kept=KEPT)

    with connection.cursor() as cursor:
        counted = counting.read(cursor)
    assert counted[counting.calls_of_class(2)] == 1
    assert counted[counting.calls_of_class(5)] == 1
    assert counted[counting.DURATION_US] == 4000
    assert counted[counting.calls_of_latency(bucket_of(3000))] == 1


def test_usage_is_of_one_organization_alone(organization, moment):
    other = OrganizationFactory()
    called(organization, moment)
    called(other, moment, route="/api/v1/secret/")
    roll_up(minutes_kept=KEPT)

    summary = summary_of(
        organization,
        since=moment,
        until=moment + dt.timedelta(days=1),
        bucket=Bucket.HOUR,
    )
    assert summary.total.calls == 1
    assert [name for name, _usage in summary.routes] == ["GET /api/v1/employees/"]


def test_usage_is_narrowed_by_route_and_credential(organization, moment):
    called(organization, moment, route="/a/", credential_id="one")
    called(organization, moment, route="/a/", credential_id="two")
    called(organization, moment, route="/b/", credential_id="two")
    roll_up(minutes_kept=KEPT)

    for asked, calls in (
        ({}, 3),
        ({"route": "/a/"}, 2),
        ({"credential_id": "two"}, 2),
        ({"route": "/a/", "credential_id": "two"}, 1),
        ({"route": "/c/"}, 0),
    ):
        assert usage_of(organization, Bucket.DAY, **asked).calls == calls, asked
    span = {"since": moment, "until": moment + dt.timedelta(days=1)}
    named = top_routes(organization, **span, bucket=Bucket.HOUR, credential_id="two")
    assert [(name, usage.calls) for name, usage in named] == [
        ("GET /a/", 1),
        ("GET /b/", 1),
    ]


def test_buckets_without_calls_are_in_the_series(organization, moment):
    called(organization, moment)
    roll_up(minutes_kept=KEPT)

    series = calls_of(
        organization,
        since=moment - dt.timedelta(minutes=2),
        until=moment + dt.timedelta(minutes=2),
        bucket=Bucket.MINUTE,
    )

    assert [usage.calls for _at, usage in series] == [0, 0, 1, 0]
    assert series[2][0] == moment


def test_the_database_puts_a_latency_where_python_does():
    durations = [0, *BOUNDS, *(bound - 1 for bound in BOUNDS), 10**12]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT width_bucket(duration, %s::bigint[]) "
            "FROM unnest(%s::bigint[]) WITH ORDINALITY AS t (duration, n) ORDER BY n",
            [list(BOUNDS), durations],
        )
        found = [bucket for (bucket,) in cursor.fetchall()]
    assert found == [bucket_of(duration) for duration in durations]
    assert max(found) == BUCKETS - 1


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_percentiles_of_added_histograms_stay_within_the_error(share):
    durations = [250 + (n * 7919) ** 2 % 5_000_000 for n in range(1, 5000)]
    histogram = [0] * BUCKETS
    for duration in durations:
        histogram[bucket_of(duration)] += 1
    exact = sorted(durations)[int(share * len(durations))]

    told = percentile_us(histogram, share)

    assert abs(told - exact) / exact <= RELATIVE_ERROR + 0.005


def test_percentiles_of_nothing_are_none():
    assert percentile_us([0] * BUCKETS, 0.5) is None


def test_old_numbers_go_level_by_level(organization, moment):
    called(organization, moment)
    roll_up(minutes_kept=KEPT)

    prune_usage({"minute": dt.timedelta(0)})

    assert usage_of(organization, Bucket.MINUTE).calls == 0
    assert usage_of(organization, Bucket.HOUR).calls == 1
