import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from integrations.webhooks.egress.engine import MAX_RESPONSE_BYTES
from integrations.webhooks.pacing import FIRST_CONNECTIONS, MAX_CONNECTIONS
from integrations.webhooks.retry import WAITS

DOCUMENT = Path(settings.BASE_DIR / "docs" / "webhooks.md").read_text()
UNITS = {"second": 1, "minute": 60, "hour": 3600}


def test_the_table_of_retries_says_what_the_schedule_does():
    rows = re.findall(
        r"^\| (\d+) \| (\d+) (second|minute|hour)s? \|", DOCUMENT, re.MULTILINE
    )

    told = [timedelta(seconds=int(count) * UNITS[unit]) for _, count, unit in rows]
    assert [int(number) for number, *_ in rows] == list(range(2, 13))
    assert tuple(told) == WAITS


def test_the_limits_are_the_ones_in_force():
    assert f"{FIRST_CONNECTIONS} to begin with, up to {MAX_CONNECTIONS}" in DOCUMENT
    assert f"{MAX_RESPONSE_BYTES // 1024} KiB" in DOCUMENT
