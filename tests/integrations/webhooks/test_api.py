"""Webhooks, deliveries and the event log by API."""

import datetime as dt
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from integrations.webhooks.api import first_id
from integrations.webhooks.models import Attempt, Delivery, Endpoint, Event
from organizations.encryption import decrypt
from organizations.events import EventType
from organizations.roles import Role
from tests.api import ApiClient, api_client
from tests.factories import EmployeeFactory, EndpointFactory, PositionFactory

pytestmark = pytest.mark.django_db

PATH = "/api/v1/webhooks/"
EVENTS = "/api/v1/events/"
PAYROLL = {
    "name": "Payroll",
    "url": "http://127.0.0.1:9/hooks",
    "events": ["employee.*", "position.created"],
}


@pytest.fixture
def client() -> ApiClient:
    return api_client(Role.HR_ADMIN)


def test_the_secret_is_shown_once(client: ApiClient) -> None:
    created = client.send("POST", PATH, PAYROLL)

    assert created.status_code == 201
    secret = created.json()["secret"]
    assert created["Cache-Control"] == "no-store"
    endpoint = Endpoint.objects.get(pk=created.json()["id"])
    assert decrypt(endpoint.encrypted_secret) == secret
    assert secret.startswith("whsec_")
    for response in (client.get(created["Location"]), client.get(PATH)):
        assert secret not in response.content.decode()
        assert "secret" not in response.content.decode()


def test_an_endpoint_is_changed_and_removed(client: ApiClient) -> None:
    address = client.send("POST", PATH, PAYROLL)["Location"]
    secret = Endpoint.objects.get().encrypted_secret

    changed = client.send("PATCH", address, {"events": ["*"], "is_enabled": False})

    assert (changed.json()["events"], changed.json()["is_enabled"]) == (["*"], False)
    assert changed["ETag"] == '"2"'
    assert Endpoint.objects.get().encrypted_secret == secret
    assert client.send("DELETE", address).status_code == 204
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://user:password@example.com/"}, "url"),
        ({"url": ""}, "url"),
        ({"events": ["employee.fired"]}, "events"),
        ({"events": []}, "events"),
        ({"events": "employee.*"}, "events"),
        ({"events": [{}]}, "events.0"),
        ({"name": ""}, "name"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"encrypted_secret": "x"}, "encrypted_secret"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_on_its_field(
    client: ApiClient, change: dict[str, Any], field: str
) -> None:
    response = client.send("POST", PATH, PAYROLL | change)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Endpoint.objects.exists()


def test_who_may_not_manage_webhooks_may_not_see_them_either() -> None:
    client = api_client(Role.HR)
    assert client.get(PATH).status_code == 403
    auditor = api_client(Role.AUDITOR)
    assert auditor.get(PATH).status_code == 200
    assert auditor.send("POST", PATH, PAYROLL).status_code == 403


def test_a_test_event_goes_to_that_endpoint_alone(client: ApiClient) -> None:
    address = client.send("POST", PATH, PAYROLL)["Location"]
    EndpointFactory(organization=client.membership.organization)

    sent = client.send("POST", f"{address}test/")

    assert sent.status_code == 202
    delivery = Delivery.objects.get()
    assert delivery.event.public_id == sent.json()["event"]
    assert str(delivery.endpoint_id) in address
    client.send("PATCH", address, {"is_enabled": False})
    refused = client.send("POST", f"{address}test/")
    assert refused.json()["errors"][0]["code"] == "disabled"


@pytest.mark.parametrize("count", [1, 3])
def test_deliveries_are_listed_newest_first(
    client: ApiClient, count: int, django_assert_num_queries: Any
) -> None:
    organization = client.membership.organization
    endpoint = EndpointFactory(organization=organization)
    EndpointFactory(organization=organization)  # whose deliveries could leak
    PositionFactory.create_batch(count, organization=organization)

    with django_assert_num_queries(3):  # the token, the endpoint, the page
        listed = client.get(f"{PATH}{endpoint.pk}/deliveries/").json()["results"]

    newest_first = Event.objects.filter(type="position.created")[:count]
    assert [row["event"] for row in listed] == [
        event.public_id for event in newest_first
    ]
    assert {row["status"] for row in listed} == {"pending"}
    assert {row["endpoint"] for row in listed} == {str(endpoint.pk)}


def test_a_delivery_is_shown_with_its_attempts_and_sent_again(
    client: ApiClient,
) -> None:
    organization = client.membership.organization
    endpoint = EndpointFactory(organization=organization)
    PositionFactory(organization=organization)
    delivery = Delivery.objects.get()
    Delivery.objects.filter(pk=delivery.pk).update(
        status="failed", due_at=None, attempts=2
    )
    for number in (1, 2):
        Attempt.objects.create(
            organization=organization,
            delivery=delivery,
            number=number,
            attempted_at=timezone.now(),
            status_code=500,
            duration_ms=5,
            error="",
            excerpt="Oops",
        )
    address = f"{PATH}{endpoint.pk}/deliveries/{delivery.pk}/"

    answer = client.get(address).json()
    assert [attempt["number"] for attempt in answer["tries"]] == [2, 1]
    assert answer["tries"][0]["excerpt"] == "Oops"
    failed = client.get(f"{PATH}{endpoint.pk}/deliveries/?status=failed").json()
    assert [row["id"] for row in failed["results"]] == [str(delivery.pk)]

    again = client.send("POST", f"{address}retry/")

    assert (again.status_code, again.json()["status"]) == (202, "retrying")
    assert again.json()["due_at"] is not None


