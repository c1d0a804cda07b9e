"""Keys in the admin: found, switched, taken over, revoked and removed together."""

import datetime as dt

import pytest
from django.utils import timezone

from integrations.api_keys.models import ApiKey, KeyUse
from integrations.api_keys.services import freeze_keys_of, revoke_key
from integrations.audit.models import IntegrationEvent
from organizations.roles import Role
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/api_keys/apikey/"


@pytest.fixture
def owner(member_client):
    return member_client(Role.OWNER)


def of(client, **fields):
    return ApiKeyFactory(organization=client.membership.organization, **fields)


def act(client, action, *keys):
    chosen = {"action": action, "_selected_action": [key.pk for key in keys]}
    answer = client.post(LIST, chosen, follow=True)
    for key in keys:
        key.refresh_from_db()
    return answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_as_many_queries_for_one_as_for_three(
    owner, count, django_assert_max_num_queries
):
    for number in range(count):
        key = of(owner, name=f"Program {number}")
        KeyUse.objects.create(
            organization=key.organization, key=key, last_used_at=timezone.now()
        )
    ApiKeyFactory(name="Program of others")
    owner.get(LIST)

    with django_assert_max_num_queries(12):
        page = owner.get(LIST).content.decode()

    assert page.count("Program ") == count


def test_report_of_unused_keys_and_states_are_filters(owner):
    unused = of(owner, name="Sleeping")
    ApiKey.objects.for_organization(unused.organization).update(
        created_at=timezone.now() - dt.timedelta(days=100)
    )
    used = of(owner, name="Working")
    revoke_key(of(owner, name="Gone"))

    report = owner.get(f"{LIST}?unused_days=90").content.decode()
    revoked = owner.get(f"{LIST}?state=revoked").content.decode()

    assert "Sleeping" in report
    assert used.name not in report
    assert ("Gone" in revoked, "Working" in revoked) == (True, False)


def test_record_tells_all_but_the_secret(owner):
    key = of(owner, networks=["203.0.113.0/24"])

    page = owner.get(f"{LIST}{key.pk}/change/").content.decode()

    assert key.public_part in page
    assert "203.0.113.0/24" in page
    assert f"/api-keys/{key.pk}/" in page
    for secret in (key.text, key.secret_hash, key.secret_tag):
        assert secret not in page


def test_keys_are_switched_off_and_on_and_revoked(owner):
    keys = [of(owner), of(owner)]

    act(owner, "switch_off", *keys)
    assert {key.state for key in keys} == {"disabled"}
    act(owner, "switch_on", *keys)
    assert {key.state for key in keys} == {"active"}
    act(owner, "revoke", *keys)
    assert {key.state for key in keys} == {"revoked"}

    assert "revoked for good" in act(owner, "switch_on", keys[0])


def test_frozen_keys_are_taken_over(owner):
    key = of(owner)
    freeze_keys_of(key.owner)

    act(owner, "take_over", key)

    assert (key.state, key.owner) == ("active", owner.membership.user)


def test_only_ended_keys_are_removed(owner):
    alive, ended = of(owner), revoke_key(of(owner))
    remove = {
        "action": "delete_selected",
        "_selected_action": [alive.pk, ended.pk],
        "post": "yes",
    }

    page = owner.post(LIST, remove, follow=True).content.decode()
    owner.post(LIST, remove | {"_selected_action": [ended.pk]})

    assert "Revoke this key first." in page
    assert list(ApiKey.objects.for_organization(alive.organization)) == [alive]


def test_adding_leads_to_the_page_that_shows_the_key_once(owner, member_client):
    assert owner.get(f"{LIST}add/")["Location"] == "/api-keys/new/"
    assert member_client(Role.AUDITOR).get(f"{LIST}add/").status_code == 403


def test_log_of_integration_events_tells_what_became_of_a_key(owner):
    key = of(owner, name="Payroll")
    act(owner, "switch_off", key)
    act(owner, "revoke", key)

    told = IntegrationEvent.objects.for_organization(key.organization).filter(
        subject=f"api_key:{key.key_id}"
    )

    assert [(event.kind, event.reason) for event in told.order_by("id")] == [
        ("api_key.created", "created"),
        ("api_key.changed", "disabled"),
        ("api_key.revoked", "revoked"),
    ]
    assert {event.details["name"] for event in told} == {"Payroll"}
