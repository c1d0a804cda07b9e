"""What beat keeps going: chains, counts, partitions, and what is no longer kept."""

import datetime as dt
import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from integrations.audit.partitions import keep_partitions
from integrations.audit.rollups import prune_usage, roll_up
from integrations.audit.sealing import seal
from integrations.audit.verifying import prune_events
from organizations.security import SecurityKind, tell

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def seal_events() -> None:
    """Chain the security and integration events that wait."""
    seal()


@shared_task(ignore_result=True)
def roll_up_usage() -> None:
    """Count the minutes whose calls have come in since the last time."""
    roll_up(minutes_kept=dt.timedelta(days=settings.USAGE_MINUTES_DAYS))


@shared_task(ignore_result=True)
def keep_call_log() -> None:
    """Make the partitions of the coming days and drop what is older than it is kept.

    Calls that found no partition of their day mean that nobody kept the log for a
    week: that is an alarm, though nothing is lost.
    """
    kept = keep_partitions(
        timezone.now().astimezone(dt.UTC).date(), days_kept=settings.CALL_LOG_DAYS
    )
    if kept.moved:
        logger.error("%d API calls had found no partition of their day.", kept.moved)
        tell(
            SecurityKind.SYSTEM_DEGRADED,
            subject="call_log",
            reason="partition_missing",
            details={"calls": kept.moved},
        )
    prune_usage(
        {
            "minute": dt.timedelta(days=settings.USAGE_MINUTES_DAYS),
            "hour": dt.timedelta(days=settings.USAGE_HOURS_DAYS),
            "day": dt.timedelta(days=settings.USAGE_DAYS_DAYS),
        }
    )
    prune_events(timezone.now() - dt.timedelta(days=settings.SECURITY_LOG_DAYS))
