"""Celery tasks: short messages that make a worker look into the database."""

import datetime as dt
import logging
from contextlib import suppress

import kombu.exceptions
import psycopg
from celery import shared_task
from django.conf import settings
from django.db import OperationalError

from integrations.webhooks.delivery import MAX_DRAINER_SECONDS, drain
from integrations.webhooks.log import prune_events

logger = logging.getLogger(__name__)

# A drainer ends by itself long before; this ends one that hangs.
_TIME_LIMIT_SECONDS = MAX_DRAINER_SECONDS + 120


@shared_task(
    ignore_result=True,
    soft_time_limit=_TIME_LIMIT_SECONDS,
    time_limit=_TIME_LIMIT_SECONDS + 30,
)
def drain_deliveries() -> None:
    """Send what is due until nothing is; end at once when enough drainers are up.

    Sent after commits and each second by beat. The rows say what is due, so a lost or
    doubled message makes no difference.
    """
    try:
        is_more = drain(call_for_help=_call_another)
    except (OperationalError, psycopg.OperationalError) as error:
        logger.warning("Nothing is sent while the database is away: %s", error)
        return
    if is_more:
        _call_another()


def _call_another() -> None:
    with suppress(
        kombu.exceptions.OperationalError
    ):  # beat calls within a second anyway
        drain_deliveries.apply_async(retry=False, expires=5)


@shared_task(ignore_result=True)
def prune_event_log() -> None:
    """Forget finished events that are older than the log is kept."""
    prune_events(older_than=dt.timedelta(days=settings.WEBHOOK_EVENT_LOG_DAYS))
