import json
import time

import psycopg
import pytest
from django.db import connections, transaction

from integrations.webhooks import outbox
from integrations.webhooks.matching import patterns_matching
from integrations.webhooks.models import Delivery, Event
from integrations.webhooks.queue import CHANNEL
from organizations.events import EventType
from people_hr.celery import app
from tests.factories import EmployeeFactory, EndpointFactory, OrganizationFactory
from tests.integrations.webhooks.stories import happen, occurrence


@pytest.mark.django_db
def test_stores_exactly_what_will_be_sent():
    organization = EndpointFactory().organization
    happened = occurrence(organization)

    outbox.store([happened])

    event = Event.objects.get()
    assert json.loads(event.body) == {
        "id": f"evt_{happened.id.hex}",
        "type": "employee.updated",
        "timestamp": happened.occurred_at.isoformat().replace("+00:00", "Z"),
        "organization": str(organization.pk),
        "sequence": 1,
        "subject": {
            "type": "employee",
            "id": str(happened.subject_id),
            "url": happened.subject_url,
        },
        "actor": {"type": "system", "id": None},
        "changes": ["department"],
        "data": {"id": str(happened.subject_id), "first_name": "Ünal"},
    }
    assert (event.id, event.subject_id, event.sequence) == (
        happened.id,
        happened.subject_id,
        1,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_one_statement_whatever_its_size(count, django_assert_num_queries):
    organization = OrganizationFactory()
    EndpointFactory.create_batch(2, organization=organization)
    happened = [occurrence(organization) for _ in range(count)]

    with django_assert_num_queries(1):
        stored = outbox.store(happened)

    assert (stored, Delivery.objects.count()) == (2 * count, 2 * count)


@pytest.mark.django_db
def test_five_thousand_at_once_are_one_statement_too(django_assert_num_queries):
    organization = EndpointFactory().organization
    happened = [occurrence(organization) for _ in range(5000)]

    with django_assert_num_queries(1):
        assert outbox.store(happened) == 5000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "patterns",
    [
        ["*"],
        ["employee.*"],
        ["employee.updated"],
        ["employee.created"],
        ["department.*"],
        ["employee"],
        ["employee.created", "employee.updated"],
    ],
)
def test_the_database_matches_as_the_rule_says(patterns):
    endpoint = EndpointFactory(events=patterns)
    is_asked_for = bool(set(patterns) & set(patterns_matching("employee.updated")))

    happen(endpoint.organization)

    assert Delivery.objects.exists() is is_asked_for


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pattern", "is_told"),
    [("*", False), ("employee.*", False), ("employee.updated", True)],
)
def test_an_opt_in_type_reaches_only_who_names_it(pattern, is_told, monkeypatch):
    monkeypatch.setattr(EventType, "_declared", {})
    EventType("employee.updated", "Each day, to everybody.", is_opt_in=True)
    endpoint = EndpointFactory(events=[pattern])

    happen(endpoint.organization)

    assert Delivery.objects.exists() is is_told


@pytest.mark.django_db
def test_only_enabled_endpoints_of_the_same_organization_are_told():
    endpoint = EndpointFactory()
    EndpointFactory(organization=endpoint.organization, is_enabled=False)
    EndpointFactory()  # another organization's, which could leak

    happen(endpoint.organization)

    delivery = Delivery.objects.get()
    assert (delivery.endpoint, delivery.organization) == (
        endpoint,
        endpoint.organization,
    )


@pytest.mark.django_db
def test_a_delivery_has_an_id_of_its_own_from_the_events_moment():
    organization = OrganizationFactory()
    EndpointFactory.create_batch(3, organization=organization)

    happen(organization)

    event, ids = Event.objects.get(), [row.id for row in Delivery.objects.all()]
    assert len(set(ids)) == 3
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert {one.hex[:12] for one in ids} == {event.id.hex[:12]}


@pytest.mark.django_db
def test_without_an_endpoint_the_event_is_kept_and_nobody_is_woken(
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks() as callbacks:
        happen(OrganizationFactory())

    assert (Event.objects.count(), callbacks) == (1, [])


@pytest.mark.django_db
def test_saving_a_record_stores_its_event():
    endpoint = EndpointFactory(events=["employee.created"])

    employee = EmployeeFactory(organization=endpoint.organization)

    event = Event.objects.get(type="employee.created")
    assert (event.subject_id, event.sequence) == (employee.pk, 1)
    assert Delivery.objects.get().event == event


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_leaves_nothing():
    organization = EndpointFactory().organization

    with transaction.atomic():
        happen(organization)
        transaction.set_rollback(True)

    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


def notifications(listener: psycopg.Connection) -> int:
    return len(list(listener.notifies(timeout=0.05)))


@pytest.mark.django_db(transaction=True)
def test_a_commit_notifies_once_and_only_if_somebody_is_to_be_told():
    endpoint = EndpointFactory()
    listening = connections.create_connection("default")
    listening.connect()
    listener = listening.connection
    listener.execute(f"LISTEN {CHANNEL}")

    happen(OrganizationFactory())
    assert notifications(listener) == 0

    with transaction.atomic():
        happen(endpoint.organization)
        assert notifications(listener) == 0
        happen(endpoint.organization)
    assert notifications(listener) == 1
    listening.close()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_neither_breaks_nor_delays_a_save(tmp_path):
    endpoint = EndpointFactory()
    used = app.conf.broker_write_url
    app.conf.broker_write_url = f"redis+socket://{tmp_path}/nobody.sock"
    app.amqp._producer_pool = None
    begun = time.monotonic()

    try:
        happen(endpoint.organization)
    finally:
        app.conf.broker_write_url = used
        app.amqp._producer_pool = None

    assert time.monotonic() - begun < 1
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_a_worker_is_woken_seldom(django_capture_on_commit_callbacks):
    with app.connection_for_write() as broker:
        queue = broker.SimpleQueue("celery")
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            for _ in range(3):
                happen(EndpointFactory().organization)
        assert queue.qsize() == 1
        queue.clear()
