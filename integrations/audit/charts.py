"""The places of bars and points in a chart: values in, places out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.audit.usage import Usage

#: The size of the drawing, in its own units.
WIDTH, HEIGHT = 960.0, 220.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: how its calls were answered, and where it lies."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The calls of one bucket, from the bottom up: good, refused, failed."""

    starts_at: datetime
    x: float
    width: float
    parts: list[Part]


def bars(series: Sequence[tuple[datetime, Usage]]) -> list[Bar]:
    """Return a bar for each bucket; the highest reaches the top."""
    most = max((usage.calls for _at, usage in series), default=0) or 1
    step = WIDTH / max(len(series), 1)
    return [
        Bar(
            starts_at,
            round(number * step + step * 0.1, 2),
            round(step * 0.8, 2),
            list(_parts(usage, HEIGHT / most)),
        )
        for number, (starts_at, usage) in enumerate(series)
    ]


def _parts(usage: Usage, scale: float) -> Iterator[Part]:
    top = HEIGHT
    good = usage.calls - usage.client_errors - usage.server_errors
    for kind, calls in (
        ("good", good),
        ("refused", usage.client_errors),
        ("failed", usage.server_errors),
    ):
        if calls:
            # Never thinner than can be seen.
            height = max(calls * scale, 1.5)
            top -= height
            yield Part(kind, round(max(top, 0), 2), round(height, 2))


def line(values: Sequence[float | None], most: float) -> str:
    """Return the points of a line over the buckets; it leaps over those of None."""
    step = WIDTH / max(len(values), 1)
    return " ".join(
        f"{(number + 0.5) * step:.2f},{HEIGHT * (1 - value / (most or 1)):.2f}"
        for number, value in enumerate(values)
        if value is not None
    )
