"""A flood of refusals is a few events that say how many they stand for."""

import pytest

from integrations.audit import repeated
from integrations.audit.repeated import Repeated, Tally
from organizations.security import SecurityKind

pytestmark = pytest.mark.django_db


def refusal(address: str = "203.0.113.7") -> Repeated:
    return Repeated(SecurityKind.ACCESS_REFUSED, address=address, reason="missing")


@pytest.fixture
def window_is_over(monkeypatch):
    """Let the minute be over as soon as it is called."""
    return lambda: monkeypatch.setattr(repeated, "WINDOW_SECONDS", 0.0)


def test_the_first_is_told_at_once_and_the_rest_with_the_next_minutes_first(
    security_events, window_is_over
):
    tally = Tally()
    for _time in range(1000):
        tally.note(refusal(), route="/api/v1/employees/")
    (first,) = security_events
    assert first.details == {"route": "/api/v1/employees/", "untold_before": 0}
    assert (first.kind, first.address) == (SecurityKind.ACCESS_REFUSED, "203.0.113.7")

    window_is_over()
    tally.note(refusal(), route="/api/v1/me/")

    assert security_events[1].details == {
        "route": "/api/v1/me/",
        "untold_before": 999,
    }


def test_others_are_told_apart(security_events):
    tally = Tally()
    for address in ("203.0.113.7", "203.0.113.8", "203.0.113.7"):
        tally.note(refusal(address))

    assert [event.address for event in security_events] == [
        "203.0.113.7",
        "203.0.113.8",
    ]


def test_where_there_is_no_room_nobody_is_forgotten_without_a_word(security_events):
    tally = Tally(most=2)
    for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.2"):
        tally.note(refusal(address))

    tally.note(refusal("203.0.113.3"))

    assert security_events[-1].details == {"untold_before": 0, "untold_of_others": 2}
