"""The designs that are compared: how their workers and producers are started."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
WORKER_PROCESSES = 2


@dataclass(frozen=True)
class Design:
    """One way to deliver. ``command`` and ``producer`` follow the Python they need."""

    name: str
    python: str
    worker: tuple[str, ...]
    producer: tuple[str, ...]
    environment: dict[str, str]


def people_hr(var: Path, database: str, redis: str, ca_file: str = "") -> Design:
    """Return our own design, with all that the product does."""
    return Design(
        "people-hr",
        sys.executable,
        ("-A", "people_hr", "worker", "--beat", "--schedule", str(var / "schedule")),
        ("bench.deliveries.producer",),
        {
            "DJANGO_SETTINGS_MODULE": "people_hr.settings",
            "PEOPLE_HR_DEMO": "1",
            "PEOPLE_HR_VAR": str(var),
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "WEBHOOK_CA_FILE": ca_file,
        },
    )


def peer(
    kind: str,
    python: Path,
    database: str,
    broker: str,
    *,
    keeps_connections: bool,
    ca_file: str = "",
) -> Design:
    """Return a usual design: ``usual`` or ``django-webhook``."""
    return Design(
        f"{kind}, connections kept" if keeps_connections else kind,
        str(python),
        ("-A", "bench.deliveries.peers.celery", "worker"),
        ("bench.deliveries.peers.producer", kind),
        {
            "BENCH_DATABASE_URL": database,
            "BENCH_BROKER_URL": broker,
            "BENCH_KEEPS_CONNECTIONS": "1" if keeps_connections else "0",
            **({"REQUESTS_CA_BUNDLE": ca_file} if ca_file else {}),
        },
    )


class Running:
    """A design at work: its worker, and a producer that waits for orders."""

    def __init__(self, design: Design, url: str, log: Path) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | design.environment
        self.design = design
        self.log = log
        self.producer = subprocess.Popen(
            [design.python, "-m", *design.producer, url],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("ab"),
            text=True,
        )
        self._answer()
        self.worker = subprocess.Popen(
            [
                *(design.python, "-m", "celery", *design.worker),
                *("--concurrency", str(WORKER_PROCESSES)),
                *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
            ],
            cwd=ROOT,
            env=environment,
            stdout=log.open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def order(self, first: int, count: int, rate: float = 0) -> list[float]:
        """Let changes happen; return the moments of their commits."""
        assert self.producer.stdin
        order = {"first": first, "count": count, "rate": rate}
        self.producer.stdin.write(json.dumps(order) + "\n")
        self.producer.stdin.flush()
        moments: list[float] = self._answer()
        return moments

    def _answer(self) -> Any:
        assert self.producer.stdout
        line = self.producer.stdout.readline()
        if not line:
            raise SystemExit(f"{self.design.name} failed:\n{self.log.read_text()}")
        return json.loads(line)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Stop the worker's processes for the time of the block."""
        os.killpg(self.worker.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.worker.pid, signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Return what the worker's processes have used."""
        main = psutil.Process(self.worker.pid)
        return sum(used(process) for process in [main, *main.children(recursive=True)])

    def stop(self) -> None:
        """End both."""
        assert self.producer.stdin
        self.producer.stdin.close()
        self.producer.wait()
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()


def used(process: psutil.Process) -> float:
    """Return a process's CPU seconds, those of its ended children included.

    One that has just ended counts as its parent's child from now on.
    """
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system
