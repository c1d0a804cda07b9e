"""What a drainer has in hand: one lane for each endpoint, each at its own pace."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from integrations.webhooks.pacing import FIRST_CONNECTIONS, Pace
from integrations.webhooks.queue import Claimed

# What waits for its connection longer than this is given back: its endpoint hangs.
STALL_SECONDS = 2.0


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

    def connections(self, room: int) -> int:
        """Return how many requests may be on the wire where ``room`` more fit.

        The less room, the fewer: many endpoints that hang at once leave a connection
        for one that does not.
        """
        return min(self.pace.connections, 1 + room // 8) if room else 0


class Lanes:
    """All lanes of one drainer; those with something to send take turns."""

    def __init__(self) -> None:
        self._by_endpoint: dict[UUID, Lane] = {}
        self._waiting: deque[Lane] = deque()

    def __len__(self) -> int:
        """Return how many deliveries wait for a connection."""
        return sum(len(lane.queue) for lane in self._waiting)

    @property
    def has_more(self) -> bool:
        """Say whether some endpoint probably has more to send."""
        return any(lane.has_more for lane in self._by_endpoint.values())

    @property
    def wants_more(self) -> bool:
        """Say whether such an endpoint also has room for it."""
        return any(lane.has_more and lane.room for lane in self._by_endpoint.values())

    def expect_more(self) -> None:
        """Look again: a recorded result may let the next change of a subject go."""
        for lane in self._by_endpoint.values():
            lane.has_more = True

    def rooms(self) -> dict[UUID, int]:
        """Return how many more to claim for each endpoint that is known."""
        return {lane.endpoint_id: lane.room for lane in self._by_endpoint.values()}

    def take(self, claimed: list[Claimed], claim: int, now: float) -> None:
        """Put deliveries into the lanes of their endpoints, the oldest first."""
        for delivery in sorted(claimed, key=lambda delivery: delivery.id):
            lane = self._by_endpoint.setdefault(
                delivery.endpoint_id, Lane(delivery.endpoint_id)
            )
            if not lane.queue:
                self._waiting.append(lane)
            lane.queue.append(Held(delivery, claim, now))

    def note_what_is_left(self, claimed: list[Claimed], rooms: dict[UUID, int]) -> bool:
        """Learn from a claim who has more; return whether there is work for two."""
        counts = Counter(delivery.endpoint_id for delivery in claimed)
        for endpoint_id, lane in self._by_endpoint.items():
            allowed = rooms.get(endpoint_id, FIRST_CONNECTIONS)
            lane.has_more = counts[endpoint_id] >= allowed
        return any(count >= FIRST_CONNECTIONS for count in counts.values())

    def turns(self) -> Iterator[Lane]:
        """Yield each lane that has something to send; it may be emptied meanwhile."""
        for _ in range(len(self._waiting)):
            lane = self._waiting[0]
            yield lane
            # Where there was no room for it, another lane comes first next time.
            self._waiting.rotate(-1)
            if not lane.queue:
                self._waiting.remove(lane)

    def give_back(self, now: float, *, everything: bool) -> dict[UUID, int]:
        """Take out what cannot be sent soon; return the claims by delivery."""
        given_back: dict[UUID, int] = {}
        for lane in list(self._waiting):
            is_stalled = now - lane.queue[0].claimed_at > STALL_SECONDS
            if is_stalled:
                lane.pace.stalled()
            if is_stalled or everything:
                given_back.update((held.claimed.id, held.claim) for held in lane.queue)
                lane.queue.clear()
                self._waiting.remove(lane)
        return given_back
