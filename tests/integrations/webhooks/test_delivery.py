import datetime as dt
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection, connections
from django.utils import timezone
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from integrations.webhooks import delivery as delivery_module
from integrations.webhooks import outbox
from integrations.webhooks.delivery import LOOK_SECONDS
from integrations.webhooks.link import QueueLink, work_waits_for
from integrations.webhooks.models import Attempt, Delivery, Endpoint
from integrations.webhooks.pacing import MAX_CONNECTIONS
from integrations.webhooks.queue import Claimed, Result
from integrations.webhooks.retry import MAX_ATTEMPTS, WAITS
from integrations.webhooks.shutdown import worker_shutdown
from organizations.encryption import encrypt
from people_hr.embedded.engine import wait_until
from tests.factories import EndpointFactory
from tests.integrations.webhooks.sink import Answer, Sink
from tests.integrations.webhooks.stories import (
    happen,
    make_due,
    occurrence,
    secret_of,
    send_what_is_due,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def endpoint(sink: Sink) -> Endpoint:
    return EndpointFactory(url=sink.url)


def ids_received(sink: Sink) -> list[str]:
    return [request.headers["webhook-id"] for request in sink.requests]


def test_an_event_arrives_signed_and_its_result_is_written(endpoint, sink):
    (event_id,) = happen(endpoint.organization)

    send_what_is_due()

    (request,) = sink.requests
    body = Webhook(secret_of(endpoint)).verify(request.body, request.headers)
    assert (body["id"], request.headers["webhook-id"]) == (event_id, event_id)
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.due_at) == ("delivered", 1, None)
    assert (row.status_code, row.error, row.claim) == (200, "", None)
    assert row.attempted_at <= row.delivered_at <= timezone.now()
    attempt = Attempt.objects.get()
    assert (attempt.delivery, attempt.number, attempt.excerpt) == (row, 1, "ok")
    assert (attempt.status_code, attempt.organization) == (200, row.organization)
    assert attempt.attempted_at == row.attempted_at


def test_many_events_arrive_once_each_over_few_connections_and_statements(
    endpoint, sink, caplog
):
    caplog.set_level("INFO", "integrations.webhooks.delivery")
    expected = happen(endpoint.organization, 1000)

    send_what_is_due()

    assert sorted(ids_received(sink)) == sorted(expected)
    assert sink.connections <= 32
    statements = int(caplog.messages[-1].split()[-2])
    assert statements <= 0.15 * 1000


def test_sends_to_all_that_ask(sink):
    with Sink() as other:
        first = EndpointFactory(url=sink.url)
        EndpointFactory(url=other.url, organization=first.organization)
        (event_id,) = happen(first.organization)

        send_what_is_due()

        assert ids_received(sink) == ids_received(other) == [event_id]


@pytest.mark.parametrize("status", [302, 400, 410, 500, 503])
def test_any_other_answer_is_tried_again_after_a_while(status, endpoint, sink):
    sink.answer = Answer(status, b"no \0 \xff", {"location": sink.url})
    happen(endpoint.organization)

    send_what_is_due()
    send_what_is_due()  # not yet

    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.status_code) == ("retrying", 1, status)
    wait = row.due_at - row.attempted_at
    assert WAITS[0] * 0.8 <= wait <= WAITS[0] * 1.2 + dt.timedelta(seconds=1)
    assert Attempt.objects.get().excerpt == "no \ufffd \ufffd"
    assert len(sink.requests) == 1


def test_every_attempt_has_the_same_id_and_body_and_its_own_time(endpoint, sink):
    sink.answer = Answer(500)
    (event_id,) = happen(endpoint.organization)
    send_what_is_due()
    make_due()
    Attempt.objects.update(attempted_at=timezone.now() - dt.timedelta(hours=1))
    sink.answer = Answer(204, b"")

    send_what_is_due()

    assert ids_received(sink) == [event_id, event_id]
    assert len({request.body for request in sink.requests}) == 1
    for request in sink.requests:
        Webhook(secret_of(endpoint)).verify(request.body, request.headers)
    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.status_code) == ("delivered", 2, 204)
    assert [(a.number, a.status_code) for a in row.tries.all()] == [(2, 204), (1, 500)]


