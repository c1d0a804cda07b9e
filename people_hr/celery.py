"""The Celery application; its settings are Django's, under the prefix CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import (
    after_task_publish,
    beat_init,
    heartbeat_sent,
    task_postrun,
    task_prerun,
)
from django.db import close_old_connections

from integrations.monitoring import heartbeats, tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")

app = Celery("people_hr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def let_go_of_dead_connections(**signal: Any) -> None:
    """Do around a task what Django does around a request.

    With ``CELERY_DB_REUSE_MAX`` Celery keeps connections over tasks, also those that
    a restart of PostgreSQL has ended.
    """
    close_old_connections()


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
