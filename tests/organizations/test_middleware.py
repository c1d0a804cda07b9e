import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.urls import reverse

from organizations.middleware import SEEN_SECONDS

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HOME = reverse("employees:home")


def last_seen(client):
    return UserSession.objects.get(session_key=client.session.session_key)


@pytest.fixture
def client_at_start(member_client):
    with time_machine.travel(START, tick=False):
        client = member_client("employee")
        client.get(HOME)
        yield client


def test_a_session_that_was_just_seen_is_not_written_again(client_at_start):
    with time_machine.travel(START + dt.timedelta(seconds=10), tick=False):
        client_at_start.get(HOME)

    assert last_seen(client_at_start).last_seen_at == START


def test_another_browser_is_noted_at_once(client_at_start):
    later = START + dt.timedelta(seconds=10)
    with time_machine.travel(later, tick=False):
        client_at_start.get(HOME, headers={"user-agent": "Another/1.0"})

    session = last_seen(client_at_start)
    assert session.last_seen_at == later
    assert session.user_agent == "Another/1.0"


def test_activity_is_noted_again_after_a_while(client_at_start, settings):
    from django.core.cache import cache

    # Valkey keeps its own time: let it forget as it would after the pause.
    cache.clear()
    later = START + dt.timedelta(seconds=SEEN_SECONDS)
    with time_machine.travel(later, tick=False):
        client_at_start.get(HOME)

    assert last_seen(client_at_start).last_seen_at == later
