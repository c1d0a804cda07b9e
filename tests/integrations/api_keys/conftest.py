"""A store of one's own to stop, empty and pause, and processes that use a key."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection

from integrations.api_keys.verification import memory
from integrations.rate_limits.limiter import limiter
from people_hr.embedded.valkey import wheel_binary

CHECKOUT = Path(__file__).resolve().parents[3]
READY_SECONDS = 30


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Let no test verify by what another one's process remembers."""
    memory.clear()
    yield
    memory.clear()


class Store:
    """A Valkey that listens on a Unix socket, and may be ill-treated."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                str(wheel_binary()),
                *("--port", "0", "--unixsocket", str(self.socket), "--save", ""),
            ],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert time.monotonic() < until, "Valkey did not start."
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            return bool(self._client().ping())
        except redis.RedisError:
            return False

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def stop(self) -> None:
        if self._process is not None:
            self.resume()
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        self._client().flushall()


@pytest.fixture
def store(settings: Any) -> Iterator[Store]:
    """Return a running store that this process's limiter uses, too."""
    with tempfile.TemporaryDirectory(prefix="keys-") as folder:
        running = Store(Path(folder))
        running.start()
        settings.REDIS_URL = running.url
        limiter.cache_clear()
        yield running
        running.stop()
        limiter.cache_clear()


@dataclass
class Caller:
    """A process that shows a key without pause, and notes what came of it."""

    log: Path
    process: subprocess.Popen[bytes]
    tries: list[tuple[float, bool]] = field(default_factory=list)

    def wait_for(self, count: int, since: float) -> None:
        """Return when it has tried so often since a moment, or fail."""
        until = time.monotonic() + READY_SECONDS
        while sum(at >= since for at, _accepted in self.read()) < count:
            assert self.process.poll() is None, "The caller has died."
            assert time.monotonic() < until, "The caller is too slow."
            time.sleep(0.05)

    def read(self) -> list[tuple[float, bool]]:
        lines = self.log.read_bytes().splitlines(keepends=True)
        self.tries = [
            (at, accepted)
            for at, accepted in (
                json.loads(line) for line in lines if line.endswith(b"\n")
            )
        ]
        return self.tries


def database_url() -> str:
    """Return the address of the test run's database, for other processes."""
    server = settings.DATABASE_URL.rpartition("/")[0]
    return f"{server}/{connection.settings_dict['NAME']}"


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Callable[[str, str], Caller]]:
    """Return what starts a caller of a key; all are ended with the test."""
    started: list[Caller] = []

    def start(text: str, redis_url: str) -> Caller:
        number = len(started)
        log = tmp_path / f"caller-{number}.log"
        log.touch()
        caller = Caller(
            log,
            subprocess.Popen(
                [sys.executable, "-m", "tests.integrations.api_keys.calling"],
                cwd=CHECKOUT,
                env=os.environ
                | {
                    "DJANGO_SETTINGS_MODULE": "people_hr.settings",
                    "PEOPLE_HR_DEMO": "1",
                    "DATABASE_URL": database_url(),
                    "REDIS_URL": redis_url,
                    "API_KEY_PEPPERS": ",".join(settings.API_KEY_PEPPERS),
                    "SHOWN_KEY": text,
                    "CALLER_LOG": str(log),
                },
            ),
        )
        started.append(caller)
        return caller

    yield start
    for caller in started:
        caller.process.kill()
        caller.process.wait()
