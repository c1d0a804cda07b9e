"""What is done from time to time."""

import datetime as dt

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from integrations.oauth.models import AccessToken, Grant

#: How long a code that nobody redeemed is kept.
UNREDEEMED_FOR = dt.timedelta(days=1)


@shared_task
def prune_grants() -> None:
    """Delete access tokens that expired, and grants that can give no more.

    A grant that was ended is kept until its time is over: who shows its tokens or its
    code again is known until then.
    """
    now = timezone.now()
    AccessToken._base_manager.filter(expires__lte=now).delete()
    unredeemed = Q(redeemed_at__isnull=True, expires__lte=now - UNREDEEMED_FOR)
    Grant._base_manager.filter(Q(valid_until__lte=now) | unredeemed).delete()
