"""Who is told when a key is used that should not be, or nobody owns any more."""

import datetime as dt

import pytest
from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from integrations.api_keys.models import ApiKey, KeyUse
from integrations.api_keys.refusals import Reason, Refused
from integrations.api_keys.services import adopt_key, rotate_key, set_policy
from integrations.api_keys.tasks import mail_about, watch_keys
from integrations.api_keys.verification import verify
from organizations.models import Membership
from organizations.roles import Role
from tests.factories import MembershipFactory
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db

WEEK = dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def _workers(settings, monkeypatch):
    """Do at once what a worker would do."""
    monkeypatch.setattr(
        mail_about,
        "apply_async",
        lambda arguments, **_options: mail_about(*arguments),
    )


def committed():
    return TestCase.captureOnCommitCallbacks(execute=True)


def used(key, before_its_end):
    return KeyUse.objects.create(
        organization=key.organization,
        key=key,
        last_used_at=key.expires_at - before_its_end,
        address="203.0.113.7",
        endpoint="api:employee-list read",
    )


@pytest.fixture
def old():
    """A key that was replaced six and a half days ago, with seven days of overlap."""
    key = ApiKeyFactory()
    rotate_key(key, overlap=WEEK)
    replaced_at = timezone.now() - dt.timedelta(days=6.5)
    ApiKey.objects.for_organization(key.organization).filter(pk=key.pk).update(
        replaced_at=replaced_at, expires_at=replaced_at + WEEK
    )
    key.refresh_from_db()
    return key


def test_late_use_of_a_replaced_key_is_told_once(old, security_events):
    used(old, dt.timedelta(hours=13))

    watch_keys()
    watch_keys()

    told = [event for event in security_events if event.reason == "late_use"]
    assert [event.subject for event in told] == [f"api_key:{old.key_id}"]
    assert (told[0].address, told[0].organization_id) == (
        "203.0.113.7",
        old.organization_id,
    )
    [letter] = mail.outbox
    assert letter.to == [old.owner.email]
    assert "still used" in letter.subject
    assert "api:employee-list read" in letter.body
    assert old.text not in letter.body


@pytest.mark.parametrize("before", [dt.timedelta(days=3), dt.timedelta(hours=17)])
def test_use_in_the_first_nine_tenths_of_the_overlap_is_what_it_is_for(old, before):
    used(old, before)

    watch_keys()

    assert mail.outbox == []


def test_use_of_a_key_that_nobody_replaced_is_no_matter():
    key = ApiKeyFactory(expires_at=timezone.now() + dt.timedelta(hours=1))
    used(key, dt.timedelta(hours=1))

    watch_keys()

    assert mail.outbox == []


def test_canary_alarms_each_time_and_mails_once_an_hour(security_events):
    canary = ApiKeyFactory(is_canary=True)
    MembershipFactory(organization=canary.organization, role=Role.EMPLOYEE)

    for _try in range(3):
        with committed():
            answer = Client().get(
                "/api/v1/employees/", headers={"X-API-Key": canary.text}
            )
        assert answer.status_code == 401

    alarms = [event for event in security_events if event.reason == "canary"]
    # Each try is told by the key; the refusals of a minute are one more.
    assert len([each for each in alarms if each.actor_type == "api_key"]) == 3
    assert {each.address for each in alarms} == {"127.0.0.1"}
    [letter] = mail.outbox
    assert letter.to == [canary.owner.email]
    assert "canary" in letter.subject


def test_keys_freeze_when_their_owner_leaves_and_owners_are_told(security_events):
    key = ApiKeyFactory()
    keeper = MembershipFactory(organization=key.organization, role=Role.OWNER)

    with committed():
        Membership.objects.for_organization(key.organization).get(
            user=key.owner
        ).delete()

    key.refresh_from_db()
    assert key.state == "frozen"
    with pytest.raises(Refused) as refused:
        verify(key.text)
    assert refused.value.reason == Reason.OWNER_GONE
    assert "frozen" in [event.reason for event in security_events]
    [letter] = mail.outbox
    assert letter.to == [keeper.user.email]


def test_keys_freeze_when_their_owner_is_deactivated():
    key = ApiKeyFactory()
    key.owner.is_active = False
    key.owner.save()

    key.refresh_from_db()
    assert key.state == "frozen"


def renew_password(key):
    key.owner.set_password("another long sentence")
    key.owner.save()
    key.refresh_from_db()


def test_keys_freeze_when_their_owner_gets_another_password(security_events):
    key = ApiKeyFactory()
    with committed():
        verify(key.text)

    with committed():
        renew_password(key)

    assert key.state == "frozen"
    with pytest.raises(Refused) as refused:
        verify(key.text)
    assert refused.value.reason == Reason.FROZEN
    assert "frozen" in [event.reason for event in security_events]


def test_keys_outlive_a_password_where_the_organization_says_so():
    key = ApiKeyFactory()
    set_policy(key.organization, max_lifetime_days=None, outlives_password=True)

    renew_password(key)

    assert key.state == "active"


def test_a_password_that_is_hashed_anew_stops_no_key(settings):
    key = ApiKeyFactory()
    renew_password(key)
    adopt_key(key, key.owner)
    hasher = "django.contrib.auth.hashers.ScryptPasswordHasher"
    settings.PASSWORD_HASHERS = [hasher, *settings.PASSWORD_HASHERS]

    assert key.owner.check_password("another long sentence")

    key.refresh_from_db()
    assert key.owner.password.startswith("scrypt")
    assert key.state == "active"


def test_keys_whose_owner_left_by_a_way_that_told_nobody_are_found():
    key = ApiKeyFactory()
    other = ApiKeyFactory()
    type(key.owner).objects.filter(pk=key.owner_id).update(is_active=False)

    watch_keys()

    key.refresh_from_db()
    other.refresh_from_db()
    assert (key.state, other.state) == ("frozen", "active")


def test_frozen_key_stays_frozen_when_its_owner_comes_back():
    key = ApiKeyFactory()
    for is_active in (False, True):
        key.owner.is_active = is_active
        key.owner.save()

    with pytest.raises(Refused) as refused:
        verify(key.text)

    assert refused.value.reason == Reason.FROZEN
