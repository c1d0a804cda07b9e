"""Latencies in buckets on a logarithmic scale: small, and sums of them stay true.

Each bucket is √2 times as wide as the one before, from 250 µs to 131 s. A percentile is
told as the geometric middle of the bucket that holds it, so between those bounds it is
at most 2^(1/4) - 1 = 18.9 % off, however many histograms were added up. Below 250 µs it
is told as 125 µs, above 131 s as 131 s.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

#: Where one bucket ends and the next begins, in microseconds.
BOUNDS = tuple(round(250 * 2 ** (step / 2)) for step in range(39))
BUCKETS = len(BOUNDS) + 1
#: The most that a percentile within the bounds is off, as a share.
RELATIVE_ERROR = 2**0.25 - 1


def bucket_of(duration_us: int) -> int:
    """Return the bucket of a duration; as PostgreSQL's ``width_bucket`` does."""
    return bisect_right(BOUNDS, duration_us)


def percentile_us(histogram: Sequence[int], share: float) -> int | None:
    """Return the duration that ``share`` of the calls stayed below; None of none."""
    total = sum(histogram)
    if not total:
        return None
    rank = max(1, math.ceil(share * total))
    seen = 0
    for bucket, count in enumerate(histogram):
        seen += count
        if seen >= rank:
            return _middle_us(bucket)
    raise AssertionError(histogram)


def _middle_us(bucket: int) -> int:
    if bucket == 0:
        return BOUNDS[0] // 2
    if bucket == len(BOUNDS):
        return BOUNDS[-1]
    return round(math.sqrt(BOUNDS[bucket - 1] * BOUNDS[bucket]))
