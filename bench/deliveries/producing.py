"""How the benchmark tells a producer what to do: one JSON line each way."""

import json
import sys
import time
from collections.abc import Callable

#: Makes every body about 1 KB.
NOTE = "x" * 600


def serve(happen: Callable[[list[int]], None]) -> None:
    """Carry out orders from standard input until it ends.

    An order is ``{"first", "count", "rate"}``: with a rate, one change at a time, so
    many a second, else all of them in one transaction. The answer is the moment of
    each commit, in monotonic seconds.
    """
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        marks = list(range(order["first"], order["first"] + order["count"]))
        if order["rate"]:
            moments = _one_by_one(happen, marks, order["rate"])
        else:
            happen(marks)
            moments = [time.monotonic()] * len(marks)
        print(json.dumps(moments), flush=True)


def _one_by_one(
    happen: Callable[[list[int]], None], marks: list[int], rate: float
) -> list[float]:
    moments = []
    begun = time.monotonic()
    for number, mark in enumerate(marks):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        happen([mark])
        moments.append(time.monotonic())
    return moments
