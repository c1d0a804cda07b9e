"""What was committed arrives, whatever dies on the way.

Twice only where a worker died after sending, and then under the same ``webhook-id``.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from standardwebhooks import Webhook

from integrations.webhooks.models import Delivery, Endpoint
from people_hr.embedded.engine import wait_until
from tests.factories import EndpointFactory
from tests.flows.conftest import Installation, kill
from tests.integrations.webhooks.sink import Sink
from tests.integrations.webhooks.stories import happen, secret_of

pytestmark = pytest.mark.long


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A receiver that takes ten milliseconds for each event."""
    with Sink() as sink:
        sink.takes_seconds = 0.01
        yield sink


@pytest.fixture
def endpoint(installation: Installation, sink: Sink) -> Iterator[Endpoint]:
    endpoint = EndpointFactory(url=sink.url)
    yield endpoint
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE webhooks_endpoint, webhooks_event CASCADE")


def received(sink: Sink, endpoint: Endpoint) -> Counter[str]:
    """Return how often each event came; every one of them verifies."""
    webhook = Webhook(secret_of(endpoint))
    return Counter(
        webhook.verify(request.body, request.headers)["id"]
        for request in sink.requests
        if request.headers["webhook-id"]
    )


def all_are_recorded() -> bool:
    return not Delivery.objects.exclude(status="delivered").exists()


def test_a_worker_is_killed_in_the_middle_of_a_batch(installation, endpoint, sink):
    committed = happen(endpoint.organization, 400)
    worker = installation.start_worker()
    sink.wait_for(60)

    kill(worker)
    before = Counter(request.headers["webhook-id"] for request in list(sink.requests))
    recorded = {
        f"evt_{event_id.hex}"
        for event_id in Delivery.objects.filter(status="delivered").values_list(
            "event_id", flat=True
        )
    }
    assert len(before) < len(committed)
    installation.start_worker()
    assert wait_until(all_are_recorded, 20)

    counts = received(sink, endpoint)
    assert set(counts) == set(committed)
    assert max(counts.values()) <= 2
    twice = {event_id for event_id, count in counts.items() if count == 2}
    assert twice <= set(before) - recorded
    bodies = {
        (request.headers["webhook-id"], request.body) for request in sink.requests
    }
    assert len(bodies) == len(committed)


def test_valkey_is_stopped_and_comes_back_empty(installation, endpoint, sink):
    installation.start_worker()
    committed = happen(endpoint.organization, 20)
    sink.wait_for(20)

    installation.valkey.stop()
    committed += happen(endpoint.organization, 200)
    installation.restart_valkey_empty()
    sink.wait_for(220)
    committed += happen(endpoint.organization, 20)
    assert wait_until(all_are_recorded, 20)

    assert received(sink, endpoint) == Counter(committed)


def test_postgresql_is_stopped_and_started_in_the_middle_of_a_batch(
    installation, endpoint, sink
):
    committed = happen(endpoint.organization, 2500)
    # Its leases outlive the time that PostgreSQL is away, however busy the machine is.
    installation.start_worker(timeout_seconds=60)
    sink.wait_for(60)

    connection.close()
    installation.postgresql.stop()
    assert len(sink.requests) < len(committed)
    installation.postgresql.launch()
    installation.postgresql.wait_ready()
    assert wait_until(all_are_recorded, 20)
    committed += happen(endpoint.organization, 20)
    assert wait_until(all_are_recorded, 20)

    assert received(sink, endpoint) == Counter(committed)


def test_postgresql_is_restarted_while_the_workers_have_nothing_to_do(
    installation, endpoint, sink
):
    installation.start_worker()
    committed = happen(endpoint.organization, 5)
    sink.wait_for(5)
    assert wait_until(no_drainer_is_up, 20)

    connection.close()
    installation.postgresql.stop()
    installation.postgresql.launch()
    installation.postgresql.wait_ready()
    committed += happen(endpoint.organization, 5)
    assert wait_until(all_are_recorded, 20)

    assert received(sink, endpoint) == Counter(committed)


def no_drainer_is_up() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = 'people-hr drainer'"
        )
        return cursor.fetchone() == (0,)


def test_what_is_rolled_back_never_arrives(installation, endpoint, sink):
    installation.start_worker()
    with transaction.atomic():
        happen(endpoint.organization, 20)
        transaction.set_rollback(True)
    committed = happen(endpoint.organization, 20)

    sink.wait_for(20)
    assert wait_until(all_are_recorded, 20)

    assert received(sink, endpoint) == Counter(committed)


def test_two_workers_at_once_send_every_event_once(installation, endpoint, sink):
    installation.start_worker()
    installation.start_worker(with_beat=False)
    committed: list[str] = []
    for _ in range(10):
        committed += happen(endpoint.organization, 100)

    assert wait_until(all_are_recorded, 20)

    assert received(sink, endpoint) == Counter(committed)


def test_a_worker_that_is_asked_to_end_leaves_nothing_behind(
    installation, endpoint, sink
):
    committed = happen(endpoint.organization, 2500)
    worker = installation.start_worker()
    sink.wait_for(60)

    worker.terminate()
    worker.wait(timeout=10)

    assert not Delivery.objects.filter(claim__isnull=False).exists()
    delivered = Delivery.objects.filter(status="delivered").count()
    assert delivered == len(sink.requests) < len(committed)
    installation.start_worker()
    assert wait_until(all_are_recorded, 20)
    assert received(sink, endpoint) == Counter(committed)