def test_after_twelve_attempts_it_has_failed(endpoint, sink):
    sink.answer = Answer(500)
    happen(endpoint.organization)

    for _ in range(MAX_ATTEMPTS + 1):
        make_due()
        send_what_is_due()

    row = Delivery.objects.get()
    assert (row.status, row.attempts, row.due_at) == ("failed", 12, None)
    assert (Attempt.objects.count(), len(sink.requests)) == (12, 12)


def test_where_nobody_listens_the_error_is_kept():
    happen(EndpointFactory(url="http://127.0.0.1:9/").organization)

    send_what_is_due()

    row = Delivery.objects.get()
    assert (row.status, row.status_code) == ("retrying", None)
    assert row.error.startswith("No connection (")
    assert Attempt.objects.get().error == row.error


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (
            {"encrypted_secret": "gone"},
            "No key in ENCRYPTION_KEYS decrypts this secret.",
        ),
        (
            {"encrypted_secret": encrypt("no secret")},
            "A signing secret starts with whsec_.",
        ),
        ({"url": "http://exämple.com/"}, "This is no valid address"),
        ({"url": "http://127.0.0.1:99999/"}, "The request failed"),
    ],
    ids=["no key", "no secret", "no URL", "no port"],
)
def test_what_cannot_be_sent_is_told_and_stops_nothing_else(
    wrong, complaint, endpoint, sink
):
    bad = EndpointFactory(**{"url": sink.url, **wrong})
    happen(bad.organization)
    happen(endpoint.organization)

    send_what_is_due()

    row = Delivery.objects.get(endpoint=bad)
    assert (row.status, len(sink.requests)) == ("retrying", 1)
    assert row.error.startswith(complaint)


def test_what_waits_for_a_switched_off_endpoint_is_sent_when_it_is_on_again(
    endpoint, sink
):
    happen(endpoint.organization)
    endpoint.is_enabled = False
    endpoint.save()
    send_what_is_due()
    assert sink.requests == []

    endpoint.is_enabled = True
    endpoint.save()
    send_what_is_due()
    assert len(sink.requests) == 1


# -- order --


def changes_of_one_subject(endpoint: Endpoint, count: int) -> UUID:
    """Let one record change as many times, told in the wrong order."""
    subject_id = uuid7()
    changes = [
        occurrence(endpoint.organization, subject_id=subject_id, sequence=number)
        for number in range(1, count + 1)
    ]
    outbox.store(changes[::-1])
    return subject_id


def sequences_received(sink: Sink) -> list[int]:
    return [json.loads(request.body)["sequence"] for request in sink.requests]


def test_changes_of_one_subject_arrive_in_order(endpoint, sink):
    changes_of_one_subject(endpoint, 5)

    send_what_is_due()

    assert sequences_received(sink) == [1, 2, 3, 4, 5]


def test_a_change_waits_while_the_one_before_it_is_on_its_way(endpoint, sink):
    changes_of_one_subject(endpoint, 2)
    first, second = link(), link()

    (held,) = claim(first)
    assert claim(second) == []

    record(first, held, "delivered")
    assert [later.event_id for later in claim(second)] != [held.event_id]
    close(first, second)


def test_a_change_that_failed_keeps_nothing_back(endpoint, sink):
    sink.answer = Answer(500)
    changes_of_one_subject(endpoint, 3)

    send_what_is_due()

    assert sequences_received(sink) == [1, 2, 3]


def test_other_subjects_do_not_wait(endpoint):
    changes_of_one_subject(endpoint, 2)
    changes_of_one_subject(endpoint, 2)
    one = link()

    assert len(claim(one)) == 2
    close(one)


