"""bcrypt, bounded: a few at a time in one process, and each key once.

The library lets other threads run while it hashes, so what is bounded is the processor
time that callers can ask for. Whoever comes when all slots are taken is not queued.
"""

import threading
from concurrent.futures import Future
from functools import lru_cache

from django.conf import settings

from integrations.api_keys import keys

#: How long a request waits for another one that verifies the same key, in seconds.
WAIT_SECONDS = 5.0


class Busy(Exception):
    """All slots are taken."""


class HashingPool:
    """Verifies keys by bcrypt; parallel questions about one key are asked once."""

    def __init__(self, slots: int) -> None:
        self.runs = 0
        self._slots = threading.BoundedSemaphore(slots)
        self._running: dict[tuple[bytes, str], Future[bool]] = {}
        self._lock = threading.Lock()

    def check(self, mark: bytes, text: str, hashed: str) -> bool:
        """Say whether a key is the one that was hashed; ``mark`` stands for the key.

        Raises:
            Busy: when there is no slot, or another request's answer takes too long.
        """
        question = (mark, hashed)
        with self._lock:
            answer = self._running.get(question)
            is_first = answer is None
            if answer is None:
                answer = self._running[question] = Future()
        if is_first:
            self._answer(question, answer, text)
        try:
            return answer.result(WAIT_SECONDS)
        except TimeoutError as error:
            raise Busy from error

    def _answer(
        self, question: tuple[bytes, str], answer: "Future[bool]", text: str
    ) -> None:
        try:
            answer.set_result(self._hash(text, question[1]))
        except Busy as error:
            answer.set_exception(error)
        finally:
            answer.cancel()  # only where neither was reached: nobody waits in vain
            with self._lock:
                del self._running[question]

    def _hash(self, text: str, hashed: str) -> bool:
        if not self._slots.acquire(blocking=False):
            raise Busy
        try:
            self.runs += 1
            return keys.matches(text, hashed)
        finally:
            self._slots.release()


@lru_cache(maxsize=4)
def _pool(slots: int) -> HashingPool:
    return HashingPool(slots)


def pool() -> HashingPool:
    """Return the pool of this process, of ``settings.API_KEY_BCRYPT_SLOTS``."""
    return _pool(settings.API_KEY_BCRYPT_SLOTS)
