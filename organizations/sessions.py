"""Sessions of the pages: rows of the database, so that what ended is over at once.

A cache in front of them would save a fraction of a millisecond, and honour whoever
logged out while it could not be told.
"""

import re

from django.contrib.sessions.backends.db import SessionStore as StoredSessions

#: What Django makes for a key.
KEY = re.compile(r"[a-z0-9]{32}\Z")


class SessionStore(StoredSessions):
    """Does not ask the database for a key that cannot be one.

    A cookie may hold anything: a NUL, which PostgreSQL refuses, or a megabyte.
    """

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and KEY.match(key))
