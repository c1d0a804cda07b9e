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
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import certifi
import psycopg
from django.conf import settings
from django.db import OperationalError

from integrations.webhooks.egress import (
    EgressEngine,
    EgressLimits,
    EgressPolicy,
    Outcome,
)
from integrations.webhooks.lanes import Held, Lane, Lanes
from integrations.webhooks.link import QueueLink, work_waits_for
from integrations.webhooks.queue import Result
from integrations.webhooks.results import result_of
from integrations.webhooks.retry import is_success
from integrations.webhooks.shutdown import worker_shutdown
from integrations.webhooks.signing import signature_headers, signing_key
from organizations.encryption import UndecipherableSecret, decrypt

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
CALL_FOR_HELP_SECONDS = 1.0


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
        self._lanes = Lanes()
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
        self._lanes.expect_more()
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
        self._stale |= self._lanes.give_back(
            time.monotonic(), everything=self._is_stopping
        )
        if self._stale:
            self._link.release(self._stale)
            self._stale = {}

    def _claim(self) -> None:
        now = time.monotonic()
        if not self._should_claim(now):
            return
        rooms = self._lanes.rooms()
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
        self._lanes.take(claimed, claim, now)
        is_work_for_two = self._lanes.note_what_is_left(claimed, rooms)
        if is_work_for_two and self._link.is_first and now >= self._next_help:
            self._next_help = now + CALL_FOR_HELP_SECONDS
            self._call_for_help()

    def _should_claim(self, now: float) -> bool:
        if self._is_stopping or self._held >= MAX_HELD:
            return False
        return self._may_be_due or now >= self._next_look or self._lanes.wants_more

    # -- the network --

    @property
    def _held(self) -> int:
        return self._engine.in_flight + len(self._lanes)

    def _send(self) -> None:
        """Begin requests while their endpoints and the engine have room."""
        for lane in self._lanes.turns():
            while lane.queue and lane.in_flight < lane.connections(self._engine.room):
                self._begin(lane, lane.queue.popleft())

    def _begin(self, lane: Lane, held: Held) -> None:
        if time.monotonic() - held.claimed_at > LEASE_MARGIN_SECONDS - 1:
            self._stale[held.claimed.id] = held.claim
            return
        sent = Sent(held, lane, time.time())
        try:
            self._post(sent)
        except (UndecipherableSecret, ValueError) as error:
            # What can not even be sent must not stop the rest.
            self._add(
                result_of(
                    held, started_at=sent.started_at, status_code=0, error=str(error)
                )
            )
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
        self._add(
            result_of(
                outcome.tag.held,
                started_at=outcome.tag.started_at,
                status_code=outcome.status_code,
                error=outcome.error,
                duration_ms=outcome.duration_ms,
                excerpt=outcome.excerpt,
            )
        )

    def _add(self, result: Result) -> None:
        if not self._results:
            self._first_result_at = time.monotonic()
        self._results.append(result)
        self.tally.deliveries += 1

    # -- waiting and ending --

    def _is_finished(self) -> bool:
        if self._held or self._results or self._stale:
            return False
        if self._is_stopping:
            return True
        if self._may_be_due or self._lanes.has_more or not self._link.is_open:
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
