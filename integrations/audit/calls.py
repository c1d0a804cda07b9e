"""The call log's near end: what a request does to be accounted for, in microseconds.

A call is put into a buffer of the process; a thread of the process writes the buffer
out (:mod:`integrations.audit.flusher`), on a connection of its own.
"""

import logging
import os
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from integrations.audit.flusher import BATCH_CALLS, Companion, Flusher

logger = logging.getLogger(__name__)

#: How many calls may wait in a process while the database is away; later ones are
#: dropped and counted.
BUFFER_CALLS = 20_000


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of the API, as the log keeps it: named fields alone, never a secret.

    ``route`` is the address with its parameters unfilled, such as
    ``/api/v1/employees/{id}/``; ``credential_id`` the id that logs name a credential
    by; ``duration_us`` microseconds from the first byte read to the answer.
    """

    occurred_at: datetime
    organization_id: UUID | None
    actor_type: str
    actor_id: str | None
    credential_kind: str
    credential_id: str
    method: str
    route: str
    status: int
    address: str
    agent: str
    duration_us: int
    bytes_in: int
    bytes_out: int
    request_id: str


class CallLog:
    """The calls of this process that wait to be written, and the thread that writes.

    The thread is started by the first call, so that a server may fork before. It also
    writes what ``companions`` have to write: whatever else a call leaves behind.
    """

    def __init__(self, room: int = BUFFER_CALLS) -> None:
        self._room = room
        self.companions: list[Companion] = []
        self._begin()

    def _begin(self) -> None:
        self.waiting: deque[ApiCall] = deque()
        self._drops = count(1)
        self.dropped = 0
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._flusher: Flusher | None = None

    def note(self, call: ApiCall) -> None:
        """Put a call in; drop it, counted, where there is no room left."""
        waiting = self.waiting
        if len(waiting) >= self._room:
            self.dropped = next(self._drops)
            return
        waiting.append(call)
        flusher = self._flusher
        if len(waiting) == BATCH_CALLS:
            self._wake.set()
            # Nothing is known to end it early; if something does, no call is lost.
            if flusher is not None and not flusher.is_alive():
                flusher = self._flusher = None
        if flusher is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._flusher is None:
                flusher = Flusher(self, self._wake)
                try:
                    flusher.start()
                except RuntimeError:  # the interpreter ends, or has no thread left
                    logger.warning("Calls wait: no thread can be started.")
                    return
                self._flusher = flusher

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Write out what waits, and end the thread; the next call starts another."""
        with self._lock:
            flusher, self._flusher = self._flusher, None
        if flusher is not None:
            flusher.stop(timeout_seconds)

    def forget_parent(self) -> None:
        """In a forked child: what waits is the parent's to write, and so its thread."""
        self._begin()


call_log = CallLog()
os.register_at_fork(after_in_child=call_log.forget_parent)


def note_call(call: ApiCall) -> None:
    """Account for a call: never waits, never raises, costs about a microsecond."""
    call_log.note(call)
