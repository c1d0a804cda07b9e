"""How far a running import is, kept where pages can see it.

An open transaction shows its rows to nobody, so the cache tells.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from employees.models import EmployeeImport

logger = logging.getLogger(__name__)

# An import whose worker tells nothing for this long may be started again.
SILENCE = dt.timedelta(seconds=60)
KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ProgressNote:
    """Tells the cache how many of how many changes are written."""

    import_id: UUID

    def __call__(self, done: int, total: int) -> None:
        note = {"done": done, "total": total, "at": timezone.now()}
        try:
            cache.set(_key(self.import_id), note, KEPT_SECONDS)
        except RedisError as error:  # the import matters, its progress does not
            logger.warning("The progress of an import is not shown: %s", error)


def read_progress(upload: EmployeeImport) -> dict[str, Any]:
    """Give `done`, `total` and `at`; zeros and the start until the worker tells."""
    note: dict[str, Any] | None = cache.get(_key(upload.pk))
    if note is None or (upload.started_at and note["at"] < upload.started_at):
        return {"done": 0, "total": 0, "at": upload.started_at}
    return note


def is_silent(upload: EmployeeImport) -> bool:
    """Say whether a running import has told nothing for so long that it is lost."""
    last_sign: dt.datetime | None = read_progress(upload)["at"]
    return last_sign is None or timezone.now() - last_sign > SILENCE


def _key(import_id: UUID) -> str:
    return f"employee-import:{import_id}"
