"""API keys by the API."""

import datetime as dt

import pytest
from django.utils import timezone

from integrations.api_keys.models import ApiKey, KeyUse
from integrations.api_keys.refusals import Refused
from integrations.api_keys.services import disable_key
from integrations.api_keys.verification import verify
from integrations.webhooks.models import Event
from organizations.roles import Role
from tests.api import api_client
from tests.factories import DepartmentFactory, EndpointFactory
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db

KEYS = "/api/v1/api-keys/"
PAYROLL = {"name": "Payroll", "scopes": ["employees:read"]}


def test_new_key_is_shown_once_and_works():
    client = api_client()

    answer = client.send("POST", KEYS, PAYROLL)

    made = answer.json()
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert answer["Location"].endswith(f"{KEYS}{made['id']}/")
    assert made["key"].startswith(f"{made['public_part']}_")
    assert made["owner"] == str(client.membership.user_id)
    opened = verify(made["key"])
    assert opened.access.organization == client.membership.organization
    assert opened.access.scopes == {"employees:read"}
    shown = client.get(f"{KEYS}{made['id']}/").json()
    assert made["key"] not in str(shown)
    assert shown == {name: made[name] for name in made if name != "key"}


def test_secrets_are_in_no_event_and_no_answer():
    client = api_client()
    EndpointFactory(organization=client.membership.organization)
    made = client.send("POST", KEYS, PAYROLL).json()
    client.send("PATCH", f"{KEYS}{made['id']}/", {"name": "Salaries"})
    kept = ApiKey.objects.get(pk=made["id"])

    told = "".join(Event.objects.values_list("body", flat=True))
    listed = client.get(KEYS).content.decode()

    assert "api_key.created" in told
    assert "Salaries" in told
    secret = made["key"].split("_")[3]
    for text in (secret, kept.secret_hash, kept.secret_tag, "is_canary"):
        assert text not in told
        assert text not in listed


@pytest.mark.parametrize("count", [1, 3])
def test_list_shows_own_keys_in_as_many_queries(count, django_assert_num_queries):
    client = api_client()
    mine = ApiKeyFactory.create_batch(
        count, organization=client.membership.organization
    )
    ApiKeyFactory()  # another organization's, which could leak

    with django_assert_num_queries(3):
        listed = client.get(KEYS).json()["results"]

    assert sorted(key["id"] for key in listed) == sorted(str(k.pk) for k in mine)
    assert {key["last_use"] for key in listed} == {None}


def test_last_use_is_shown():
    client = api_client()
    key = ApiKeyFactory(organization=client.membership.organization)
    KeyUse.objects.create(
        organization=key.organization,
        key=key,
        last_used_at=timezone.now(),
        address="203.0.113.7",
        endpoint="api:employee-list",
    )

    shown = client.get(f"{KEYS}{key.pk}/").json()["last_use"]

    assert (shown["address"], shown["endpoint"]) == ("203.0.113.7", "api:employee-list")


def test_nobody_gives_away_what_they_do_not_hold():
    client = api_client(Role.HR_ADMIN)

    refused = client.send(
        "POST", KEYS, PAYROLL | {"scopes": ["organization:manage", "employees:read"]}
    )

    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {
            "field": "scopes",
            "pointer": "/scopes",
            "code": "not_held",
            "message": "You cannot give away what you do not hold: "
            "organization:manage.",
        }
    ]


