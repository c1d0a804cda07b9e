"""The programs that make up an installation, and how each is started."""

import sys
from dataclasses import dataclass
from pathlib import Path

from people_hr.embedded.addresses import CHECKOUT
from people_hr.env import env_int, env_str

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where this installation listens and keeps its files."""

    var: Path
    host: str
    web_port: int
    flower_port: int
    receiver_port: int | None

    @property
    def pages_url(self) -> str:
        """Return the address to open in a browser on this machine."""
        host = LOOPBACK if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        name = f"[{host}]" if ":" in host else host
        return f"http://{name}:{self.web_port}"

    @property
    def flower_url(self) -> str:
        return f"http://{LOOPBACK}:{self.flower_port}"

    @property
    def receiver_url(self) -> str:
        return f"http://{LOOPBACK}:{self.receiver_port}/"


@dataclass(frozen=True, slots=True)
class Program:
    """One process of the installation."""

    name: str
    command: tuple[str, ...]


def programs(layout: Layout) -> list[Program]:
    """Return what runs, in the order in which it is started."""
    found = [web(layout), worker(), beat(layout), flower(layout)]
    if layout.receiver_port is not None:
        found.append(receiver(layout.receiver_port))
    return found


def web(layout: Layout) -> Program:
    """Several processes of one thread each: Python runs one thread at a time."""
    return Program(
        "web",
        (
            *(sys.executable, "-m", "granian"),
            *("--interface", "wsgi"),
            *("--host", layout.host, "--port", str(layout.web_port)),
            *("--workers", str(env_int("WEB_CONCURRENCY", default=2))),
            *("--blocking-threads", "1", "--no-ws", "--respawn-failed-workers"),
            *("--workers-kill-timeout", "5"),
            *("--log-level", env_str("LOG_LEVEL", default="INFO").lower()),
            "people_hr.wsgi:application",
        ),
    )


def worker() -> Program:
    """One worker; a drainer of deliveries holds a slot for long, so several slots."""
    concurrency = str(env_int("WORKER_CONCURRENCY", default=4))
    return _celery("worker", "--concurrency", concurrency, "--without-mingle")


def beat(layout: Layout) -> Program:
    """Beat keeps what it ran last in a file of its own."""
    return _celery("beat", "--schedule", str(layout.var / "beat" / "schedule"))


def flower(layout: Layout) -> Program:
    """Flower knows no passwords of ours: never but on loopback."""
    return _celery("flower", f"--address={LOOPBACK}", f"--port={layout.flower_port}")


def receiver(port: int) -> Program:
    """The developers' receiver, for the demo's webhook endpoint."""
    manage = str(CHECKOUT / "manage.py")
    return Program(
        "receiver", (sys.executable, manage, "webhook_receiver", "--port", str(port))
    )


def _celery(name: str, *options: str) -> Program:
    level = env_str("LOG_LEVEL", default="INFO")
    quiet = () if name == "flower" else ("--loglevel", level)
    return Program(
        name,
        (sys.executable, "-m", "celery", "-A", "people_hr", name, *quiet, *options),
    )
