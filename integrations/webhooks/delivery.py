"""The drainer: sends everything that is due, many deliveries at a time.

It claims a batch with one statement, sends it over kept-alive connections, records
what came of it with one statement, and goes on until nothing is due. The first
drainer then stays for a while and listens, so that the next event is on its way within
a millisecond or two; the others only help while there is more than one can do.

No transaction is open while the network answers. A claim is a lease: when its worker
dies, another takes the rows after `lease_seconds`, and a worker that comes back late
changes nothing (see `queue.record_results`). So every event arrives at least once.
"""

import logging
import os
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import certifi
import psycopg
from django.conf import settings
from django.db import OperationalError
from uuid_utils.compat import uuid7

from integrations.webhooks.egress import (
    EgressEngine,
    EgressLimits,
    EgressPolicy,
    Outcome,
)
from integrations.webhooks.encryption import UndecipherableSecret, decrypt
from integrations.webhooks.link import QueueLink, work_waits_for
from integrations.webhooks.models import Delivery
from integrations.webhooks.pacing import FIRST_CONNECTIONS, Pace
from integrations.webhooks.queue import Claimed, Result
from integrations.webhooks.retry import is_success, next_wait
from integrations.webhooks.shutdown import worker_shutdown
from integrations.webhooks.signing import signature_headers, signing_key

logger = logging.getLogger(__name__)

# A drainer hands over to a fresh task after so long, however much there is to do.
MAX_DRAINER_SECONDS = 3600
MAX_HELD = 2000
RECORD_ROWS = 200
RECORD_SECONDS = 0.02
# How often a drainer looks for retries that have become due.
LOOK_SECONDS = 1.0
RECONNECT_SECONDS = 0.1
# How much longer than a request a claim lasts; it must be begun within this time.
LEASE_MARGIN_SECONDS = 5.0
# What waits for its connection longer than this is given back: its endpoint hangs.
STALL_SECONDS = 2.0
CALL_FOR_HELP_SECONDS = 1.0

DELIVERED = Delivery.Status.DELIVERED.value
RETRYING = Delivery.Status.RETRYING.value
FAILED = Delivery.Status.FAILED.value


class Held(NamedTuple):
    """A claimed delivery, its fence token, and when it was claimed (monotonic)."""

    claimed: Claimed
    claim: int
    claimed_at: float


@dataclass(slots=True, eq=False)
class Lane:
    """What a drainer has in hand for one endpoint."""

    endpoint_id: UUID
    pace: Pace = field(default_factory=Pace)
    queue: deque[Held] = field(default_factory=deque)
    in_flight: int = 0
    # The last claim took all that it was allowed to: there is probably more.
    has_more: bool = False

    @property
    def room(self) -> int:
        """Return how many to claim; 0 until it is worth a statement."""
        wanted = self.pace.in_hand
        free = wanted - len(self.queue) - self.in_flight
        return free if free * 2 >= wanted else 0


class Sent(NamedTuple):
    """A delivery that is on the wire."""

    held: Held
    lane: Lane
    started_at: float  # Unix time


@dataclass(slots=True)
class Tally:
    """What a drainer did, for the log."""

    deliveries: int = 0
    connections: int = 0
    refused: int = 0


