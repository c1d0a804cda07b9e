"""Numbers for Prometheus: in its format, and only to whom they are for."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from integrations.api_keys.models import KeyUse
from integrations.api_keys.services import revoke_key
from integrations.audit.rollups import roll_up
from integrations.monitoring.metrics import Metric, _lines
from tests.factories import OrganizationFactory
from tests.factories.api_keys import ApiKeyFactory
from tests.integrations.audit.test_rollups import KEPT, called

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_calls")]

LINE = re.compile(
    r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? \S+)'
)


def read(**headers: str) -> str:
    return Client(headers=headers).get("/health/metrics").content.decode()


def test_calls_and_latencies_are_told():
    for status in (200, 200, 404):
        called(OrganizationFactory(), timezone.now(), status=status, duration_us=1000)
    before = read()
    roll_up(minutes_kept=KEPT)

    text = read()

    assert all(LINE.fullmatch(line) for line in text.splitlines())
    assert 'people_hr_api_calls_total{status="2xx"} 2\n' in text
    assert 'people_hr_api_calls_total{status="4xx"} 1\n' in text
    assert 'people_hr_api_latency_seconds_bucket{le="+Inf"} 3\n' in text
    assert "people_hr_api_latency_seconds_count 3\n" in text
    assert "people_hr_api_latency_seconds_sum 0.003\n" in text
    assert "people_hr_audit_calls_dropped_total 0\n" in text
    assert "people_hr_api_latency_seconds_count 0\n" in before


def test_buckets_of_the_histogram_only_grow():
    called(OrganizationFactory(), timezone.now(), duration_us=5000)
    roll_up(minutes_kept=KEPT)

    counts = [int(n) for n in re.findall(r"_bucket\{le=.*?\} (\d+)", read())]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("token", "extra", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "203.0.113.7"}, 403),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ("right", {}, 403),
        ("right", {"HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ("right", {"HTTP_AUTHORIZATION": "Basic right"}, 403),
        ("right", {"HTTP_AUTHORIZATION": "bearer right"}, 200),
        (
            "right",
            {"HTTP_AUTHORIZATION": "Bearer right", "REMOTE_ADDR": "203.0.113.7"},
            200,
        ),
    ],
)
def test_metrics_are_for_this_machine_or_who_holds_the_token(
    settings, token, extra, status
):
    settings.METRICS_TOKEN = token

    assert Client().get("/health/metrics", **extra).status_code == status


def test_labels_are_escaped():
    metric = Metric("a", "gauge", "b", [({"c": 'x"\\\n'}, 1)])

    assert list(_lines(metric))[-1] == 'a{c="x\\"\\\\\\n"} 1\n'


def test_keys_are_told_by_state_and_use():
    key = ApiKeyFactory()
    ApiKeyFactory(expires_at=timezone.now() - dt.timedelta(days=1))
    revoke_key(ApiKeyFactory(is_enabled=False))
    KeyUse.objects.create(
        organization=key.organization, key=key, last_used_at=timezone.now()
    )

    told = dict(re.findall(r'people_hr_api_keys\{state="(\w+)"\} (\d+)', read()))

    assert told == {
        "active": "1",
        "expired": "1",
        "revoked": "1",
        "disabled": "0",
        "frozen": "0",
        "not_yet_valid": "0",
    }
    assert "people_hr_api_keys_used 1\n" in read()


def test_store_of_the_limits_is_told():
    text = read()

    assert "people_hr_limits_store_up 1\n" in text
    assert re.search(r"\npeople_hr_limits_degraded_decisions_total \d+\n", text)
