"""The scripts, run as a person runs them, on a data folder of their own."""

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from people_hr.embedded.engine import wait_until
from people_hr.healthcheck import ask
from people_hr.supervisor.children import end_all, supervised_processes

CHECKOUT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120
STOP_SECONDS = 60


@pytest.fixture
def var() -> Iterator[Path]:
    """A data folder with a long path and spaces in it."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        folder = Path(home) / "my people" / ("deep-" * 25) / "var"
        yield folder
        end_all(folder)


def environment(var: Path, **more: str) -> dict[str, str]:
    """As empty as a fresh machine's: no home, no locale, no settings."""
    return {"PATH": os.environ["PATH"], "PEOPLE_HR_VAR": str(var), **more}


class Server:
    """One run of script/server."""

    def __init__(self, var: Path, **more: str) -> None:
        self.output = var.parent.parent / f"{var.name}.txt"
        self.output.parent.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [CHECKOUT / "script" / "server"],
                cwd="/",
                env=environment(var, **more),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def is_done(self) -> bool:
        return "Stop " in self.said or self.process.poll() is not None

    def wait(self) -> str:
        """Wait for the panel; return the address of the pages."""
        assert wait_until(self.is_done, START_SECONDS), self.said
        found = re.search(r"Pages +(http://127\.0\.0\.1:\d+)/\n", self.said)
        assert found is not None, self.said
        return found[1]

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def manage(var: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHECKOUT / "script" / "manage", *command],
        cwd="/",
        env=environment(var),
        capture_output=True,
        text=True,
        check=False,
    )


def engine_processes(var: Path) -> list[str]:
    return [
        process.info["name"]
        for process in psutil.process_iter(["name", "cwd"])
        if (process.info["cwd"] or "").startswith(str(var.resolve()))
    ]


def is_ready(pages: str) -> bool:
    return ask(int(pages.rsplit(":", 1)[1])).is_ready


@pytest.mark.long
@pytest.mark.timeout(600)
def test_server_starts_survives_a_kill_keeps_its_data_and_stops_cleanly(
    var: Path,
) -> None:
    first = Server(var)
    pages = first.wait()
    assert is_ready(pages)
    assert "owner@demo.example" in first.said

    # Beside it: a command uses the same engines, a second server is refused.
    counting = (
        "from organizations.models import Organization as O; print(O.objects.count())"
    )
    counted = manage(var, "shell", "--no-imports", "-c", counting)
    assert (counted.returncode, counted.stderr) == (0, "")
    second = Server(var)
    assert second.process.wait(START_SECONDS) == 1
    assert f"runs already with the data in {var}, at {pages}" in second.said
    assert is_ready(pages)

    first.end(signal.SIGKILL)
    assert supervised_processes(var) != []
    again = Server(var)
    assert is_ready(again.wait())
    assert "Ending what a killed start has left running" in again.said
    assert "Applying" not in again.said

    assert again.end(signal.SIGINT) == 0
    assert again.said.endswith("Stopped.\n")
    assert supervised_processes(var) == []
    assert engine_processes(var) == []

    # Two checkouts' servers, all defaults, get ports of their own. The other one's data
    # is a copy: a folder may be moved, and to load a demo again shows nothing new.
    other = var.with_name("other var")
    subprocess.run(["cp", "-a", var, other], check=True)  # as whoever owns each
    servers = [Server(folder) for folder in (var, other)]
    try:
        assert len({server.wait() for server in servers}) == 2
        assert [server.end(signal.SIGTERM) for server in servers] == [0, 0]
    finally:
        end_all(other)
    assert engine_processes(other) == []
    # Alone, a command starts the engines for its own time, and finds the data.
    assert manage(var, "shell", "--no-imports", "-c", counting).stdout == counted.stdout
    assert engine_processes(var) == []


def test_command_that_fails_says_so_with_its_exit_status(var: Path) -> None:
    unknown = manage(var, "no_such_command")

    assert unknown.returncode == 1
    assert "no_such_command" in unknown.stderr
    assert engine_processes(var) == []


def test_bench_without_a_name_lists_what_there_is() -> None:
    finished = subprocess.run(
        [CHECKOUT / "script" / "bench"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 2
    assert finished.stderr.startswith("Usage: script/bench NAME")


def test_environment_is_made_from_nothing_and_only_once(tmp_path: Path) -> None:
    checkout = tmp_path / "a fresh checkout"
    (checkout / "script").mkdir(parents=True)
    for name in ("environment.sh", "environment.py"):
        content = (CHECKOUT / "script" / name).read_bytes()
        (checkout / "script" / name).write_bytes(content)
    (checkout / "requirements.txt").write_text("")
    program = (
        'source "$0"; use_environment && "$python" -c "import sys; print(sys.prefix)"'
    )

    def use() -> list[str]:
        finished = subprocess.run(
            ["bash", "-euc", program, checkout / "script" / "environment.sh"],
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        return finished.stdout.splitlines()

    prefix = str(checkout.resolve() / ".venv")
    made, again = use(), use()
    assert made[0].startswith("Making .venv")
    assert made[-1] == prefix
    assert again == [prefix]
    (checkout / ".venv" / "bin" / "python").unlink()
    assert use()[0].startswith("Making .venv")
