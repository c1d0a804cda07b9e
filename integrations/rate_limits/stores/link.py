"""One connection to Valkey that speaks its protocol (RESP2) by hand.

A decision is one command and one short text in answer. Written and read here, it takes
about a third of what the client library needs for the same (``bench/limits.py``). The
library still connects: it knows addresses, TLS, passwords and databases.
"""

import socket
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

READ_BYTES = 4096
LINE_END = b"\r\n"


class StoreUnreachable(Exception):
    """The store did not answer, or not in time."""


class LinkLost(StoreUnreachable):
    """The connection was closed by the other side, as after a restart."""


class StoreRefused(Exception):
    """The store answered with an error."""


def pack(parts: Sequence[bytes]) -> bytes:
    """Return one command as it goes over the wire."""
    head = b"*%d\r\n" % len(parts)
    return head + b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


class Link:
    """An open connection; broken by the first error, it is thrown away."""

    __slots__ = ("_connection", "_socket")

    def __init__(self, connection: Any) -> None:
        self._connection = connection  # closes the socket when it is forgotten
        self._socket: socket.socket = connection._sock

    def ask(self, command: bytes) -> bytes:
        """Send one command and return its answer, a text.

        Raises:
            LinkLost: when the connection is closed.
            StoreUnreachable: when no answer comes in time.
            StoreRefused: when the answer is an error.
        """
        try:
            self._socket.sendall(command)
            answer = self._socket.recv(READ_BYTES)
            while not _is_whole(answer):
                more = self._socket.recv(READ_BYTES)
                answer += more
                if not more:
                    break
        except TimeoutError as error:
            raise StoreUnreachable("The store did not answer in time.") from error
        except OSError as error:
            raise LinkLost(str(error)) from error
        if not answer.endswith(LINE_END):
            raise LinkLost("The store closed the connection.")
        return _text_of(answer)

    def close(self) -> None:
        """Close the connection."""
        self._connection.disconnect()


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(LINE_END)
    if not end:
        return not answer  # nothing came: closed
    if not head.startswith(b"$"):
        return True
    return len(body) >= max(0, int(head[1:])) + len(LINE_END)


def _text_of(answer: bytes) -> bytes:
    head, _end, body = answer.partition(LINE_END)
    if head.startswith(b"-"):
        raise StoreRefused(head[1:].decode("utf-8", "replace"))
    return body[:-2] if head.startswith(b"$") else head[1:]


class Dialer:
    """Connects in a thread of its own: looking up a name knows no timeout."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            protocol=2,
            driver_info=None,
            retry=Retry(NoBackoff(), 0),
        )
        self._new, self._options = pool.connection_class, pool.connection_kwargs

    def dial(self) -> Link:
        """Return an open connection.

        Raises:
            StoreUnreachable: when there is none in time.
        """
        outcomes: SimpleQueue[Link | Exception] = SimpleQueue()
        Thread(target=self._dial, args=[outcomes], daemon=True).start()
        try:
            outcome = outcomes.get(timeout=self._timeout)
        except Empty:
            raise StoreUnreachable("The store did not accept us in time.") from None
        if isinstance(outcome, Link):
            return outcome
        raise StoreUnreachable(str(outcome)) from outcome

    def _dial(self, outcomes: "SimpleQueue[Link | Exception]") -> None:
        connection = self._new(**self._options)
        try:
            connection.connect()
        except (redis.RedisError, OSError) as error:
            outcomes.put(error)
        else:
            outcomes.put(Link(connection))
