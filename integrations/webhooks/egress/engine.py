"""The only outgoing HTTP: many POST requests at once over kept-alive connections.

libcurl does the work (its "multi" interface), in the caller's thread. It was chosen
by measurement: `bench/deliveries` compares whole workers.
"""

import select
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pycurl  # noqa: TID251 - this is the one module that may

from integrations.webhooks.egress.addresses import EgressPolicy

T = TypeVar("T")

USER_AGENT = "PeopleHR-Webhooks/1"
# What is read of an answer before the connection is closed, and what is kept of it.
MAX_RESPONSE_BYTES = 64 * 1024
EXCERPT_BYTES = 1024
# libcurl's descriptor sets end at 1,024: connections in use and idle ones stay below.
MAX_TRANSFERS = 256
MAX_IDLE_CONNECTIONS = 256

_COMMON_HEADERS = ["content-type: application/json", "expect:"]


@dataclass(frozen=True, slots=True)
class EgressLimits:
    """How long one request may take."""

    connect_timeout_ms: int = 5_000
    total_timeout_ms: int = 15_000
    ca_file: str = ""


@dataclass(slots=True)
class Outcome(Generic[T]):
    """How one request ended. ``status_code`` is 0 when no answer came."""

    tag: T
    status_code: int
    error: str
    duration_ms: int
    excerpt: bytes
    is_new_connection: bool


@dataclass(slots=True)
class _Answer:
    """What has been read of one answer."""

    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    def read(self, chunk: bytes) -> int:
        """Take a piece from libcurl; less than its length ends the transfer."""
        if self.size < EXCERPT_BYTES:
            self.chunks.append(chunk)
        self.size += len(chunk)
        return len(chunk) if self.size <= MAX_RESPONSE_BYTES else 0

    def excerpt(self) -> bytes:
        return b"".join(self.chunks)[:EXCERPT_BYTES]


class _Transfer(Generic[T]):
    """A reusable libcurl handle, and the request that it carries now."""

    def __init__(self, policy: EgressPolicy, limits: EgressLimits) -> None:
        self.policy = policy
        self.tag: T | None = None
        self.answer = _Answer()
        self.refused_address = ""
        self.curl = self._new_handle(limits)

    def _new_handle(self, limits: EgressLimits) -> Any:
        curl = pycurl.Curl()
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.POST, 1)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.TCP_NODELAY, 1)
        curl.setopt(pycurl.USERAGENT, USER_AGENT)
        curl.setopt(pycurl.FOLLOWLOCATION, 0)
        # Neither the environment nor a file of the account may redirect or identify us.
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.NETRC, pycurl.NETRC_IGNORED)
        protocols = {"https": pycurl.PROTO_HTTPS, "http": pycurl.PROTO_HTTP}
        curl.setopt(
            pycurl.PROTOCOLS, sum(protocols[name] for name in self.policy.schemes)
        )
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, limits.connect_timeout_ms)
        curl.setopt(pycurl.TIMEOUT_MS, limits.total_timeout_ms)
        if limits.ca_file:
            curl.setopt(pycurl.CAINFO, limits.ca_file)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        curl.setopt(pycurl.WRITEFUNCTION, self._read)
        curl.transfer = self
        return curl

    def load(self, tag: T, url: str, headers: list[str], body: bytes) -> None:
        """Put a request on the handle; its connection options stay."""
        self.tag = tag
        self.answer = _Answer()
        self.refused_address = ""
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.HTTPHEADER, _COMMON_HEADERS + headers)
        self.curl.setopt(pycurl.POSTFIELDS, body)

    def outcome(self, error: str) -> Outcome[T]:
        assert self.tag is not None
        status_code = self.curl.getinfo(pycurl.RESPONSE_CODE)
        return Outcome(
            tag=self.tag,
            status_code=status_code,
            error=self._refusal() or ("" if status_code else error),
            duration_ms=round(self.curl.getinfo(pycurl.TOTAL_TIME) * 1000),
            excerpt=self.answer.excerpt(),
            is_new_connection=self.curl.getinfo(pycurl.NUM_CONNECTS) > 0,
        )

    def _refusal(self) -> str:
        return self.policy.refusal(self.refused_address) if self.refused_address else ""

    def _read(self, chunk: bytes) -> int:
        return self.answer.read(chunk)

    def _open_socket(self, purpose: int, address: Any) -> Any:
        """Check the address that libcurl is about to connect to.

        A connection that is used again was checked when it was opened, so between
        check and use there is no gap.
        """
        family, kind, protocol, target = address
        if not self.policy.is_allowed(target[0]):
            self.refused_address = target[0]
            return pycurl.SOCKET_BAD
        return socket.socket(family, kind, protocol)


