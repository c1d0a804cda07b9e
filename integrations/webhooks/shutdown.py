"""Tell a running drainer that its worker shuts down.

Celery's pool processes are not told; they only are waited for. The worker's main
process and its children share a pipe: a byte in it, or its end when the main process
is gone, means stop. A descriptor can be waited for together with the network.
"""

import os
import select
from typing import Any

from celery.signals import worker_init, worker_process_init, worker_shutting_down


class ShutdownSignal:
    """A pipe that becomes readable when the worker is to end."""

    def __init__(self) -> None:
        self._read: int | None = None
        self._write: int | None = None

    def open(self) -> None:
        """Begin, in the worker's main process, before it makes children."""
        if self._read is None:
            self._read, self._write = os.pipe()

    def keep_reading_end(self) -> None:
        """In a child: let the pipe end when the main process does."""
        if self._write is not None:
            os.close(self._write)
            self._write = None

    def send(self) -> None:
        """Tell every process of this worker."""
        if self._write is not None:
            os.write(self._write, b"!")

    def close(self) -> None:
        """Forget the pipe; the next worker in this process opens its own."""
        for descriptor in (self._read, self._write):
            if descriptor is not None:
                os.close(descriptor)
        self._read = self._write = None

    @property
    def is_sent(self) -> bool:
        """Say whether the worker is to end."""
        return any(select.select(self.descriptors, [], [], 0))

    @property
    def descriptors(self) -> list[int]:
        """Return what to wait for; nothing outside a Celery worker."""
        return [] if self._read is None else [self._read]


worker_shutdown = ShutdownSignal()


@worker_init.connect
def _open(**signal: Any) -> None:
    worker_shutdown.open()


@worker_process_init.connect
def _keep_reading_end(**signal: Any) -> None:
    worker_shutdown.keep_reading_end()


@worker_shutting_down.connect
def _send(**signal: Any) -> None:
    worker_shutdown.send()
