# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What one decision of the limiter costs, over the five layers of a key.

    script/bench limits [--decisions 1000] [--rounds 15]

In turn, in one process, on engines of its own: our store (one script, spoken by hand),
the same script by redis-py, our memory, and django-ratelimit three times on Valkey.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="people-hr-bench-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "people_hr.settings",
        "PEOPLE_HR_DEMO": "1",
        "PEOPLE_HR_VAR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()
    from django.conf import settings

    from people_hr import embedded

    try:
        with embedded.engines(settings.VAR, embedded.wanted_engines()):
            figures = measure(options.decisions, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(decisions: int, rounds: int) -> dict[str, Any]:
    """Return µs of each decision, and the ratios to ours in the same round."""
    ways = {
        "store": by_our_store(),
        "redis_py": by_redis_py(),
        "memory": by_memory(),
        "django_ratelimit": by_django_ratelimit(),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, decide in ways.items():
            began = time.perf_counter()
            for _ in range(decisions):
                decide()
            if number:  # the first round warms up
                seconds = time.perf_counter() - began
                taken[name].append(seconds / decisions * 1e6)
    figures = {
        f"{name}_us": round(statistics.median(times), 1)
        for name, times in taken.items()
    }
    for name in ("redis_py", "django_ratelimit"):
        pairs = zip(taken[name], taken["store"], strict=True)
        figures[f"{name}_to_store"] = round(
            statistics.median(other / ours for other, ours in pairs), 2
        )
    return figures


def layers() -> Any:
    """Return the layers of a key, each with room for the whole run."""
    from integrations.rate_limits.terms import Algorithm, Layer, Policy

    return [
        Layer(Policy(name, 1_000_000, 3600, algorithm), f"bench:{name}")
        for name, algorithm in (
            ("global", Algorithm.BURST),
            ("address", Algorithm.BURST),
            ("key", Algorithm.WINDOW),
            ("key-burst", Algorithm.BURST),
            ("organization", Algorithm.WINDOW),
        )
    ]


def by_our_store() -> Callable[[], Any]:
    from django.conf import settings

    from integrations.rate_limits.stores.valkey import ValkeyStore

    store, asked = ValkeyStore(settings.REDIS_URL, 5.0), layers()
    return lambda: store.take(asked)


def by_redis_py() -> Callable[[], Any]:
    """Send the same script, keys and arguments by the client library."""
    import redis
    from django.conf import settings

    from integrations.rate_limits.stores import valkey

    client = redis.Redis.from_url(settings.REDIS_URL)
    script = client.register_script(valkey.TAKE.source)
    asked = layers()

    def decide() -> Any:
        keys = [valkey.EPOCH, valkey.RULES, valkey.EPOCH]
        arguments: list[Any] = [b"", b"bench", b"", b"1"]
        for layer in asked:
            keys.append(valkey._key_of(layer))
            arguments.append(valkey._terms_of(layer.policy, layer.is_counted))
        return valkey._verdict(asked, script(keys=keys, args=arguments))

    return decide


def by_memory() -> Callable[[], Any]:
    from integrations.rate_limits.stores.memory import MemoryStore

    store, asked = MemoryStore(), layers()
    return lambda: store.take(asked)


def by_django_ratelimit() -> Callable[[], Any]:
    """Ask it for three limits, as three decorators do."""
    from django.test import RequestFactory
    from django_ratelimit.core import get_usage

    request = RequestFactory().post("/")

    def decide() -> None:
        for name in ("address", "key", "organization"):
            get_usage(
                request,
                group=f"bench:{name}",
                key=lambda group, _request: group,
                rate=(1_000_000, 3600),
                increment=True,
            )

    return decide


if __name__ == "__main__":
    main()