class EgressEngine(Generic[T]):
    """Sends requests concurrently; not safe to share between threads."""

    def __init__(self, policy: EgressPolicy, limits: EgressLimits) -> None:
        self._policy = policy
        self._limits = limits
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, MAX_IDLE_CONNECTIONS)
        self._idle: list[_Transfer[T]] = []
        self._all: list[_Transfer[T]] = []
        self.in_flight = 0

    @property
    def room(self) -> int:
        """Return how many more requests may be in flight."""
        return MAX_TRANSFERS - self.in_flight

    def send(self, tag: T, *, url: str, headers: list[str], body: bytes) -> None:
        """Begin a POST request; its outcome carries the tag.

        Raises ValueError for an address that is no URL.
        """
        transfer = self._idle.pop() if self._idle else self._new_transfer()
        try:
            transfer.load(tag, url, headers, body)
        except (pycurl.error, UnicodeError) as error:
            transfer.tag = None
            self._idle.append(transfer)
            raise ValueError(f"This is no valid address ({error}).") from error
        self._multi.add_handle(transfer.curl)
        self.in_flight += 1

    def outcomes(self) -> list[Outcome[T]]:
        """Move all requests on without waiting; return those that ended."""
        if not self.in_flight:
            return []
        self._multi.perform()
        ended: list[Outcome[T]] = []
        queued = 1
        while queued:
            queued, answered, failed = self._multi.info_read()
            ended.extend(self._finish(curl, "") for curl in answered)
            ended.extend(
                self._finish(curl, _sentence(code, message, self._limits))
                for curl, code, message in failed
            )
        return ended

    def wait(self, timeout: float, also: Iterable[int] = ()) -> set[int]:
        """Wait until a request can move on or one of ``also`` can be read.

        ``timeout`` in seconds; ``also`` are descriptors of the caller. Returns the
        descriptors that are ready.
        """
        poller = select.poll()
        timeout_ms = max(0.0, timeout * 1000)
        if self.in_flight:
            readable, writable, exceptional = self._multi.fdset()
            events = dict.fromkeys(readable, select.POLLIN)
            for descriptor in writable:
                events[descriptor] = events.get(descriptor, 0) | select.POLLOUT
            for descriptor in exceptional:
                events.setdefault(descriptor, select.POLLIN)
            for descriptor, mask in events.items():
                poller.register(descriptor, mask)
            wanted_ms = self._multi.timeout()
            if wanted_ms >= 0:
                timeout_ms = min(timeout_ms, wanted_ms)
            if not events:  # a name is being looked up: there is nothing to poll yet
                timeout_ms = min(timeout_ms, 5.0)
        for descriptor in also:
            poller.register(descriptor, select.POLLIN)
        return {descriptor for descriptor, _ in poller.poll(timeout_ms)}

    def close(self) -> None:
        """End all requests and connections."""
        for transfer in self._all:
            if transfer.tag is not None:
                self._multi.remove_handle(transfer.curl)
            transfer.curl.close()
        self._multi.close()
        self._all.clear()
        self._idle.clear()

    def _new_transfer(self) -> _Transfer[T]:
        transfer: _Transfer[T] = _Transfer(self._policy, self._limits)
        self._all.append(transfer)
        return transfer

    def _finish(self, curl: Any, error: str) -> Outcome[T]:
        transfer: _Transfer[T] = curl.transfer
        self._multi.remove_handle(curl)
        self.in_flight -= 1
        outcome = transfer.outcome(error)
        transfer.tag = None
        self._idle.append(transfer)
        return outcome


def _sentence(code: int, message: str, limits: EgressLimits) -> str:
    """Return what went wrong, for the person who reads the delivery."""
    match code:
        case pycurl.E_OPERATION_TIMEDOUT:
            seconds = limits.total_timeout_ms / 1000
            return f"No answer within {seconds:g} seconds ({message})."
        case pycurl.E_COULDNT_RESOLVE_HOST:
            return f"The host name is not known ({message})."
        case pycurl.E_COULDNT_CONNECT:
            return f"No connection ({message})."
        case pycurl.E_PEER_FAILED_VERIFICATION | pycurl.E_SSL_CONNECT_ERROR:
            return f"No trusted TLS connection ({message})."
        case _:
            return f"The request failed ({message})."
