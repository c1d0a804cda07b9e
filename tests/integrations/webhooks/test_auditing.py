"""What happens with endpoints and deliveries is in the log of integration events."""

from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from integrations.audit.models import IntegrationEvent
from integrations.webhooks.auditing import tell_failed
from integrations.webhooks.delivery import drain
from integrations.webhooks.models import Delivery, Endpoint
from integrations.webhooks.retry import MAX_ATTEMPTS
from integrations.webhooks.services import (
    create_endpoint,
    send_again,
    send_test_event,
    update_endpoint,
)
from organizations.roles import Role
from tests.api import api_client
from tests.factories import EndpointFactory, OrganizationFactory
from tests.integrations.audit.conftest import remove_events
from tests.integrations.webhooks.stories import happen

SECRET_ADDRESS = (
    "https://hooks.example.com/services/T0/B0/canary-in-the-path?key=canary"
)


@pytest.fixture(autouse=True)
def _nothing_was_told(db: None) -> None:
    """Forget what tests have left that commit: the log refuses to be emptied."""
    remove_events()


def told(endpoint: Endpoint | None = None) -> list[str]:
    rows = IntegrationEvent.objects.order_by("id")
    if endpoint:
        rows = rows.filter(subject=f"webhook_endpoint:{endpoint.pk}")
    return list(rows.values_list("kind", flat=True))


@pytest.mark.django_db
def test_an_endpoints_life_is_told():
    endpoint, _secret = create_endpoint(
        OrganizationFactory(), name="Payroll", url=SECRET_ADDRESS, events=["*"]
    )
    update_endpoint(endpoint, name="Pay", description="new")
    update_endpoint(endpoint, is_enabled=False)
    update_endpoint(endpoint, is_enabled=True)
    update_endpoint(endpoint, is_enabled=True)
    send_test_event(endpoint)
    subject = endpoint.pk
    endpoint.delete()
    endpoint.pk = subject

    assert told(endpoint) == [
        "endpoint.added",
        "endpoint.changed",
        "endpoint.switched_off",
        "endpoint.switched_on",
        "endpoint.tested",
        "endpoint.removed",
    ]
    changed = IntegrationEvent.objects.get(kind="endpoint.changed")
    assert changed.details["fields"] == ["name", "description"]
    assert changed.organization_id == endpoint.organization_id


@pytest.mark.django_db
def test_an_address_is_told_by_its_host_alone():
    create_endpoint(
        OrganizationFactory(), name="Payroll", url=SECRET_ADDRESS, events=["*"]
    )

    [row] = IntegrationEvent.objects.all()
    assert row.details["host"] == "hooks.example.com"
    assert "canary" not in str(row.details)


@pytest.mark.django_db
def test_who_was_shown_a_secret_is_told():
    client = api_client(Role.OWNER)
    body = {"name": "Payroll", "url": "https://a.example/", "events": ["*"]}

    secret = client.send("POST", "/api/v1/webhooks/", body).json()["secret"]

    row = IntegrationEvent.objects.get(kind="endpoint.secret_shown")
    assert (row.actor_type, row.actor_id) == (
        *("user", str(client.membership.user_id)),
    )
    assert secret not in str(IntegrationEvent.objects.values())


@pytest.mark.django_db
def test_the_admins_page_of_a_secret_tells_it_once(member_client: Any):
    client = member_client(Role.OWNER)
    form = {"name": "a", "url": "https://a.example/", "is_enabled": "on"}
    added = client.post(
        reverse("admin:webhooks_endpoint_add"),
        form | {"events": ["employee.created"], "description": ""},
    )
    assert added.status_code == 302, added.content

    client.get(added["Location"])
    client.get(added["Location"])

    assert told().count("endpoint.secret_shown") == 1


@pytest.mark.django_db
def test_a_delivery_sent_again_is_told():
    endpoint = EndpointFactory()
    happen(endpoint.organization, 1)
    delivery = Delivery.objects.get()

    send_again(delivery)

    row = IntegrationEvent.objects.get(kind="delivery.replayed")
    assert row.details["delivery"] == str(delivery.pk)


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_is_given_up_is_told_once(sink):
    sink.answer = type(sink.answer)(status=500)
    endpoint = EndpointFactory(url=sink.url)
    happen(endpoint.organization, 3)
    first = Delivery.objects.order_by("id")[0]
    Delivery.objects.filter(pk=first.pk).update(
        attempts=MAX_ATTEMPTS - 1, status="retrying"
    )

    drain(call_for_help=lambda: None, idle_seconds=0)

    assert Delivery.objects.get(pk=first.pk).status == "failed"
    row = IntegrationEvent.objects.get(kind="delivery.failed")
    assert (row.reason, row.details["attempts"]) == ("status_500", MAX_ATTEMPTS)
    assert row.subject == f"webhook_endpoint:{endpoint.pk}"
    assert row.organization_id == endpoint.organization_id
    with connection.cursor() as cursor:
        tell_failed(cursor, [Delivery.objects.exclude(pk=first.pk)[0].pk])
    assert told().count("delivery.failed") == 1
    remove_events()
