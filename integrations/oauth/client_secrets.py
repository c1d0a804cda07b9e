"""Secrets of apps: generated, shown once, kept as a keyed digest.

A generated secret of 238 bits needs no slow hash: nobody guesses it, so slowness would
only be a lever to load the server with, and would tell by the clock which client ids
exist. The digest is an HMAC-SHA256 under keys that follow from ``ENCRYPTION_KEYS``: the
first key writes, every key verifies.
"""

import hmac
from functools import lru_cache

from django.conf import settings

from integrations.oauth.formats import Prefix, generate

PURPOSE = b"people-hr/oauth/client-secret"
#: Compared with where there is nothing to compare with, at the same cost.
NOBODYS_DIGEST = "0" * 64


def generate_secret() -> str:
    """Return a new secret of an app."""
    return generate(Prefix.CLIENT_SECRET)


def secret_digest(secret: str) -> str:
    """Return what is stored of a secret."""
    return _digest(_keys(tuple(settings.ENCRYPTION_KEYS))[0], secret)


def is_secret(secret: str, stored: str) -> bool:
    """Say whether a secret is the one whose digest is stored; an empty one is none.

    Takes the same time whether or not there is anything stored.
    """
    keys = _keys(tuple(settings.ENCRYPTION_KEYS))
    good = [
        hmac.compare_digest(_digest(key, secret), stored or NOBODYS_DIGEST)
        for key in keys
    ]
    return any(good) and bool(secret) and bool(stored)


@lru_cache(maxsize=4)
def _keys(ring: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(hmac.digest(key.encode(), PURPOSE, "sha256") for key in ring)


def _digest(key: bytes, secret: str) -> str:
    return hmac.digest(key, secret.encode(), "sha256").hex()
