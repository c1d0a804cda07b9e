"""Sessions of the pages: kept in the database, read from the cache."""

import re

from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore

#: What Django makes for a key.
KEY = re.compile(r"[a-z0-9]{32}\Z")


class SessionStore(CachedStore):
    """Asks neither cache nor database for a key that cannot be one.

    A cookie may hold anything: a NUL, which PostgreSQL refuses, or a megabyte.
    """

    cache_key_prefix = "session:"

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and KEY.match(key))
