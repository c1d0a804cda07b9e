"""The usual design, as tutorials show it."""

import hashlib
import hmac
import json

import requests  # noqa: TID251 - that is what the usual design does
from celery import shared_task
from django.utils import timezone

from bench.deliveries.peers.models import Delivery

KEY = b"0123456789abcdef0123456789abcdef"


@shared_task(bind=True, max_retries=12)
def deliver(self, delivery_id: int) -> None:
    """Read the row, send it, write the result."""
    delivery = Delivery.objects.get(pk=delivery_id)
    body = json.dumps(delivery.payload).encode()
    signature = hmac.new(KEY, body, hashlib.sha256).hexdigest()
    delivery.attempts += 1
    try:
        response = requests.post(
            delivery.url,
            data=body,
            headers={"content-type": "application/json", "x-signature": signature},
            timeout=15,
        )
        response.raise_for_status()
    except requests.RequestException as error:
        delivery.save()
        raise self.retry(exc=error, countdown=60) from error
    delivery.status = "delivered"
    delivery.response_code = response.status_code
    delivery.response_body = response.text[:1024]
    delivery.delivered_at = timezone.now()
    delivery.save()
