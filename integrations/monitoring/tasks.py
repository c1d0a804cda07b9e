"""Sent by beat every few seconds, so that a stopped queue is noticed."""

from celery import shared_task

from integrations.monitoring import heartbeats


@shared_task(name=heartbeats.BEAT_TASK)
def record_beat() -> None:
    """Note that a task came all the way from beat to a worker."""
    heartbeats.record(heartbeats.Part.QUEUE)
