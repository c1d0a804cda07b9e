import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from integrations.audit.calls import CallLog, call_log
from people_hr.embedded.engine import wait_until

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def emptied(transactional_db: None) -> Iterator[None]:
    """What threads and other processes have committed is removed before and after."""
    call_log.close()
    remove_calls()
    yield
    remove_calls()


@pytest.fixture
def no_calls(db: None) -> None:
    """Take away the calls that other tests' requests have left, and their counts.

    The transaction's end undoes it. Nothing is to be written meanwhile, for the thread
    would wait.
    """
    call_log.close()
    remove_calls()


@pytest.fixture
def no_events(db: None) -> None:
    """Take away what other tests have committed; the transaction's end undoes it."""
    remove_events()


def remove_events() -> None:
    """Empty the log of events, as only a superuser may."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE audit_event, audit_unsealed, audit_seal, audit_chain")
        cursor.execute("SET session_replication_role = origin")


def remove_calls() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE audit_call, audit_stale_minute, audit_counter, "
            "audit_usage_minute, audit_usage_hour, audit_usage_day"
        )


@pytest.fixture
def log(emptied: None) -> Iterator[CallLog]:
    """A call log of this process, ended afterwards."""
    log = CallLog(room=2000)
    yield log
    log.close()


@pytest.fixture
def start(emptied: None) -> Iterator[Start]:
    """Start a program of Python on the test's database, in a group of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start_program(*arguments: str) -> subprocess.Popen[bytes]:
        program = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": database_address()},
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(program)
        return program

    yield start_program
    for program in started:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        program.stdout.close()


def database_address() -> str:
    """Return the address of the test's database for another process."""
    held = connection.settings_dict
    host = quote(held["HOST"], safe="")
    return f"postgresql://{held['USER']}@{host}:{held['PORT']}/{held['NAME']}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str) -> bytes:
    """Return the beginning of a server's answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as server:
        server.sendall(
            f"GET /{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        )
        return server.recv(100)


def is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_up(port: int) -> None:
    assert wait_until(lambda: is_up(port), 20)