def test_another_endpoint_does_not_wait(endpoint):
    other = EndpointFactory(organization=endpoint.organization)
    changes_of_one_subject(endpoint, 2)
    one = link()

    assert {row.endpoint_id for row in claim(one)} == {endpoint.pk, other.pk}
    close(one)


# -- claims --


def link(places: int = 8) -> QueueLink:
    opened = QueueLink(places)
    assert opened.open()
    return opened


def close(*links: QueueLink) -> None:
    for opened in links:
        opened.close()


def claim(
    by: QueueLink, token: int = 7, lease: float = 60, limit: int = 100
) -> list[Claimed]:
    return by.claim(claim=token, lease_seconds=lease, rooms={}, limit=limit)


def record(by: QueueLink, held: Claimed, status: str, token: int = 7) -> int:
    result = Result(
        delivery_id=held.id,
        claim=token,
        attempt_id=uuid7(),
        status=status,
        wait_seconds=60 if status == "retrying" else None,
        status_code=200,
        duration_ms=1,
        error="",
        excerpt="",
        started_at=time.time(),
    )
    return by.record([result])


def test_what_one_holds_the_other_does_not_get(endpoint):
    happen(endpoint.organization, 12)
    first, second = link(), link()

    held, rest = claim(first), claim(second)

    assert (len(held), len(rest)) == (8, 4)  # eight of an unknown endpoint at a time
    assert {row.id for row in held} & {row.id for row in rest} == set()
    close(first, second)


def test_many_workers_at_once_get_every_row_once(endpoint):
    happen(endpoint.organization, 200)
    links = [link() for _ in range(4)]
    claims: list[Claimed] = []

    def take(by: QueueLink) -> None:
        while rows := claim(by):
            claims.extend(rows)

    threads = [threading.Thread(target=take, args=[by]) for by in links]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    close(*links)
    assert len(claims) == 200
    assert len({row.id for row in claims}) == 200


def test_after_its_lease_a_row_is_anybodys_and_the_late_result_is_refused(endpoint):
    happen(endpoint.organization)
    late, quick = link(), link()
    (held,) = claim(late, token=1, lease=0)
    (again,) = claim(quick, token=2)

    assert again.id == held.id
    assert record(late, held, "failed", token=1) == 0
    assert record(quick, again, "delivered", token=2) == 1
    row = Delivery.objects.get()
    assert (row.status, row.attempts, Attempt.objects.count()) == ("delivered", 1, 1)
    close(late, quick)


def test_what_is_released_is_due_at_once(endpoint):
    happen(endpoint.organization)
    one = link()
    (held,) = claim(one, token=1)

    one.release({held.id: 1})

    assert [row.id for row in claim(one, token=2)] == [held.id]
    close(one)


def test_a_limit_is_kept_over_all_endpoints():
    organization = EndpointFactory().organization
    EndpointFactory.create_batch(2, organization=organization)
    happen(organization, 5)
    one = link()

    assert [len(claim(one, limit=7)) for _ in range(3)] == [7, 7, 1]
    close(one)


@contextmanager
def draining(*hanging: Sink) -> Iterator[None]:
    """Run a drainer beside the test; what hangs goes on at the end."""

    def run() -> None:
        send_what_is_due()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        for sink in hanging:
            sink.go_on()
        thread.join()


def test_endpoints_that_never_answer_keep_no_other_waiting(endpoint, sink):
    with Sink() as silent:
        silent.hang()
        EndpointFactory(url=silent.url, organization=endpoint.organization)
        happen(endpoint.organization, 300)

        with draining(silent):
            sink.wait_for(300)
            assert len(silent.requests) == 8

        assert len(silent.requests) == 300