def test_hr_admin_does_not_get_an_owners_key_by_rotating_it():
    client = api_client(Role.HR_ADMIN)
    key = ApiKeyFactory(
        organization=client.membership.organization, scopes=["organization:manage"]
    )

    refused = client.send("POST", f"{KEYS}{key.pk}/rotate/", {})

    assert refused.status_code == 400
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("scopes", ["employees:fly"], "unknown_scope"),
        ("networks", ["10.0.0.1/24"], "network"),
        ("networks", ["0.0.0.0/0"], "everywhere"),
        ("networks", ["hr.example.com"], "network"),
        ("expires_at", "2020-01-01T00:00:00Z", "past"),
        ("hourly_quota", 0, "min_value"),
        ("reach", {"planets": []}, "unknown_reach"),
        ("key_id", "AAAAAAAAAAAA", "read_only"),
        ("secret_hash", "$2b$04$", "unknown"),
        ("is_enabled", False, "read_only"),
        ("environment", "staging", "invalid_choice"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(field, value, code):
    refused = api_client().send("POST", KEYS, PAYROLL | {field: value})

    assert refused.status_code == 400, refused.content
    told = refused.json()["errors"][0]
    assert (told["field"].split(".")[0], told["code"]) == (field, code)
    assert not ApiKey.objects.exists()


def test_networks_are_kept_in_their_one_form():
    made = api_client().send(
        "POST",
        KEYS,
        PAYROLL | {"networks": ["::ffff:203.0.113.7", "2001:DB8:0::/32", "10.1.2.3"]},
    )

    assert made.json()["networks"] == ["10.1.2.3/32", "203.0.113.7/32", "2001:db8::/32"]


def test_organization_bounds_the_life_of_its_keys():
    client = api_client()
    client.send("PUT", f"{KEYS}policy/", {"max_lifetime_days": 30})

    unsaid = client.send("POST", KEYS, PAYROLL).json()
    too_late = (timezone.now() + dt.timedelta(days=31)).isoformat()
    refused = client.send("POST", KEYS, PAYROLL | {"expires_at": too_late})

    end = dt.datetime.fromisoformat(unsaid["expires_at"])
    assert (end - timezone.now()).days == 29
    assert refused.json()["errors"][0]["code"] == "too_long"
    assert client.get(f"{KEYS}policy/").json() == {
        "max_lifetime_days": 30,
        "outlives_password": False,
    }


def test_rotation_with_overlap_leaves_both_working_until_its_end():
    client = api_client()
    made = client.send("POST", KEYS, PAYROLL | {"networks": ["10.0.0.0/8"]}).json()

    new = client.send(
        "POST", f"{KEYS}{made['id']}/rotate/", {"overlap_seconds": 3600}
    ).json()

    old = client.get(f"{KEYS}{made['id']}/").json()
    assert new["key"] != made["key"]
    assert (new["scopes"], new["networks"]) == (made["scopes"], made["networks"])
    assert old["replaced_by"] == new["id"]
    assert old["state"] == "active"
    assert verify(made["key"]).deprecated_until == dt.datetime.fromisoformat(
        old["expires_at"]
    )
    assert verify(new["key"]).deprecated_until is None


def test_rotation_without_overlap_ends_the_old_key_at_once():
    client = api_client()
    made = client.send("POST", KEYS, PAYROLL).json()

    new = client.send("POST", f"{KEYS}{made['id']}/rotate/", {}).json()

    with pytest.raises(Refused) as refused:
        verify(made["key"])
    assert refused.value.reason == "revoked"
    assert verify(new["key"])


def test_overlap_of_more_than_seven_days_is_refused():
    client = api_client()
    key = ApiKeyFactory(organization=client.membership.organization)

    refused = client.send(
        "POST", f"{KEYS}{key.pk}/rotate/", {"overlap_seconds": 604_801}
    )

    assert refused.json()["errors"][0]["field"] == "overlap_seconds"


def test_key_is_revoked_with_a_reason_and_then_removed():
    client = api_client()
    key = ApiKeyFactory(organization=client.membership.organization)
    address = f"{KEYS}{key.pk}/"

    alive = client.send("DELETE", address)
    revoked = client.send("POST", f"{address}revoke/", {"reason": "Leaked"}).json()

    assert alive.status_code == 400
    assert (revoked["state"], revoked["revocation_reason"]) == ("revoked", "Leaked")
    assert revoked["revoked_by"] == str(client.membership.user_id)
    assert client.send("POST", f"{address}enable/").json()["errors"][0]["code"] == (
        "revoked"
    )
    assert client.send("DELETE", address).status_code == 204


def test_key_is_switched_off_and_on():
    client = api_client()
    key = ApiKeyFactory(organization=client.membership.organization)

    off = client.send("POST", f"{KEYS}{key.pk}/disable/").json()
    with pytest.raises(Refused) as refused:
        verify(key.text)
    on = client.send("POST", f"{KEYS}{key.pk}/enable/").json()

    assert (off["state"], refused.value.reason, on["state"]) == (
        "disabled",
        "disabled",
        "active",
    )
    assert verify(key.text)


def test_states_are_told_apart_by_the_filter():
    client = api_client()
    its = {"organization": client.membership.organization}
    disable_key(ApiKeyFactory(**its, name="off"))
    ApiKeyFactory(**its, name="on")
    ApiKeyFactory(**its, name="later", starts_at=timezone.now() + dt.timedelta(days=1))

    found = {
        state: [
            key["name"] for key in client.get(f"{KEYS}?state={state}").json()["results"]
        ]
        for state in ("active", "disabled", "not_yet_valid", "revoked")
    }

    assert found == {
        "active": ["on"],
        "disabled": ["off"],
        "not_yet_valid": ["later"],
        "revoked": [],
    }


def test_report_names_keys_that_nobody_uses():
    client = api_client()
    its = {"organization": client.membership.organization}
    long_ago = timezone.now() - dt.timedelta(days=100)
    used = ApiKeyFactory(**its, name="used", created_at=long_ago)
    KeyUse.objects.create(**its, key=used, last_used_at=timezone.now())
    unused = ApiKeyFactory(**its, name="unused", created_at=long_ago)
    ApiKeyFactory(**its, name="new")

    listed = client.get(f"{KEYS}?unused_days=90").json()["results"]

    assert [key["id"] for key in listed] == [str(unused.pk)]


def test_keys_of_a_department_must_name_one_that_exists():
    client = api_client()
    department = DepartmentFactory()  # another organization's

    refused = client.send(
        "POST", KEYS, PAYROLL | {"reach": {"departments": [str(department.pk)]}}
    )

    assert refused.json()["errors"][0]["code"] == "not_found"
