"""A whole installation of its own: engines that a test may stop, workers to kill."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dj_database_url
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from people_hr import embedded
from people_hr.embedded import Engine

# A lease lasts as long as a request may take and five seconds more.
REQUEST_TIMEOUT_SECONDS = 1


@dataclass
class Installation:
    folder: Path
    postgresql: Engine
    valkey: Engine
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(
        self, *, with_beat: bool = True, timeout_seconds: int = REQUEST_TIMEOUT_SECONDS
    ) -> subprocess.Popen[bytes]:
        """Start a Celery worker in a process group of its own."""
        beat = ["--beat", "--schedule", str(self.folder / "schedule")]
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "people_hr", "worker"),
                    *("--concurrency", "4", "--loglevel", "INFO"),
                    *("--hostname", f"flow{len(self.workers)}@%h"),
                    *(beat if with_beat else []),
                ],
                cwd=settings.BASE_DIR,
                env=self._environment()
                | {"WEBHOOK_TIMEOUT_SECONDS": str(timeout_seconds)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "people_hr.settings",
            "PEOPLE_HR_DEMO": "1",
            "PEOPLE_HR_VAR": str(self.folder),
            "DATABASE_URL": embedded.database_url(self.folder),
            "REDIS_URL": embedded.redis_url(self.folder),
            "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
            "WEBHOOK_DRAINER_IDLE_SECONDS": "1",
        }

    def take_log(self) -> str:
        """Return what the workers have said since this was last asked."""
        path = self.folder / "worker.log"
        text = path.read_text() if path.exists() else ""
        path.write_text("")
        return text

    def restart_valkey_empty(self) -> None:
        for kept in self.valkey.folder.iterdir():
            kept.unlink()
        self.valkey.launch()
        self.valkey.wait_ready()

    def end_workers(self) -> None:
        for worker in self.workers:
            kill(worker)
        self.workers.clear()


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker and its pool, as a power cut would."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextmanager
def default_database(url: str) -> Iterator[None]:
    """Let this process work on another database, as a web process would."""
    usual = connections["default"]
    other = type(usual)(
        {**usual.settings_dict, **dj_database_url.parse(url)}, alias="default"
    )
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = usual


@pytest.fixture(scope="session")
def _engines(django_db_blocker: DjangoDbBlocker) -> Iterator[Installation]:
    with (
        tempfile.TemporaryDirectory(prefix="people-hr-flow-") as folder,
        embedded.engines(Path(folder)) as (postgresql, valkey),
    ):
        with (
            django_db_blocker.unblock(),
            default_database(embedded.database_url(Path(folder))),
        ):
            call_command("migrate", verbosity=0)
        yield Installation(Path(folder), postgresql, valkey)


@pytest.fixture
def installation(
    _engines: Installation, django_db_blocker: DjangoDbBlocker
) -> Iterator[Installation]:
    """An installation whose database this test writes to; its workers end with it."""
    with (
        django_db_blocker.unblock(),
        default_database(embedded.database_url(_engines.folder)),
    ):
        yield _engines
        _engines.end_workers()
        print(_engines.take_log())  # noqa: T201 - pytest shows it when a test fails