class Drainer:
    """One run; not shared between threads."""

    def __init__(
        self,
        link: QueueLink,
        engine: EgressEngine[Sent],
        *,
        lease_seconds: float,
        idle_seconds: float,
        call_for_help: Callable[[], None],
    ) -> None:
        self._link = link
        self._engine = engine
        self._lease_seconds = lease_seconds
        self._idle_seconds = idle_seconds
        self._call_for_help = call_for_help
        self._lanes: dict[UUID, Lane] = {}
        self._waiting: deque[Lane] = deque()
        self._results: list[Result] = []
        self._first_result_at = 0.0
        self._stale: dict[UUID, int] = {}
        self._keys: dict[str, bytes] = {}
        self._may_be_due = True
        self._is_stopping = False
        self._lost_at: float | None = None
        now = time.monotonic()
        self._started_at = self._worked_at = self._next_look = now
        self._next_help = now
        self.tally = Tally()

    def run(self) -> None:
        """Send what is due, until nothing is or the worker shuts down."""
        while True:
            has_moved = self._collect()
            if self._link.is_open:
                self._use_database()
            else:
                self._reconnect()
            self._send()
            if self._is_finished():
                return
            if not has_moved:
                self._wait()

    # -- the database --

    def _use_database(self) -> None:
        """Record, release and claim; when the database goes away, keep what we have."""
        try:
            self._record()
            self._look_for_the_end()
            self._release()
            self._claim()
        except (psycopg.OperationalError, OperationalError) as error:
            logger.warning("The database went away: %s", error)
            self._link.close()
            self._lost_at = time.monotonic()

    def _reconnect(self) -> None:
        """Try to come back before the leases end; nobody else can claim meanwhile."""
        try:
            has_place = self._link.open()
        except (psycopg.OperationalError, OperationalError):
            self._link.close()
            assert self._lost_at is not None
            if time.monotonic() - self._lost_at > self._lease_seconds:
                raise
            return
        self._lost_at = None
        self._may_be_due = True
        self._is_stopping = self._is_stopping or not has_place

    def _record(self) -> None:
        results = self._results
        if not results:
            return
        is_time = time.monotonic() - self._first_result_at >= RECORD_SECONDS
        if len(results) < RECORD_ROWS and not is_time and self._held:
            return
        recorded = self._link.record(results)
        self._results = []
        # A change of a subject whose earlier change was on the way may go now.
        for lane in self._lanes.values():
            lane.has_more = True
        if recorded < len(results):
            self.tally.refused += len(results) - recorded
            logger.info("%d results came too late.", len(results) - recorded)

    def _look_for_the_end(self) -> None:
        if self._is_stopping:
            return
        age = time.monotonic() - self._started_at
        self._is_stopping = age > MAX_DRAINER_SECONDS or worker_shutdown.is_sent

    def _release(self) -> None:
        """Give back what cannot be sent soon, so that nobody waits for us."""
        now = time.monotonic()
        for lane in list(self._waiting):
            is_stalled = now - lane.queue[0].claimed_at > STALL_SECONDS
            if is_stalled:
                lane.pace.stalled()
            if is_stalled or self._is_stopping:
                self._stale.update((held.claimed.id, held.claim) for held in lane.queue)
                lane.queue.clear()
                self._waiting.remove(lane)
        if self._stale:
            self._link.release(self._stale)
            self._stale = {}

    def _claim(self) -> None:
        now = time.monotonic()
        if not self._should_claim(now):
            return
        rooms = {lane.endpoint_id: lane.room for lane in self._lanes.values()}
        claim = random.getrandbits(63)
        claimed = self._link.claim(
            claim=claim,
            lease_seconds=self._lease_seconds,
            rooms=rooms,
            limit=MAX_HELD - self._held,
        )
        self._may_be_due = False
        self._next_look = now + LOOK_SECONDS
        if claimed:
            self._worked_at = now
        self._take(claimed, claim, now)
        self._note_what_is_left(claimed, rooms)

    def _should_claim(self, now: float) -> bool:
        if self._is_stopping or self._held >= MAX_HELD:
            return False
        if self._may_be_due or now >= self._next_look:
            return True
        return any(lane.has_more and lane.room for lane in self._lanes.values())

    def _take(self, claimed: list[Claimed], claim: int, now: float) -> None:
        """Put claimed rows into the lanes of their endpoints, the oldest first."""
        for delivery in sorted(claimed, key=lambda delivery: delivery.id):
            lane = self._lanes.get(delivery.endpoint_id)
            if lane is None:
                lane = self._lanes[delivery.endpoint_id] = Lane(delivery.endpoint_id)
            if not lane.queue:
                self._waiting.append(lane)
            lane.queue.append(Held(delivery, claim, now))

    def _note_what_is_left(
        self, claimed: list[Claimed], rooms: dict[UUID, int]
    ) -> None:
        counts: dict[UUID, int] = {}
        for delivery in claimed:
            counts[delivery.endpoint_id] = counts.get(delivery.endpoint_id, 0) + 1
        for endpoint_id, lane in self._lanes.items():
            allowed = rooms.get(endpoint_id, FIRST_CONNECTIONS)
            lane.has_more = counts.get(endpoint_id, 0) >= allowed
        is_short_of_hands = any(count >= FIRST_CONNECTIONS for count in counts.values())
        if is_short_of_hands and self._link.is_first:
            self._ask_for_help()

    def _ask_for_help(self) -> None:
        now = time.monotonic()
        if now >= self._next_help:
            self._next_help = now + CALL_FOR_HELP_SECONDS
            self._call_for_help()

    # -- the network --

    @property
    def _held(self) -> int:
        return self._engine.in_flight + sum(len(lane.queue) for lane in self._waiting)

    def _send(self) -> None:
        """Begin requests while their endpoints and the engine have room."""
        for _ in range(len(self._waiting)):
            lane = self._waiting[0]
            while lane.queue and lane.in_flight < self._connections_for(lane):
                self._begin(lane, lane.queue.popleft())
            # Where the engine is full, another lane comes first next time.
            self._waiting.rotate(-1)
            if not lane.queue:
                self._waiting.remove(lane)

    def _connections_for(self, lane: Lane) -> int:
        """Return how many requests a lane may have on the wire.

        The fuller the engine, the fewer: many endpoints that hang at once leave a
        connection for one that does not.
        """
        room = self._engine.room
        return min(lane.pace.connections, 1 + room // 8) if room else 0

    def _begin(self, lane: Lane, held: Held) -> None:
        if time.monotonic() - held.claimed_at > LEASE_MARGIN_SECONDS - 1:
            self._stale[held.claimed.id] = held.claim
            return
        sent = Sent(held, lane, time.time())
        try:
            self._post(sent)
        except (UndecipherableSecret, ValueError) as error:
            # What can not even be sent must not stop the rest.
            self._add_result(sent, status_code=0, error=str(error))
        else:
            lane.in_flight += 1

    def _post(self, sent: Sent) -> None:
        delivery, timestamp = sent.held.claimed, int(sent.started_at)
        body = delivery.body.encode()
        headers = signature_headers(
            self._signing_key(delivery.encrypted_secret),
            message_id=f"evt_{delivery.event_id.hex}",
            timestamp=timestamp,
            body=body,
        )
        self._engine.send(sent, url=delivery.url, headers=headers, body=body)

    def _signing_key(self, encrypted_secret: str) -> bytes:
        key = self._keys.get(encrypted_secret)
        if key is None:
            key = self._keys[encrypted_secret] = signing_key(decrypt(encrypted_secret))
        return key

    def _collect(self) -> bool:
        outcomes = self._engine.outcomes()
        for outcome in outcomes:
            self._finish(outcome)
        return bool(outcomes)

    def _finish(self, outcome: Outcome[Sent]) -> None:
        lane = outcome.tag.lane
        lane.in_flight -= 1
        if is_success(outcome.status_code):
            lane.pace.succeeded(outcome.duration_ms / 1000)
        else:
            lane.pace.failed()
        self.tally.connections += outcome.is_new_connection
        self._add_result(
            outcome.tag,
            status_code=outcome.status_code,
            error=outcome.error,
            duration_ms=outcome.duration_ms,
            excerpt=outcome.excerpt,
        )

    def _add_result(
        self,
        sent: Sent,
        *,
        status_code: int,
        error: str,
        duration_ms: int = 0,
        excerpt: bytes = b"",
    ) -> None:
        if not self._results:
            self._first_result_at = time.monotonic()
        delivery = sent.held.claimed
        status, wait_seconds = _verdict(status_code, delivery.attempts + 1)
        self.tally.deliveries += 1
        self._results.append(
            Result(
                delivery_id=delivery.id,
                claim=sent.held.claim,
                attempt_id=uuid7(),
                status=status,
                wait_seconds=wait_seconds,
                status_code=status_code or None,
                duration_ms=duration_ms,
                error=error.encode(errors="replace").decode(),
                # PostgreSQL's text holds no NUL.
                excerpt=excerpt.decode(errors="replace").replace("\0", "\ufffd"),
                started_at=sent.started_at,
            )
        )

    # -- waiting and ending --

    def _is_finished(self) -> bool:
        if self._held or self._results or self._stale:
            return False
        if self._is_stopping:
            return True
        is_more = any(lane.has_more for lane in self._lanes.values())
        if self._may_be_due or is_more or not self._link.is_open:
            return False
        if not (self._link.is_first and self.tally.deliveries):
            return True
        return time.monotonic() - self._worked_at >= self._idle_seconds

    def _wait(self) -> None:
        self._hear(is_readable=False)
        now = time.monotonic()
        if not self._link.is_open:
            until = now + RECONNECT_SECONDS
        elif self._results:
            until = self._first_result_at + RECORD_SECONDS
        elif self._should_claim(now):
            until = now
        else:
            until = min(self._next_look, now + LOOK_SECONDS)
        listened = self._link.descriptors
        also = listened if self._is_stopping else listened + worker_shutdown.descriptors
        readable = self._engine.wait(until - now, also)
        if any(descriptor in readable for descriptor in listened):
            self._hear(is_readable=True)

    def _hear(self, *, is_readable: bool) -> None:
        try:
            if self._link.hear(is_readable=is_readable):
                self._may_be_due = True
        except psycopg.OperationalError as error:
            logger.warning("The database went away: %s", error)
            self._link.close()
            self._lost_at = time.monotonic()


def _verdict(status_code: int, attempts: int) -> tuple[str, float | None]:
    """Return the status after an attempt, and the seconds until the next one."""
    if is_success(status_code):
        return DELIVERED, None
    wait = next_wait(attempts, jitter=random.uniform(-1, 1))  # noqa: S311
    if wait is None:
        return FAILED, None
    return RETRYING, wait.total_seconds()


def drain(call_for_help: Callable[[], None], idle_seconds: float | None = None) -> bool:
    """Send what is due; return whether there is more for another drainer.

    Returns at once when nothing is due or all drainers' places are taken.
    """
    if not work_waits_for(settings.WEBHOOK_DRAINERS):
        return False
    link = QueueLink(settings.WEBHOOK_DRAINERS)
    engine: EgressEngine[Sent] = new_engine()
    try:
        if not link.open():
            return False
        drainer = Drainer(
            link,
            engine,
            lease_seconds=settings.WEBHOOK_TIMEOUT_SECONDS + LEASE_MARGIN_SECONDS,
            idle_seconds=(
                settings.WEBHOOK_DRAINER_IDLE_SECONDS
                if idle_seconds is None
                else idle_seconds
            ),
            call_for_help=call_for_help,
        )
        drainer.run()
        _log(drainer.tally, link.statements)
    finally:
        engine.close()
        link.close()
    # What was committed while we gave up our place found it taken.
    return not worker_shutdown.is_sent and work_waits_for(settings.WEBHOOK_DRAINERS)


def new_engine() -> EgressEngine[Sent]:
    """Return an engine with the installation's policy and limits."""
    return EgressEngine(
        EgressPolicy(settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS),
        EgressLimits(
            connect_timeout_ms=round(settings.WEBHOOK_CONNECT_TIMEOUT_SECONDS * 1000),
            total_timeout_ms=round(settings.WEBHOOK_TIMEOUT_SECONDS * 1000),
            ca_file=settings.WEBHOOK_CA_FILE or certifi.where(),
        ),
    )


def _log(tally: Tally, statements: int) -> None:
    if tally.deliveries:
        logger.info(
            "Process %d made %d attempts with %d connections and %d statements.",
            os.getpid(),
            tally.deliveries,
            tally.connections,
            statements,
        )
