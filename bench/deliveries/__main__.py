"""Deliver events to a local sink: People HR against two usual designs.

    script/bench deliveries [--rounds 3] [--events 20000] [--peer-events 500]

The designs: one Celery task for each delivery with ``requests.post`` and ORM read and
update; and the package django-webhook. Each as documented, and with its database
connections kept over tasks. Two worker processes on every side, the same engines and
the same sink, interleaved. Ours is the product itself: an employee is saved, beat runs.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.deliveries.certificate import write_certificate
from bench.deliveries.designs import ROOT, Design, Running, peer, people_hr, used
from people_hr import embedded

RATE = 50
PACED_SECONDS = 10
BURST = 1000
WARM_UP = 40
TIMEOUT_SECONDS = 240
OURS = "people-hr"
# How many times as fast as each design ours shall be, and how much later the last
# percent of a burst arrives there.
TARGETS = {
    "speed over usual": 80,
    "speed over django-webhook": 80,
    "speed over usual, connections kept": 40,
    "speed over django-webhook, connections kept": 40,
    "speed over usual with TLS": 200,
    "burst p99 of usual over ours": 30,
    "burst p99 of django-webhook over ours": 30,
}
PERCENT = 100


class Sink:
    """The receiver's process."""

    def __init__(self, certificate: str = "") -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.deliveries.sink",
                *([certificate] if certificate else []),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._line()}/hook"

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def _ask(self, question: str) -> Any:
        assert self._process.stdin
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return json.loads(self._line())

    def wait_for(self, count: int) -> None:
        """Wait until so many deliveries have arrived since the last report."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self._ask("count") < count:
            if time.monotonic() > deadline:
                raise SystemExit(f"Only {self._ask('count')} of {count} arrived.")
            time.sleep(0.02)

    def report(self) -> tuple[dict[int, float], int]:
        """Return the first arrival of each mark, and the connections; forget them."""
        report = self._ask("report")
        arrivals: dict[int, float] = {}
        for mark, moment in report["arrivals"]:
            arrivals.setdefault(mark, moment)
        return arrivals, report["connections"]

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Bench:
    """The engines, the sinks, and the marks that were used so far."""

    folder: Path
    engines: list[embedded.Engine]
    database: str
    next_mark: int = 1

    def marks(self, count: int) -> int:
        """Return the first of so many new marks."""
        first = self.next_mark
        self.next_mark += count
        return first

    def engines_cpu_seconds(self) -> float:
        return sum(used(one) for engine in self.engines for one in engine.processes())

    def statements(self) -> int:
        """Return how many transactions were committed: one for each statement.

        The server counts a session's transactions up to a second later.
        """
        time.sleep(1.2)
        with psycopg.connect(self.database, autocommit=True) as connection:
            row = connection.execute(
                "SELECT sum(xact_commit) FROM pg_stat_database"
            ).fetchone()
        assert row
        return int(row[0])

    @contextmanager
    def running(self, design: Design, sink: Sink) -> Iterator[Running]:
        """Start a design and warm it up."""
        running = Running(design, sink.url, self.folder / "bench.log")
        try:
            running.order(self.marks(WARM_UP), WARM_UP, rate=RATE)
            sink.wait_for(WARM_UP)
            yield running
        finally:
            running.stop()

    def throughput(self, running: Running, sink: Sink, count: int) -> dict[str, float]:
        """Let ``count`` deliveries wait, then let the workers go.

        The connections that were opened are counted from the start of the worker.
        """
        with running.held_back():
            running.order(self.marks(count), count)
            before = self.statements()
            cpu = running.cpu_seconds() + self.engines_cpu_seconds()
        begun = time.monotonic()
        sink.wait_for(WARM_UP + count)
        cpu = running.cpu_seconds() + self.engines_cpu_seconds() - cpu
        arrivals, connections = sink.report()
        seconds = max(arrivals.values()) - begun
        return {
            "per second": count / seconds,
            "CPU ms": cpu / count * 1000,
            "statements": (self.statements() - before) / count,
            "reused %": PERCENT * (1 - connections / (WARM_UP + count)),
        }

    def latency(
        self, running: Running, sink: Sink, count: int, rate: float
    ) -> dict[str, float]:
        """Commit at a rate, or all at once; return commit to arrival, ms."""
        sink.report()
        first = self.marks(count)
        moments = running.order(first, count, rate)
        sink.wait_for(count)
        arrivals, _ = sink.report()
        waits = sorted(
            (arrivals[first + number] - moment) * 1000
            for number, moment in enumerate(moments)
        )
        return {
            f"p{percent}": waits[min(len(waits) - 1, len(waits) * percent // PERCENT)]
            for percent in (50, 95, 99)
        }


def main() -> None:
    """Run the rounds and print the figures; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--peer-events", type=int, default=500)
    options = parser.parse_args()
    var = embedded.data_folder()
    python = peers_environment(var)
    folder = Path(tempfile.mkdtemp(prefix="people-hr-bench-"))
    try:
        with embedded.engines(folder) as engines, ExitStack() as stack:
            figures = measure(options, folder, engines, python, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


def measure(
    options: argparse.Namespace,
    folder: Path,
    engines: list[embedded.Engine],
    python: Path,
    stack: ExitStack,
) -> dict[str, Any]:
    """Run every design in every round, interleaved; return medians and ratios."""
    certificate, authorities = folder / "sink.pem", folder / "authorities.pem"
    write_certificate(certificate, authorities)
    ca_file = str(authorities)
    plain, tls = Sink(), Sink(str(certificate))
    stack.callback(plain.close)
    stack.callback(tls.close)
    ours_url = embedded.database_url(folder)
    peers_url = ours_url.rpartition("/")[0] + "/peers"
    with psycopg.connect(ours_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE peers")
    redis = embedded.redis_url(folder)
    broker = embedded.broker_url(redis.replace("?db=0", "?db=1"))
    ours = people_hr(folder, ours_url, redis)
    migrate(ours)
    peers = [
        peer(kind, python, peers_url, broker, keeps_connections=kept)
        for kind in ("usual", "django-webhook")
        for kept in (False, True)
    ]
    bench = Bench(folder, engines, ours_url)
    rounds: dict[str, list[dict[str, float]]] = {}
    for number in range(options.rounds):
        for design in [ours, *peers]:
            is_ours = design is ours
            count = options.events if is_ours else options.peer_events
            with bench.running(design, plain) as running:
                figures = bench.throughput(running, plain, count)
                if number == 0 and (is_ours or "kept" not in design.name):
                    figures |= latencies(bench, running, plain)
            note(rounds, design.name, figures)
        secure = [
            people_hr(folder, ours_url, redis, ca_file),
            peer(
                "usual",
                python,
                peers_url,
                broker,
                keeps_connections=False,
                ca_file=ca_file,
            ),
        ]
        for design in secure:
            count = options.events if design.name == OURS else options.peer_events // 2
            with bench.running(design, tls) as running:
                note(
                    rounds,
                    f"{design.name} with TLS",
                    bench.throughput(running, tls, count),
                )
    return summary(rounds)


def latencies(bench: Bench, running: Running, sink: Sink) -> dict[str, float]:
    """Return commit to arrival at a steady rate, and of a burst."""
    paced = bench.latency(running, sink, RATE * PACED_SECONDS, RATE)
    burst = bench.latency(running, sink, BURST, 0)
    return {
        **{f"{RATE}/s {name} ms": value for name, value in paced.items()},
        **{f"burst {name} ms": value for name, value in burst.items()},
    }


def note(
    rounds: dict[str, list[dict[str, float]]], name: str, figures: dict[str, float]
) -> None:
    """Keep the figures of one run, and print them."""
    rounds.setdefault(name, []).append(figures)
    shown = ", ".join(f"{key} {value:.4g}" for key, value in figures.items())
    print(f"{name}: {shown}", flush=True)


def summary(rounds: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Return medians, and the ratios within each round."""
    medians = {
        name: {
            key: float(f"{statistics.median(r[key] for r in runs if key in r):.4g}")
            for key in runs[0]
        }
        for name, runs in rounds.items()
    }

    def speed(ours: str, theirs: str) -> float:
        return statistics.median(
            mine["per second"] / other["per second"]
            for mine, other in zip(rounds[ours], rounds[theirs], strict=True)
        )

    ratios = {
        f"speed over {name}": speed(OURS, name)
        for name in rounds
        if OURS not in name and "TLS" not in name
    }
    ratios["speed over usual with TLS"] = speed(f"{OURS} with TLS", "usual with TLS")
    for name in ("usual", "django-webhook"):
        ratios[f"burst p99 of {name} over ours"] = (
            medians[name]["burst p99 ms"] / medians[OURS]["burst p99 ms"]
        )
    mine = medians[OURS]
    checks = {name: round(ratios[name], 1) for name in TARGETS}
    return {
        "designs": medians,
        "ratios": checks,
        "targets": TARGETS,
        "missed": [
            *(name for name, target in TARGETS.items() if ratios[name] < target),
            *(["reused"] if mine["reused %"] < 95 else []),
            *(["statements"] if mine["statements"] > 0.15 else []),
            *([f"{RATE}/s p95"] if mine[f"{RATE}/s p95 ms"] > 15 else []),
        ],
    }


def migrate(design: Design) -> None:
    """Make our tables."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        check=True,
        cwd=ROOT,
        env=os.environ | design.environment,
    )


def peers_environment(var: Path) -> Path:
    """Return a Python with django-webhook, in an environment of its own."""
    folder = var / "bench-venv"
    python = folder / "bin" / "python"
    wanted = ROOT / "bench" / "requirements.txt"
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
        print("Installing what we are compared with …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--requirement", wanted],
            check=True,
        )
        shutil.copyfile(wanted, installed)
    return python


if __name__ == "__main__":
    main()
