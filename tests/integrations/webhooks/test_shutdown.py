import os
from collections.abc import Iterator

import pytest

from integrations.webhooks.shutdown import ShutdownSignal


@pytest.fixture
def shutdown() -> Iterator[ShutdownSignal]:
    signal = ShutdownSignal()
    signal.open()
    yield signal
    signal.close()


def test_outside_a_worker_nothing_ends():
    assert ShutdownSignal().is_sent is False


def test_a_worker_tells_every_process(shutdown):
    assert shutdown.is_sent is False

    shutdown.send()

    assert [shutdown.is_sent, shutdown.is_sent] == [True, True]


def test_a_child_learns_that_the_main_process_is_gone(shutdown):
    # In a pool process, whose parent is the only one that still holds the other end.
    shutdown.keep_reading_end()

    assert shutdown.is_sent is True


def test_a_worker_that_starts_twice_keeps_its_pipe(shutdown):
    before = shutdown.descriptors

    shutdown.open()

    assert shutdown.descriptors == before
    assert os.fstat(before[0])
