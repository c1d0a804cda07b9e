"""How many deliveries one endpoint may have in hand; learned from how it answers.

An unknown endpoint begins with 8 connections. Quick answers add one each, up to 32; a
failure halves them, down to one, so that an address that never answers holds next to
nothing. What is claimed ahead of the connections is at most half a second's worth:
fast endpoints get large batches, slow ones leave their rows for other workers.
"""

from dataclasses import dataclass

FIRST_CONNECTIONS = 8
MAX_CONNECTIONS = 32
MAX_IN_HAND = 400
# An answer slower than this is no reason to open more connections.
QUICK_SECONDS = 1.0
# How long the deliveries in hand should last.
HORIZON_SECONDS = 0.5
# The weight of the newest answer in the average.
SMOOTHING = 0.1


@dataclass(slots=True)
class Pace:
    """What one worker has learned about one endpoint."""

    connections: int = FIRST_CONNECTIONS
    average_seconds: float | None = None

    def succeeded(self, seconds: float) -> None:
        """Learn from an accepted delivery."""
        if self.average_seconds is None:
            self.average_seconds = seconds
        self.average_seconds += SMOOTHING * (seconds - self.average_seconds)
        if seconds < QUICK_SECONDS:
            self.connections = min(MAX_CONNECTIONS, self.connections + 1)
        elif self.connections > FIRST_CONNECTIONS:
            self.connections -= 1

    def failed(self) -> None:
        """Learn from a delivery that was not accepted."""
        self.average_seconds = None
        self.connections = max(1, self.connections // 2)

    def stalled(self) -> None:
        """Learn that deliveries have waited far longer than was expected."""
        self.average_seconds = None
        self.connections = min(self.connections, FIRST_CONNECTIONS)

    @property
    def in_hand(self) -> int:
        """Return how many deliveries are worth claiming at once."""
        if self.average_seconds is None:
            return self.connections
        rounds = HORIZON_SECONDS / max(self.average_seconds, 0.001)
        return max(self.connections, min(MAX_IN_HAND, int(self.connections * rounds)))
