"""Sessions of the pages: kept in the database, read from the cache."""

import hashlib
import re

from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore

#: What Django makes for a key.
KEY = re.compile(r"[a-z0-9]{32}\Z")


class _Digesting(str):
    """A prefix that hides what follows it.

    Who reads the cache's keys must not hold anybody's cookie. Django's store adds the
    key to its prefix wherever it asks the cache.
    """

    __slots__ = ()

    def __add__(self, key: str) -> str:
        return f"{self}{hashlib.sha256(key.encode()).hexdigest()}"


class SessionStore(CachedStore):
    """Asks neither cache nor database for a key that cannot be one.

    A cookie may hold anything: a NUL, which PostgreSQL refuses, or a megabyte.
    """

    cache_key_prefix = _Digesting("session:")

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and KEY.match(key))
