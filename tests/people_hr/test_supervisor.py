import os
import socket
import stat
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from people_hr.demo.loading import ACCOUNTS, PASSWORD
from people_hr.embedded.engine import wait_until
from people_hr.supervisor.children import Child, end_all, supervised_processes
from people_hr.supervisor.panel import DEMO_ACCOUNTS, DEMO_PASSWORD, panel
from people_hr.supervisor.ports import PortTaken, claim_port
from people_hr.supervisor.programs import LOOPBACK, Layout, Program, programs

SLEEPER = "import signal; signal.pause()"
PARENT = (
    "import subprocess, sys, signal;"
    f"subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]);"
    "signal.pause()"
)


def listening(port: int = 0) -> socket.socket:
    server = socket.socket()
    server.bind((LOOPBACK, port))
    server.listen()
    return server


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on, with free ones after it, most likely."""
    with listening() as server:
        return int(server.getsockname()[1])


def layout(var: Path, **changes: object) -> Layout:
    usual = {
        "host": LOOPBACK,
        "web_port": 8000,
        "flower_port": 5555,
        "receiver_port": 9000,
    }
    return Layout(var=var, **(usual | changes))


def test_claimed_port_goes_to_nobody_else_before_anybody_listens(
    free_port: int,
) -> None:
    with ExitStack() as one, ExitStack() as other:
        first = claim_port(LOOPBACK, free_port, one)
        second = claim_port(LOOPBACK, free_port, other)
    assert first == free_port
    assert second > first


def test_claim_ends_with_its_stack(free_port: int) -> None:
    with ExitStack() as one:
        first = claim_port(LOOPBACK, free_port, one)
    with ExitStack() as other:
        assert claim_port(LOOPBACK, free_port, other) == first


def test_port_that_a_stranger_listens_on_is_passed_over() -> None:
    with listening() as stranger, ExitStack() as stack:
        taken = stranger.getsockname()[1]
        assert claim_port(LOOPBACK, taken, stack) > taken


def test_port_that_was_asked_for_and_is_taken_is_refused() -> None:
    with listening() as stranger, ExitStack() as stack:
        taken = stranger.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {taken} is taken"):
            claim_port(LOOPBACK, taken, stack, only=True)


def test_address_of_another_machine_is_refused(free_port: int) -> None:
    with ExitStack() as stack, pytest.raises(PortTaken, match="Cannot listen on"):
        claim_port("192.0.2.1", free_port, stack)


def wait_for_end(pid: int | None) -> None:
    """Wait until a child has ended, without taking its exit status away."""
    assert pid is not None
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_child_that_dies_is_reported_and_started_again(tmp_path: Path) -> None:
    program = Program("sleeper", (sys.executable, "-c", SLEEPER))
    child = Child(program, tmp_path, first_pause_seconds=0)
    child.start()
    first = child.pid
    try:
        assert child.watch() == ""
        psutil.Process(first).kill()
        wait_for_end(first)

        assert "sleeper ended (signal SIGKILL), starts again" in child.watch()
        assert child.watch() == ""
        assert child.pid != first
        assert child.exit_status() is None
    finally:
        end_all(tmp_path)


def test_pause_before_a_restart_grows(tmp_path: Path) -> None:
    failing = Child(Program("failing", (sys.executable, "-c", "exit(3)")), tmp_path)
    failing.start()
    wait_for_end(failing.pid)
    assert "exit status 3" in (said := failing.watch())
    assert "again in 1 s" in said

    failing.start()
    wait_for_end(failing.pid)
    assert "again in 2 s" in failing.watch()


def test_processes_of_a_killed_server_are_found_with_their_children(
    tmp_path: Path,
) -> None:
    other = tmp_path / "other"
    family = Child(Program("family", (sys.executable, "-c", PARENT)), tmp_path)
    stranger = Child(Program("stranger", (sys.executable, "-c", SLEEPER)), other)
    other.mkdir()
    family.start()
    stranger.start()
    try:
        assert wait_until(lambda: len(supervised_processes(tmp_path)) == 2, 30)

        psutil.Process(family.pid).kill()
        end_all(tmp_path)

        assert supervised_processes(tmp_path) == []
        assert [process.pid for process in supervised_processes(other)] == [
            stranger.pid
        ]
    finally:
        end_all(other)


def test_child_is_apart_from_the_terminal_and_its_log_is_private(
    tmp_path: Path,
) -> None:
    program = Program("hello", (sys.executable, "-c", "import os; print(os.getsid(0))"))
    child = Child(program, tmp_path)
    child.start()
    wait_for_end(child.pid)

    assert child.log_path.read_text() == f"{child.pid}\n"
    assert stat.S_IMODE(child.log_path.stat().st_mode) == 0o600


def test_panel_names_addresses_accounts_and_how_to_stop(tmp_path: Path) -> None:
    text = panel(layout(tmp_path), is_demo=True, seconds=4.2)

    for part in (
        "http://127.0.0.1:8000/admin/",
        "http://127.0.0.1:8000/api/v1/docs/",
        "http://127.0.0.1:5555/",
        "http://127.0.0.1:9000/",
        "owner@demo.example",
        "employee@demo.example",
        "Ctrl-C",
    ):
        assert part in text
    assert "known to everybody" not in text


def test_panel_shows_the_accounts_that_the_demo_loads() -> None:
    shown = [f"{name}@demo.example" for name in DEMO_ACCOUNTS]

    assert shown == [email for email, _role, _number in ACCOUNTS]
    assert DEMO_PASSWORD == PASSWORD


def test_panel_warns_when_a_demo_is_open_to_the_network(tmp_path: Path) -> None:
    open_to_all = layout(tmp_path, host="0.0.0.0")

    assert "known to everybody" in panel(open_to_all, is_demo=True, seconds=1)
    assert "http://127.0.0.1:8000/" in panel(open_to_all, is_demo=True, seconds=1)


def test_only_the_web_server_ever_leaves_loopback(tmp_path: Path) -> None:
    open_to_all = layout(tmp_path, host="0.0.0.0")
    by_name = {program.name: program for program in programs(open_to_all)}

    assert list(by_name) == ["web", "worker", "beat", "flower", "receiver"]
    assert [name for name in by_name if "0.0.0.0" in by_name[name].command] == ["web"]
    assert f"--address={LOOPBACK}" in by_name["flower"].command


def test_without_a_demo_there_is_no_receiver(tmp_path: Path) -> None:
    names = [program.name for program in programs(layout(tmp_path, receiver_port=None))]

    assert names == ["web", "worker", "beat", "flower"]
