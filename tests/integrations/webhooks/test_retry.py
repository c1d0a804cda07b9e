import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.retry import MAX_ATTEMPTS, is_success, next_wait


def test_twelve_attempts_take_about_72_hours():
    waits = [next_wait(made, jitter=0) for made in range(1, MAX_ATTEMPTS)]

    assert MAX_ATTEMPTS == 12
    assert sum(waits, dt.timedelta()) == dt.timedelta(hours=71, minutes=42, seconds=35)
    assert waits == sorted(waits)


def test_after_the_last_attempt_there_is_no_other():
    assert next_wait(12, jitter=0) is None


@given(st.integers(1, 11), st.floats(-1, 1))
def test_jitter_stays_within_a_fifth(attempts, jitter):
    planned = next_wait(attempts, jitter=0)

    wait = next_wait(attempts, jitter=jitter)

    assert planned * 0.8 <= wait + dt.timedelta(microseconds=1)
    assert wait - dt.timedelta(microseconds=1) <= planned * 1.2


@pytest.mark.parametrize(
    ("status_code", "accepts"),
    [
        (200, True),
        (204, True),
        (299, True),
        (0, False),
        (100, False),
        (199, False),
        (301, False),
        (304, False),
        (400, False),
        (410, False),
        (500, False),
    ],
)
def test_only_2xx_accepts_an_event(status_code, accepts):
    assert is_success(status_code) is accepts
