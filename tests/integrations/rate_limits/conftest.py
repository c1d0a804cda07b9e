"""Stores to try: the run's Valkey, one of our own that may be stopped, and memory."""

import itertools
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from integrations.rate_limits.limiter import Limiter
from integrations.rate_limits.stores.valkey import ValkeyStore
from people_hr.embedded.engine import wait_until
from people_hr.embedded.valkey import wheel_binary

#: How long a limiter of these tests waits for its store, in seconds: longer than a busy
#: machine holds up a process. (An installation's waits a tenth of it.)
PATIENCE = 0.5

names = itertools.count()


class Clock:
    """A clock that tests set, in ms."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class OwnValkey:
    """A Valkey of one test, to be frozen, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(
            [str(wheel_binary()), *options],
            stdout=subprocess.DEVNULL,
            cwd=self.socket.parent,
        )
        assert wait_until(self.answers, 20)

    def answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url, socket_timeout=0.5).ping())
        except redis.RedisError:
            return False

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        if self.process:
            self.send(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def send(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)


@pytest.fixture
def own_valkey() -> Iterator[OwnValkey]:
    # A socket's path is short, so not pytest's folder.
    with tempfile.TemporaryDirectory(prefix="people-hr-limits-") as folder:
        valkey = OwnValkey(Path(folder))
        valkey.start()
        yield valkey
        valkey.kill()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Iterator[ValkeyStore]:
    """The run's Valkey, with patience: a busy machine is not a broken store."""
    store = ValkeyStore(settings.REDIS_URL, timeout_seconds=10)
    yield store
    store.close()


@pytest.fixture
def subject() -> str:
    """Whom nobody has counted yet."""
    return f"test:{next(names)}"


def limiter_of(valkey: OwnValkey, processes: int = 2) -> Limiter:
    return Limiter(ValkeyStore(valkey.url, PATIENCE), processes)
