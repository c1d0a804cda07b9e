"""Sessions of pages are rows: those that are past go, with what was noted of them."""

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organizations.tasks import forget_expired_sessions
from tests.factories import MembershipFactory
from tests.factories.organizations import PASSWORD

pytestmark = pytest.mark.django_db


def logged_in() -> Client:
    client = Client()
    email = MembershipFactory().user.email
    client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert client.get(reverse("employees:home")).status_code == 200
    return client


def test_sessions_that_are_past_are_forgotten_and_others_stay():
    with time_machine.travel(timezone.now() - dt.timedelta(days=15), tick=False):
        past = logged_in()
    now = logged_in()
    keys = [
        client.cookies[settings.SESSION_COOKIE_NAME].value for client in (past, now)
    ]
    assert Session.objects.filter(session_key__in=keys).count() == 2
    assert UserSession.objects.filter(session_key__in=keys).count() == 2

    forget_expired_sessions()

    assert list(Session.objects.values_list("session_key", flat=True)) == keys[1:]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == keys[1:]
    assert now.get(reverse("employees:home")).status_code == 200
    assert past.get(reverse("employees:home")).status_code == 302


def test_the_note_of_a_session_that_was_ended_is_kept_for_a_day():
    logged_in()
    Session.objects.all().delete()

    forget_expired_sessions()
    assert UserSession.objects.count() == 1
    with time_machine.travel(timezone.now() + dt.timedelta(days=2), tick=False):
        forget_expired_sessions()

    assert not UserSession.objects.exists()
