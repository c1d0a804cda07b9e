import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from integrations.webhooks import outbox
from integrations.webhooks.models import Delivery, Endpoint, Event
from organizations.classes import INTERNAL, PUBLIC
from tests.factories import EndpointFactory
from tests.integrations.webhooks.stories import happen, occurrence

pytestmark = pytest.mark.django_db


def codes_of(endpoint: Endpoint) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        endpoint.full_clean()
    return {
        field: [error.code for error in errors]
        for field, errors in refused.value.error_dict.items()
    }


def test_an_endpoint_names_what_is_wrong_on_the_field_it_is_about(settings):
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = False
    endpoint = EndpointFactory(
        url="http://example.com/", events=["employee.created", "employee.hugged"]
    )

    assert codes_of(endpoint) == {"url": ["scheme"], "events": ["unknown_event"]}


def test_an_endpoint_asks_for_something():
    assert codes_of(EndpointFactory(events=[])) == {"events": ["blank"]}


def test_no_representation_shows_the_secret():
    endpoint = EndpointFactory()

    assert "encrypted_secret" not in endpoint.represent(PUBLIC)
    assert Endpoint.classes()["encrypted_secret"] is INTERNAL
    assert endpoint.encrypted_secret not in f"{endpoint} {endpoint!r}"


def test_one_change_of_a_record_is_one_event_by_the_databases_word():
    organization = EndpointFactory().organization
    first = occurrence(organization)
    again = occurrence(organization, subject_id=first.subject_id)
    outbox.store([first])
    with (
        pytest.raises(IntegrityError, match="event_once_per_change"),
        transaction.atomic(),
    ):
        outbox.store([again])


def test_a_delivery_is_due_exactly_while_it_is_open():
    happen(EndpointFactory().organization)
    delivery = Delivery.objects.get()

    for status, due_at in [("delivered", delivery.due_at), ("retrying", None)]:
        delivery.status, delivery.due_at = status, due_at
        with (
            pytest.raises(IntegrityError, match="delivery_due_while_open"),
            transaction.atomic(),
        ):
            delivery.save()


def test_an_event_names_itself_as_integrators_see_it():
    (public_id,) = happen(EndpointFactory().organization)

    assert Event.objects.get().public_id == public_id
