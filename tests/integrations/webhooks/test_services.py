import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from standardwebhooks import Webhook

from integrations.webhooks.models import Delivery, Endpoint
from integrations.webhooks.services import (
    create_endpoint,
    send_again,
    send_test_event,
    update_endpoint,
)
from organizations.access import OrganizationAccess, acting
from tests.factories import EndpointFactory, OrganizationFactory
from tests.integrations.webhooks.sink import Answer, Sink
from tests.integrations.webhooks.stories import (
    happen,
    secret_of,
    send_what_is_due,
)


@pytest.mark.django_db
def test_creating_an_endpoint_shows_its_secret_once_and_keeps_it_encrypted():
    endpoint, secret = create_endpoint(
        OrganizationFactory(),
        name="Payroll",
        url="https://payroll.example/hook",
        events=["employee.*"],
    )

    kept = Endpoint.objects.get()
    assert (kept, kept.is_enabled, secret_of(kept)) == (endpoint, True, secret)
    assert secret not in kept.encrypted_secret


@pytest.mark.django_db
def test_an_endpoint_that_nothing_can_reach_is_not_created():
    with pytest.raises(ValidationError):
        create_endpoint(OrganizationFactory(), name="x", url="ftp://x/", events=["*"])

    assert not Endpoint.objects.exists()


@pytest.mark.django_db
def test_changing_an_endpoint_keeps_its_secret():
    endpoint = EndpointFactory()
    secret = endpoint.encrypted_secret

    update_endpoint(endpoint, name="Other", events=["employee.created"])

    kept = Endpoint.objects.get()
    assert (kept.name, kept.events) == ("Other", ["employee.created"])
    assert kept.encrypted_secret == secret


@pytest.mark.django_db
def test_a_change_to_an_address_that_is_not_allowed_is_refused():
    endpoint = EndpointFactory()

    with pytest.raises(ValidationError):
        update_endpoint(endpoint, url="http://169.254.169.254/")

    assert Endpoint.objects.get().url != "http://169.254.169.254/"


@pytest.mark.django_db(transaction=True)
def test_a_test_event_reaches_its_endpoint_alone_whatever_it_asks_for(sink):
    with Sink() as other_sink:
        endpoint = EndpointFactory(url=sink.url, events=["department.deleted"])
        EndpointFactory(url=other_sink.url, organization=endpoint.organization)
        access = OrganizationAccess(endpoint.organization, "user", "42")

        with acting(access):
            event = send_test_event(endpoint)
            send_test_event(endpoint)  # as often as somebody likes
        send_what_is_due()

        first, second = sink.requests
        assert other_sink.requests == []
    body = Webhook(secret_of(endpoint)).verify(first.body, first.headers)
    assert body["id"] == event.public_id
    assert (body["type"], body["subject"]["id"]) == (
        "webhook_endpoint.tested",
        str(endpoint.pk),
    )
    assert body["actor"] == {"type": "user", "id": "42"}
    assert json.loads(second.body)["id"] != event.public_id
    assert endpoint.encrypted_secret not in first.body.decode()


@pytest.mark.django_db(transaction=True)
def test_send_again_sends_the_same_event_once_more(sink):
    endpoint = EndpointFactory(url=sink.url)
    (event_id,) = happen(endpoint.organization)
    send_what_is_due()

    send_again(Delivery.objects.get())
    send_what_is_due()

    assert [request.headers["webhook-id"] for request in sink.requests] == [
        event_id,
        event_id,
    ]
    row = Delivery.objects.get()
    assert (row.status, row.attempts) == ("delivered", 2)


@pytest.mark.django_db(transaction=True)
def test_after_the_last_attempt_send_again_is_one_more_and_no_further(sink):
    sink.answer = Answer(500)
    happen(EndpointFactory(url=sink.url).organization)
    Delivery.objects.update(attempts=12, status="failed", due_at=None)

    send_again(Delivery.objects.get())
    send_what_is_due()

    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.due_at) == ("failed", 13, None)
    assert len(sink.requests) == 1


@pytest.mark.django_db
def test_what_is_being_sent_is_not_sent_again():
    happen(EndpointFactory().organization)
    lease = timezone.now() + dt.timedelta(seconds=20)
    Delivery.objects.update(claim=1, claimed_until=lease)

    with pytest.raises(ValidationError) as refused:
        send_again(Delivery.objects.get())

    assert refused.value.code == "in_flight"


@pytest.mark.django_db
@pytest.mark.parametrize("ask", [send_again, send_test_event])
def test_nothing_is_sent_to_an_endpoint_that_is_switched_off(ask):
    endpoint = EndpointFactory()
    happen(endpoint.organization)
    update_endpoint(endpoint, is_enabled=False)
    subject = endpoint if ask is send_test_event else Delivery.objects.get()

    with pytest.raises(ValidationError) as refused:
        ask(subject)

    assert refused.value.code == "disabled"


@pytest.mark.django_db
def test_a_waiting_retry_is_sent_now():
    happen(EndpointFactory().organization)
    later = timezone.now() + dt.timedelta(hours=7)
    Delivery.objects.update(status="retrying", attempts=7, due_at=later)

    row = send_again(Delivery.objects.get())

    assert (row.status, row.attempts) == ("retrying", 7)
    assert row.due_at <= timezone.now()
