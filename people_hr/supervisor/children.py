"""The running processes: started, watched, started again, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from people_hr.embedded.addresses import CHECKOUT
from people_hr.embedded.engine import end_by_force
from people_hr.supervisor.programs import Program

# Every process of an installation carries its data folder in this variable, so that
# those of a killed server are found again, with all that they have started.
MARK = "PEOPLE_HR_SUPERVISED"
GOOD_ORDER_SECONDS = 8.0
HURRIED_SECONDS = 3.0
LOG_LIMIT_BYTES = 10_000_000
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_AFTER_SECONDS = 60.0


class Child:
    """One program and its process, started again when it ends."""

    def __init__(
        self,
        program: Program,
        var: Path,
        *,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self.name = program.name
        self.command = program.command
        self.log_path = var / "log" / f"{program.name}.log"
        self._var = var
        self._first_pause_seconds = first_pause_seconds
        self._pause_seconds = first_pause_seconds
        self._started_at = 0.0
        self._restart_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, away from the terminal: Ctrl-C reaches us alone."""
        self.log_path.parent.mkdir(mode=0o700, exist_ok=True)
        _rotate(self.log_path)
        self.log_path.touch(mode=0o600)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env={**os.environ, MARK: mark(self._var)},
                start_new_session=True,
            )
        self._started_at = time.monotonic()
        self._restart_at = None

    @property
    def pid(self) -> int | None:
        """Return the process's number, if it was started."""
        return None if self._process is None else self._process.pid

    def exit_status(self) -> int | None:
        """Return how the process ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def watch(self) -> str:
        """Start the process again after a pause when it has ended; say what was done.

        The pause grows with each early end, so that a program that cannot run does
        not keep the machine busy.
        """
        status = self.exit_status()
        if status is None:
            return ""
        now = time.monotonic()
        if self._restart_at is None:
            if now - self._started_at > STEADY_AFTER_SECONDS:
                self._pause_seconds = self._first_pause_seconds
            self._restart_at = now + self._pause_seconds
            pause = self._pause_seconds
            self._pause_seconds = min(pause * 2, LONGEST_PAUSE_SECONDS)
            return (
                f"{self.name} ended ({describe(status)}), starts again in "
                f"{pause:.0f} s; see {self.log_path}"
            )
        if now >= self._restart_at:
            self.start()
        return ""


def describe(status: int) -> str:
    """Return an exit status in words."""
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}"


def mark(var: Path) -> str:
    """Return what the processes of ``var`` carry in their environment."""
    return str(var.resolve())


def supervised_processes(var: Path) -> list[psutil.Process]:
    """Return every process that a server of ``var`` has started, by now or before."""
    return [
        process
        for process in psutil.process_iter()
        if _environment_of(process).get(MARK) == mark(var)
    ]


def _environment_of(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}


def end_all(var: Path) -> None:
    """End every process of ``var``: in good order, then in a hurry, then by force."""
    processes = supervised_processes(var)
    _send(_leaders(processes), signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=GOOD_ORDER_SECONDS)
    # To a Celery worker this says: give up the tasks, their rows remember.
    _send(_leaders(alive), signal.SIGQUIT)
    psutil.wait_procs(alive, timeout=HURRIED_SECONDS)
    end_by_force(supervised_processes(var))


def _leaders(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those whose parent is not among them: a parent ends its own children."""
    pids = {process.pid for process in processes}
    return [process for process in processes if _parent_of(process) not in pids]


def _parent_of(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _rotate(log_path: Path) -> None:
    """Keep one older log beside one that has grown large."""
    if log_path.exists() and log_path.stat().st_size > LOG_LIMIT_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
