"""The Celery application; its settings are Django's, under the prefix CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, beat_init, heartbeat_sent

from integrations.monitoring import heartbeats, tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")

app = Celery("people_hr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@heartbeat_sent.connect
def record_worker(**signal: Any) -> None:
    """Note that a worker lives: it says so to Celery every two seconds."""
    heartbeats.record(heartbeats.Part.WORKER)


@after_task_publish.connect(sender=heartbeats.BEAT_TASK)
def record_beat(**signal: Any) -> None:
    """Note that beat lives: it has sent the task that is due every few seconds."""
    heartbeats.record(heartbeats.Part.BEAT)


@beat_init.connect
def announce_beat(**signal: Any) -> None:
    """Send the task once without waiting for its turn: it is known at once."""
    tasks.record_beat.delay()