def test_another_organizations_webhooks_are_as_good_as_none(client: ApiClient) -> None:
    theirs = EndpointFactory()
    PositionFactory(organization=theirs.organization)
    delivery = Delivery.objects.get()
    event = Event.objects.get(type="position.created")
    own = EndpointFactory(organization=client.membership.organization)

    for address in (
        f"{PATH}{theirs.pk}/",
        f"{PATH}{theirs.pk}/deliveries/",
        f"{PATH}{theirs.pk}/deliveries/{delivery.pk}/",
        f"{PATH}{own.pk}/deliveries/{delivery.pk}/",
        f"{EVENTS}{event.public_id}/",
    ):
        assert client.get(address).status_code == 404, address
    for address in (
        f"{PATH}{theirs.pk}/test/",
        f"{PATH}{own.pk}/deliveries/{delivery.pk}/retry/",
    ):
        assert client.send("POST", address).status_code == 404, address
    assert client.get(f"{EVENTS}?subject={event.subject_id}").json()["results"] == []


# --- The event log --------------------------------------------------------------------


def test_the_log_holds_the_very_bodies_that_are_sent(client: ApiClient) -> None:
    position = PositionFactory(organization=client.membership.organization)
    event = Event.objects.get(subject_id=position.pk)

    shown = client.get(f"{EVENTS}{event.public_id}/")

    assert shown.content.decode() == event.body
    assert client.get(f"{EVENTS}?subject={position.pk}").json()["results"] == [
        orjson.loads(event.body)
    ]


def test_the_log_is_narrowed_by_type_subject_and_time(client: ApiClient) -> None:
    organization = client.membership.organization
    position = PositionFactory(organization=organization)
    between = timezone.now()
    employee = EmployeeFactory(organization=organization)
    employee.first_name = "Grace"
    employee.save()

    def types(**query: str) -> list[str]:
        page = client.get(EVENTS, query).json()
        return [event["type"] for event in page["results"]]

    everything = ["employee.updated", "employee.created", "position.created"]
    assert types()[:3] == everything
    assert types(type="employee.*") == everything[:2]
    assert types(type="position.created") == everything[2:]
    assert types(subject=str(employee.pk)) == everything[:2]
    assert types(subject_type="position") == everything[2:]
    assert types(since=between.isoformat()) == everything[:2]
    assert types(until=between.isoformat(), subject=str(position.pk)) == everything[2:]
    assert types(type="employee.*", limit="1") == everything[:1]
    for wrong in ({"type": "employee.fired"}, {"since": "x"}, {"subject": "x"}):
        assert client.get(EVENTS, wrong).status_code == 400


def test_the_log_is_walked_page_by_page(client: ApiClient) -> None:
    PositionFactory.create_batch(5, organization=client.membership.organization)
    address: str | None = f"{EVENTS}?limit=2&type=position.created"
    seen = []
    while address:
        page = client.get(address).json()
        seen += [event["id"] for event in page["results"]]
        address = page["next"]

    assert seen == [
        event.public_id for event in Event.objects.filter(type="position.created")
    ]


def test_the_log_ends_after_its_days(client: ApiClient, settings: Any) -> None:
    PositionFactory(organization=client.membership.organization)
    event = Event.objects.get(type="position.created")
    assert client.get(f"{EVENTS}{event.public_id}/").status_code == 200

    settings.WEBHOOK_EVENT_LOG_DAYS = 0

    assert client.get(f"{EVENTS}{event.public_id}/").status_code == 404
    assert client.get(EVENTS).json()["results"] == []


@pytest.mark.parametrize(
    "id_", ["evt_", "evt_x", "01963a5e7c2e7d4a9a5e1f0c2b3d4e5f", "evt_evt_1"]
)
def test_an_id_that_is_no_events_is_not_found(client: ApiClient, id_: str) -> None:
    assert client.get(f"{EVENTS}{id_}/").status_code == 404


def test_the_lowest_id_of_a_moment_lies_before_all_of_it() -> None:
    before = timezone.now() - dt.timedelta(milliseconds=2)
    made = uuid7()
    after = timezone.now() + dt.timedelta(milliseconds=2)

    assert first_id(before) <= made < first_id(after)
    assert isinstance(first_id(before), UUID)
    assert first_id(before).version == 7


def test_every_declared_type_is_listed(client: ApiClient) -> None:
    listed = client.get("/api/v1/event-types/").json()["results"]

    assert [row["type"] for row in listed] == [
        declared.name for declared in EventType.all()
    ]
    assert all(row["description"] for row in listed)
