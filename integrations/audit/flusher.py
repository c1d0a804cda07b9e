"""The thread that writes a process's calls out, off the path of any request.

It ends after the main thread has: whichever way a process ends in an orderly manner
(SIGTERM to a server's worker, the end of a program), what waits is written first. No
handler of the server is replaced. A process that is killed loses what came within the
last :data:`TICK_SECONDS` and the time of one write.
"""

import logging
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

from integrations.audit.sink import CallSink

if TYPE_CHECKING:
    from integrations.audit.calls import ApiCall

logger = logging.getLogger(__name__)

#: How many calls go into one COPY, at most; so many that wait wake the thread.
BATCH_CALLS = 500
#: The longest that a call waits while the database answers.
TICK_SECONDS = 0.25
#: How long the thread waits after the database refused or did not answer.
RETRY_SECONDS = 1.0
#: How long a process that ends tries to reach the database.
LAST_TRY_SECONDS = 3.0


#: Returns the thread's connection, in autocommit; raises psycopg.OperationalError.
Connect = Callable[[], "psycopg.Connection[Any]"]


class Companion(Protocol):
    """What else the thread writes, at its own pace; everything when ``is_last``.

    It raises psycopg.OperationalError where the database is away, and is asked again.
    """

    def __call__(self, connect: Connect, *, is_last: bool) -> None: ...


class Buffer(Protocol):
    """What the thread takes calls from, and what it writes beside them."""

    waiting: "deque[ApiCall]"
    dropped: int
    companions: list[Companion]


class Flusher(threading.Thread):
    """Writes a buffer out; see the module."""

    def __init__(self, buffer: Buffer, wake: threading.Event) -> None:
        # No daemon: the interpreter waits for it before it ends.
        super().__init__(name="call-log", daemon=False)
        self._buffer = buffer
        self._wake = wake
        self._is_stopping = False
        self._sink = CallSink()
        self._batch: list[ApiCall] = []
        self._told_drops = 0
        self._is_away = False

    def start(self) -> None:
        """Start; where SIGTERM would end the process at once, let it end orderly."""
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _end_orderly)
        super().start()

    def stop(self, timeout_seconds: float) -> None:
        """Write out what waits and end."""
        self._is_stopping = True
        self._wake.set()
        self.join(timeout_seconds)

    def run(self) -> None:
        try:
            while not self._is_ending:
                self._write_all(is_last=False)
                self._wake.wait(RETRY_SECONDS if self._is_away else TICK_SECONDS)
                self._wake.clear()
            self._write_the_last()
        finally:
            self._sink.close()

    @property
    def _is_ending(self) -> bool:
        return self._is_stopping or not threading.main_thread().is_alive()

    def _write_the_last(self) -> None:
        until = time.monotonic() + LAST_TRY_SECONDS
        while not self._write_all(is_last=True) and time.monotonic() < until:
            time.sleep(TICK_SECONDS)
        if lost := len(self._batch) + len(self._buffer.waiting):
            logger.error("%d API calls are not in the log: no database.", lost)

    def _write_all(self, *, is_last: bool) -> bool:
        """Write calls, and what goes beside them; return whether nothing waits."""
        return self._write_out() and self._write_beside(is_last=is_last)

    def _write_beside(self, *, is_last: bool) -> bool:
        for write in self._buffer.companions:
            try:
                write(self._sink.opened, is_last=is_last)
            except psycopg.OperationalError as error:
                self._note_away(error)
                return False
        return True

    def _write_out(self) -> bool:
        """Write until nothing waits; return whether nothing does."""
        while self._take():
            try:
                self._write_batch()
            except psycopg.Error as error:
                self._note_away(error)
                return False
            self._batch = []
            self._is_away = False
        return self._tell_drops()

    def _take(self) -> bool:
        """Take a batch, unless the last one is still to be written."""
        waiting = self._buffer.waiting
        while waiting and len(self._batch) < BATCH_CALLS:
            self._batch.append(waiting.popleft())
        return bool(self._batch)

    def _write_batch(self) -> None:
        """Write the batch; let one call that the table refuses keep no other out."""
        try:
            self._sink.write(self._batch)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            logger.warning("The call log refused a batch: %s", error)
            self._write_one_by_one()

    def _write_one_by_one(self) -> None:
        while self._batch:
            try:
                self._sink.write(self._batch[:1])
            except (psycopg.DataError, psycopg.IntegrityError):
                self._sink.count_refused(1)
            self._batch = self._batch[1:]

    def _note_away(self, error: psycopg.Error) -> None:
        if not self._is_away:
            logger.warning("API calls wait: %s", error)
        self._is_away = True
        self._sink.close()

    def _tell_drops(self) -> bool:
        """Write down how many calls found no room since this was last told."""
        dropped = self._buffer.dropped
        if dropped == self._told_drops:
            return True
        try:
            self._sink.count_dropped(dropped - self._told_drops)
        except psycopg.Error as error:
            self._note_away(error)
            return False
        logger.error("%d API calls were dropped.", dropped - self._told_drops)
        self._told_drops = dropped
        return True


def _end_orderly(signal_number: int, _frame: object) -> None:
    sys.exit(128 + signal_number)