def test_what_waits_for_an_endpoint_that_begins_to_hang_is_given_back(endpoint, sink):
    happen(endpoint.organization, 1000)
    sink.hang(after=500)

    with draining(sink):
        sink.wait_for(500)
        held = Delivery.objects.filter(claim__isnull=False)
        assert wait_until(lambda: held.count() <= MAX_CONNECTIONS, 10)

    assert sorted(Counter(ids_received(sink)).values()) == [1] * 1000


def test_many_endpoints_that_hang_leave_room_for_one_that_does_not(endpoint, sink):
    with Sink() as silent:
        silent.hang()
        EndpointFactory.create_batch(
            40, url=silent.url, organization=endpoint.organization
        )
        happen(endpoint.organization, 10)

        with draining(silent):
            sink.wait_for(10)
            assert len(silent.requests) < 40 * 10


def test_waiting_costs_no_processor_time(endpoint, sink):
    sink.hang()
    happen(endpoint.organization, 30)

    with draining(sink):
        sink.wait_for(8)
        used = time.process_time()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1.5)")
        assert time.process_time() - used < 0.5


# -- places, help, and the end --


def test_no_more_drainers_than_places(endpoint):
    happen(endpoint.organization)
    first, second = link(places=2), link(places=2)

    third = QueueLink(2)
    assert third.open() is False
    assert work_waits_for(places=2) is False
    assert work_waits_for(places=3) is True
    close(first, second, third)
    assert work_waits_for(places=2) is True


def test_nothing_due_is_known_by_one_statement(endpoint, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert send_what_is_due() is False


def test_calls_for_help_when_there_is_more_than_one_can_do(endpoint, sink):
    happen(endpoint.organization, 50)
    calls: list[bool] = []

    delivery_module.drain(lambda: calls.append(True), idle_seconds=0)

    assert calls == [True]


@pytest.fixture
def drainer(endpoint) -> Iterator[Callable[[float], threading.Thread]]:
    """Start drainers that stay; they are ended with the test."""
    threads: list[threading.Thread] = []

    def stay() -> None:
        delivery_module.drain(call_for_help=bool, idle_seconds=30)
        connections.close_all()

    def start() -> threading.Thread:
        happen(endpoint.organization)
        threads.append(threading.Thread(target=stay))
        threads[-1].start()
        return threads[-1]

    worker_shutdown.open()
    yield start
    worker_shutdown.send()
    for thread in threads:
        thread.join()
    worker_shutdown.close()


def test_a_drainer_that_stays_hears_the_next_commit_at_once(endpoint, sink, drainer):
    drainer()
    sink.wait_for(1)

    waits = []
    for number in range(2, 12):
        committed_at = time.monotonic()
        happen(endpoint.organization)
        sink.wait_for(number)
        waits.append(time.monotonic() - committed_at)
    # Without listening, each would wait for the next look.
    assert statistics.median(waits) < LOOK_SECONDS / 2


def test_when_the_worker_ends_what_is_on_the_wire_is_finished_and_the_rest_given_back(
    endpoint, sink, drainer
):
    sink.hang()
    happen(endpoint.organization, 99)
    thread = drainer()
    sink.wait_for(8)

    worker_shutdown.send()
    sink.go_on()
    thread.join(timeout=20)

    assert not thread.is_alive()
    delivered = Delivery.objects.filter(status="delivered")
    assert delivered.count() == len(sink.requests)
    assert Delivery.objects.filter(claim__isnull=False).count() == 0


def test_a_drainer_outlives_its_database_connection(endpoint, sink, drainer):
    sink.hang()
    drainer()
    sink.wait_for(1)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'people-hr drainer' "
            "AND datname = current_database()"
        )
    sink.go_on()
    happen(endpoint.organization)
    sink.wait_for(2)

    delivered = Delivery.objects.filter(status="delivered")
    assert wait_until(lambda: delivered.count() == 2, 5)
    assert len(set(ids_received(sink))) == len(sink.requests) == 2
