"""The secrets under which keys are tagged: ``settings.API_KEY_PEPPERS``.

A ring, as ENCRYPTION_KEYS is: the first makes tags, all verify them. A row says by the
pepper's fingerprint which one made its tag; a key that is used gets a tag of the first.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

from integrations.api_keys import keys


def fingerprint(pepper: str) -> str:
    """Return the name of a pepper: eight hex digits of its SHA-256."""
    return hashlib.sha256(pepper.encode()).hexdigest()[:8]


def first() -> str:
    """Return the pepper that new tags are made under."""
    newest: str = settings.API_KEY_PEPPERS[0]
    return newest


def newest_name() -> str:
    """Return the fingerprint of the pepper that new tags are made under."""
    return next(iter(_ring(tuple(settings.API_KEY_PEPPERS))))


def make_tag(text: str) -> tuple[str, str]:
    """Return a key's tag, and the fingerprint of the pepper that made it."""
    return keys.tag(text, first()), newest_name()


def is_tag_of(text: str, tag: str, pepper_name: str) -> bool:
    """Say, in constant time, whether a key has this tag.

    Never where the pepper is no longer in the ring.
    """
    pepper = _ring(tuple(settings.API_KEY_PEPPERS)).get(pepper_name)
    return pepper is not None and hmac.compare_digest(keys.tag(text, pepper), tag)


def mark(text: str) -> bytes:
    """Return what stands for a key in the memory of a process: never the key itself."""
    return hmac.digest(first().encode(), text.encode(), "sha256")


@lru_cache(maxsize=4)
def _ring(peppers: tuple[str, ...]) -> dict[str, str]:
    return {fingerprint(pepper): pepper for pepper in peppers}
