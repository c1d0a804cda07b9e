from collections.abc import Iterator

import pytest

from integrations.webhooks import wake
from tests.integrations.webhooks.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(autouse=True)
def _awake() -> None:
    """Let no test be throttled by the one before it."""
    wake.throttle.reset()
