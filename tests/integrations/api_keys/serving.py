"""A real server of the whole application, and bytes as they go over the wire."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tests.integrations.api_keys.conftest import database_url
from tests.integrations.audit.conftest import free_port, wait_up

CHECKOUT = Path(__file__).resolve().parents[3]
LIST = "/api/v1/employees/"


@dataclass(frozen=True)
class Answer:
    """What came back, and how long that took."""

    status: int
    head: str
    body: bytes
    milliseconds: float


@dataclass
class Server:
    """One worker process of granian, as operations.md starts it."""

    port: int
    process: subprocess.Popen[bytes]

    def send(self, *header_lines: bytes, path: str = LIST) -> Answer:
        """Send a GET whose header lines are these very bytes."""
        lines = [
            f"GET {path} HTTP/1.1".encode(),
            b"Host: 127.0.0.1",
            b"Connection: close",
            *header_lines,
        ]
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as wire:
            wire.sendall(b"\r\n".join(lines) + b"\r\n\r\n")
            received = b""
            while part := wire.recv(65536):
                received += part
        took = (time.perf_counter() - began) * 1000
        head, _end, body = received.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1]) if head else 0
        return Answer(status, head.decode("latin-1").lower(), body, took)

    def show(self, key: str) -> Answer:
        """Send a GET with an API key."""
        return self.send(f"X-API-Key: {key}".encode())

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to the whole group and wait for its end."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        self.process.wait(30)


def serve(redis_url: str, **environment: str) -> Server:
    """Start a server on the test run's database; return it when it answers."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--workers", "1", "--blocking-threads", "1", "--port", str(port)),
            *("--workers-kill-timeout", "10", "--no-log"),
            "people_hr.wsgi:application",
        ],
        cwd=CHECKOUT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "people_hr.settings",
            "PEOPLE_HR_DEMO": "1",
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis_url,
            "API_KEY_PEPPERS": ",".join(settings.API_KEY_PEPPERS),
            "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        }
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = Server(port, process)
    wait_up(port)
    return server
