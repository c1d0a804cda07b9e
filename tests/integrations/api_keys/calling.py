"""A process that shows a key again and again, as the gateway does with a request.

Writes one line for each try: the moment it began, and whether the key was accepted.
"""

import json
import os

import django

django.setup()

from integrations.api_keys.refusals import Refused  # noqa: E402
from integrations.api_keys.stamps import clock  # noqa: E402
from integrations.api_keys.verification import verify, warm  # noqa: E402
from integrations.rate_limits.limiter import (  # noqa: E402
    Algorithm,
    Layer,
    Policy,
    take,
)

LAYERS = [Layer(Policy("key", 1_000_000, 3600, Algorithm.WINDOW), "key:caller")]


def is_accepted(text: str) -> bool:
    """Say whether a request with this key would be let in now."""
    known = warm(text)
    if known is not None:
        verdict = take(LAYERS, stamp=known.stamp)
        if verdict.is_stamp_good and known.is_fresh():
            return True
    epoch = take(LAYERS).epoch
    try:
        verify(text, epoch=epoch)
    except Refused:
        return False
    return True


def main() -> None:
    text = os.environ["SHOWN_KEY"]
    with open(os.environ["CALLER_LOG"], "a", buffering=1) as log:  # noqa: PTH123
        while True:
            began_at = clock()
            log.write(json.dumps([began_at, is_accepted(text)]) + "\n")


if __name__ == "__main__":
    main()
