"""``python -m people_hr.supervisor``: start everything, watch it, stop everything."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured

from people_hr import embedded
from people_hr.embedded.account import make_private_folder
from people_hr.embedded.addresses import CHECKOUT
from people_hr.embedded.engine import tail
from people_hr.embedded.locks import open_lock, try_alone
from people_hr.env import env_bool, env_int, env_str
from people_hr.healthcheck import Answer, ask
from people_hr.supervisor.children import (
    Child,
    describe,
    end_all,
    supervised_processes,
)
from people_hr.supervisor.panel import note, panel, say
from people_hr.supervisor.ports import PortTaken, claim_port
from people_hr.supervisor.programs import LOOPBACK, Layout, programs

READY_TIMEOUT_SECONDS = 90.0
POLL_SECONDS = 0.2
WATCH_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent a signal; raised wherever we are."""


class CannotStart(RuntimeError):
    """The installation did not start; the message says why and what to do."""


def main() -> int:
    """Run the installation until it is stopped; return the exit status."""
    for number in STOP_SIGNALS:
        signal.signal(number, _request_stop)
    started_at = time.monotonic()
    var = embedded.data_folder()
    try:
        with _only_server_of(var), ExitStack() as claims:
            layout = _layout(var, claims)
            _tell_children(layout)
            _run(layout, started_at)
    except StopRequested:
        say("Stopped.")
    except (
        CannotStart,
        ImproperlyConfigured,
        PortTaken,
        embedded.EngineError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _request_stop(number: int, frame: FrameType | None) -> NoReturn:
    """Unwind, and let nobody disturb that: pressing Ctrl-C twice changes nothing."""
    for stop_signal in STOP_SIGNALS:
        signal.signal(stop_signal, signal.SIG_IGN)
    raise StopRequested


@contextmanager
def _only_server_of(var: Path) -> Iterator[None]:
    """Be the only server of this data folder, and end what a killed one has left."""
    make_private_folder(var)
    record = var / "server.json"
    with open_lock(var / "server.lock") as descriptor:
        if not try_alone(descriptor):
            raise CannotStart(
                f"People HR runs already with the data in {var}"
                f"{_described(record)}. Stop that one first, or set PEOPLE_HR_VAR to "
                "another folder."
            )
        if supervised_processes(var):
            say("Ending what a killed start has left running …")
            end_all(var)
        try:
            yield
        finally:
            record.unlink(missing_ok=True)


def _described(record: Path) -> str:
    """Return where the running server is, as far as it has said so."""
    if not record.exists():
        return ""
    server = json.loads(record.read_text("utf-8"))
    return f", at {server['pages']} (process {server['pid']})"


def _layout(var: Path, claims: ExitStack) -> Layout:
    """Choose the ports: the usual ones, or the next that are free."""
    host = _address_of(env_str("HOST", default=LOOPBACK))
    web = _port("PORT", env_int("PORT", default=8000), host, claims)
    flower = _port(
        "FLOWER_PORT", env_int("FLOWER_PORT", default=5555), LOOPBACK, claims
    )
    receiver = None
    if _is_demo():
        receiver = _port(
            "RECEIVER_PORT", env_int("RECEIVER_PORT", default=9000), LOOPBACK, claims
        )
    return Layout(var, host, web, flower, receiver)


def _address_of(host: str) -> str:
    """Return the address that a host name stands for; an address stands for itself."""
    try:
        return str(socket.getaddrinfo(host, None)[0][4][0])
    except OSError as error:
        raise CannotStart(f"HOST={host} is no address of this machine.") from error


def _port(name: str, first: int, host: str, claims: ExitStack) -> int:
    """Return the port that the environment asks for under ``name``, or a free one."""
    return claim_port(host, first, claims, only=name in os.environ)


def _is_demo() -> bool:
    return env_bool("PEOPLE_HR_DEMO", default=False)


def _tell_children(layout: Layout) -> None:
    """Put into the environment what the programs must know of the layout."""
    os.environ["PEOPLE_HR_VAR"] = str(layout.var)
    os.environ.setdefault("PUBLIC_URL", layout.pages_url)
    if layout.receiver_port is not None:
        os.environ.setdefault("WEBHOOK_RECEIVER_URL", layout.receiver_url)
    if _is_demo() and layout.host != LOOPBACK:
        os.environ.setdefault("ALLOWED_HOSTS", ",".join(_own_names(layout.host)))


def _own_names(host: str) -> list[str]:
    """Return the names that people may use for this machine in a demo."""
    machine = socket.gethostname()
    try:
        addresses = socket.gethostbyname_ex(machine)[2]
    except OSError:
        addresses = []
    names = ["localhost", LOOPBACK, "[::1]", host, machine, *addresses]
    return list(dict.fromkeys(names))


def _run(layout: Layout, started_at: float) -> None:
    kinds = embedded.wanted_engines()
    if kinds:
        say("Starting the embedded " + " and ".join(kind.title for kind in kinds))
    with embedded.engines(layout.var, kinds) as engines:
        _prepare()
        children = [Child(program, layout.var) for program in programs(layout)]
        try:
            _start(children, layout)
            seconds = time.monotonic() - started_at
            say(panel(layout, is_demo=_is_demo(), seconds=seconds))
            _watch(children, engines)
        finally:
            say("\nStopping …")
            end_all(layout.var)


def _prepare() -> None:
    say("Bringing the database up to date")
    command = [sys.executable, "-m", "people_hr.supervisor.prepare"]
    finished = subprocess.run(command, cwd=CHECKOUT, check=False)  # noqa: S603
    if finished.returncode != 0:
        raise CannotStart("The database could not be brought up to date: see above.")


def _start(children: list[Child], layout: Layout) -> None:
    """Start every program and wait until all of them do their work."""
    (layout.var / "beat").mkdir(mode=0o700, exist_ok=True)
    say("Starting " + ", ".join(child.name for child in children))
    for child in children:
        child.start()
    record = {"pid": os.getpid(), "pages": layout.pages_url}
    (layout.var / "server.json").write_text(json.dumps(record), "utf-8")
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while not (answer := _ask(layout)).is_ready:
        _check_alive(children)
        if time.monotonic() > deadline:
            raise CannotStart(_unready(answer, layout.var))
        time.sleep(POLL_SECONDS)


def _ask(layout: Layout) -> Answer:
    host = LOOPBACK if layout.host == "0.0.0.0" else layout.host  # noqa: S104
    names = os.environ.get("ALLOWED_HOSTS", "").split(",")
    return ask(
        layout.web_port, host=host, name=names[0].strip().lstrip("*.") or "localhost"
    )


def _check_alive(children: list[Child]) -> None:
    """Raise CannotStart when a program ends before everything is ready."""
    for child in children:
        status = child.exit_status()
        if status is not None:
            raise CannotStart(
                f"{child.name} ended at once ({describe(status)}). "
                f"{child.log_path} ends with:\n{tail(child.log_path)}"
            )


def _unready(answer: Answer, var: Path) -> str:
    wrong = [f"{part}: {word}" for part, word in answer.parts.items() if word != "ok"]
    return (
        f"Not ready after {READY_TIMEOUT_SECONDS:.0f} s "
        f"({'; '.join(wrong) or 'the web server does not answer'}). "
        f"The logs are in {var / 'log'}."
    )


def _watch(children: list[Child], engines: list[embedded.Engine]) -> NoReturn:
    """Start again what ends, and say so, until StopRequested is raised."""
    while True:
        time.sleep(WATCH_SECONDS)
        for name in embedded.revive(engines):
            note(f"{name} had ended and runs again")
        for child in children:
            if said := child.watch():
                note(said)


if __name__ == "__main__":
    sys.exit(main())
