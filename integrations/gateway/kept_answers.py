"""Answers at rest: sealed when they are given, opened for who sends the same again."""

from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone

from integrations.gateway.models import KeptAnswer
from organizations.encryption import decrypt, encrypt
from organizations.models import Organization

REPLAYED = "Idempotency-Replayed"
#: What belongs to the answer; all other headers belong to the request at hand.
KEPT_HEADERS = (
    "Content-Type",
    "Location",
    "ETag",
    "Link",
    "Cache-Control",
    "Retry-After",
    "Allow",
)
#: How many rows are deleted at once.
BATCH = 1000


def find(organization: Organization, digest: str) -> KeptAnswer | None:
    """Return the answer that is kept; one whose time is over is removed."""
    kept = (
        KeptAnswer.objects.for_organization(organization).filter(digest=digest).first()
    )
    if kept is not None and kept.expires_at <= timezone.now():
        kept.delete()
        return None
    return kept


def seal(response: Any) -> str:
    """Return headers and body, encrypted under the installation's key."""
    headers = {
        name: response.headers[name]
        for name in KEPT_HEADERS
        if name in response.headers
    }
    body = response.content.decode()
    return encrypt(orjson.dumps({"headers": headers, "body": body}).decode())


def replay(kept: KeptAnswer) -> HttpResponse:
    """Return the answer as it was given, marked as given before."""
    told = orjson.loads(decrypt(kept.answer))
    return HttpResponse(
        told["body"],
        status=kept.status,
        headers={**told["headers"], REPLAYED: "true"},
    )


def prune() -> int:
    """Delete the answers whose time is over; return how many.

    Unfenced: a task of the installation.
    """
    deleted = 0
    while True:
        old = KeptAnswer._base_manager.filter(expires_at__lte=timezone.now())
        keys = list(old.values_list("pk", flat=True)[:BATCH])
        deleted += KeptAnswer._base_manager.filter(pk__in=keys).delete()[0]
        if len(keys) < BATCH:
            return deleted
