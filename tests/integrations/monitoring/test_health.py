import pytest
from django.core.cache import cache
from django.test import Client

from integrations.monitoring import heartbeats
from integrations.monitoring.heartbeats import Part
from integrations.monitoring.tasks import record_beat
from people_hr import celery as wiring

PARTS = ["web", "database", "cache", "worker", "beat", "queue", "limits"]


def test_live_answers_without_asking_anybody(client: Client) -> None:
    response = client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_every_part_was_seen(client: Client) -> None:
    for part in Part:
        heartbeats.record(part)

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "parts": dict.fromkeys(PARTS, "ok"),
    }
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("missing", list(Part))
def test_not_ready_names_the_part_that_was_not_seen(
    client: Client, missing: Part
) -> None:
    for part in set(Part) - {missing}:
        heartbeats.record(part)

    response = client.get("/health/ready")

    assert response.status_code == 503
    wrong = {
        part: word for part, word in response.json()["parts"].items() if word != "ok"
    }
    assert wrong == {missing: "not seen for 30 seconds"}


@pytest.mark.django_db
def test_health_is_open_to_everybody_but_only_for_reading(client: Client) -> None:
    assert client.post("/health/ready").status_code == 405
    assert client.head("/health/ready").status_code == 503


def test_part_is_forgotten_when_it_says_nothing_more() -> None:
    heartbeats.record(Part.WORKER)

    client = cache._cache.get_client()
    remaining_seconds = client.ttl(cache.make_key("monitoring:seen:worker"))
    assert 0 < remaining_seconds <= heartbeats.STALE_AFTER_SECONDS


def test_heartbeat_of_a_worker_is_noted() -> None:
    assert heartbeats.seconds_since(Part.WORKER) is None

    wiring.heartbeat_sent.send(sender=None)

    assert heartbeats.seconds_since(Part.WORKER) == pytest.approx(0, abs=5)
    assert heartbeats.seconds_since(Part.BEAT) is None


def test_beat_is_noted_when_it_sends_and_the_queue_when_the_task_runs() -> None:
    record_beat.delay()
    assert heartbeats.seconds_since(Part.BEAT) == pytest.approx(0, abs=5)
    assert heartbeats.seconds_since(Part.QUEUE) is None

    record_beat()
    assert heartbeats.seconds_since(Part.QUEUE) == pytest.approx(0, abs=5)


def test_everything_can_be_forgotten_before_a_start() -> None:
    for part in Part:
        heartbeats.record(part)

    heartbeats.forget_all()

    assert [heartbeats.seconds_since(part) for part in Part] == [None] * len(Part)
