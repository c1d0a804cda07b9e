"""What both engines have in common: how they are started, found again and ended."""

import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from people_hr.embedded.account import Account, EngineError

READY_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 1500

SET_ADDRESSES = (
    "Set DATABASE_URL and REDIS_URL to servers of your own, or use compose.yaml."
)


class Engine(ABC):
    """One private server, its data in a folder of its own."""

    name: str
    title: str
    process_name: str

    def __init__(self, var: Path, account: Account, *, durable: bool = True) -> None:
        self.var = var
        self.account = account
        self.durable = durable
        self.log_path = var / "log" / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def folder(self) -> Path:
        """Where the data lies; the server's working directory."""

    @abstractmethod
    def launch(self) -> None:
        """Start the server's process, recovering from whatever ended the last one."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Say whether the server answers."""

    @abstractmethod
    def request_stop(self, processes: list[psutil.Process]) -> None:
        """Ask the server to end in good order."""

    def processes(self) -> list[psutil.Process]:
        """Return the server's living processes, whoever started them, oldest first.

        A process is known by its working directory, so a number that the system
        gave to somebody else is never mistaken for the server.
        """
        folder = str(self.folder)
        found = [
            process
            for process in psutil.process_iter(["name", "cwd", "status", "create_time"])
            if process.info["cwd"] == folder
            and process.info["name"] == self.process_name
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ]
        return sorted(found, key=lambda process: process.info["create_time"])

    def spawn(self, command: Iterable[str | Path]) -> None:
        """Start ``command`` apart from the terminal, so that Ctrl-C is not its."""
        self.log_path.parent.mkdir(mode=0o700, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=plain_environment(),
                start_new_session=True,
                umask=0o077,
                **self.account.identity(),
            )

    def wait_ready(self) -> None:
        """Wait until the server answers.

        Raises EngineError when its process ends or it takes a minute.
        """

        def answers_or_has_ended() -> bool:
            return self.is_ready() or self.has_ended()

        in_time = wait_until(answers_or_has_ended, READY_TIMEOUT_SECONDS)
        if not in_time or not self.is_ready():
            raise EngineError(
                f"{self.title} did not start. {self.log_path} ends with:\n"
                f"{tail(self.log_path)}"
            )

    def has_ended(self) -> bool:
        """Say whether the process that we started is gone."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End the server: in good order, or by force when that takes a minute."""
        processes = self.processes()
        if processes:
            self.request_stop(processes)
            _, alive = psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)
            end_by_force(alive)
        if self._process is not None:
            self._process.wait()
            self._process = None


def end_by_force(processes: list[psutil.Process]) -> None:
    """Kill ``processes`` and wait until they are gone."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=STOP_TIMEOUT_SECONDS)


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Ask ``condition`` again and again; say whether it came true in time."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def plain_environment() -> dict[str, str]:
    """Return an environment in which no setting of the caller reaches an engine."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {**environment, "LC_ALL": "C", "TZ": "UTC"}


def tail(path: Path) -> str:
    """Return the last lines of a log."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        return file.read().decode("utf-8", "replace").strip()
