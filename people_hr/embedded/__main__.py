"""``python -m people_hr.embedded COMMAND``: the embedded engines by hand."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from people_hr import embedded
from people_hr.embedded import addresses
from people_hr.embedded.account import engine_account
from people_hr.embedded.backup import back_up, restore
from people_hr.embedded.locks import open_lock, try_alone
from people_hr.embedded.postgresql import PostgreSQL, binaries_in, wheel_folder
from people_hr.embedded.valkey import Valkey


def main() -> int:
    """Run one command; return the exit status."""
    parser = _parser()
    options, rest = parser.parse_known_args()
    if rest and options.run is not run_psql:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    var = embedded.data_folder()
    if "DATABASE_URL" in os.environ:
        parser.error("DATABASE_URL names a server of your own: use its tools.")
    try:
        status: int = options.run(var, options)
    except embedded.EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m people_hr.embedded",
        description="The private PostgreSQL and Valkey of this installation.",
    )
    commands = parser.add_subparsers(required=True)

    status = commands.add_parser("status", help="say what runs, and its address")
    status.set_defaults(run=show_status)

    run = commands.add_parser("run", help="keep the engines running until Ctrl-C")
    run.set_defaults(run=keep_running)

    psql = commands.add_parser("psql", help="a prompt of SQL, or: psql -c 'SELECT 1'")
    psql.set_defaults(run=run_psql)

    backup = commands.add_parser("backup", help="write database and keys to FILE")
    backup.add_argument("file", type=Path)
    backup.set_defaults(run=run_back_up)

    undo = commands.add_parser("restore", help="replace database and keys by FILE's")
    undo.add_argument("file", type=Path)
    undo.set_defaults(run=run_restore)
    return parser


def show_status(var: Path, options: argparse.Namespace) -> int:
    """Print address and state of both engines; 0 when both answer."""
    if not var.exists():
        sys.stdout.write(f"Nothing was started in {var} yet.\n")
        return 1
    account = engine_account(var)
    found = {
        PostgreSQL(var, account): addresses.database_url(var),
        Valkey(var, account): addresses.redis_url(var),
    }
    states = [engine.is_ready() for engine in found]
    for (engine, address), is_ready in zip(found.items(), states, strict=True):
        state = "runs" if is_ready else "does not run"
        sys.stdout.write(f"{engine.title} {state}: {address}\n")
    return 0 if all(states) else 1


def keep_running(var: Path, options: argparse.Namespace) -> int:
    """Hold the engines until a signal comes."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with embedded.engines(var):
        show_status(var, options)
        sys.stdout.flush()
        signal.pause()
    return 0


def run_psql(var: Path, options: argparse.Namespace) -> int:
    """Run PostgreSQL's own prompt on the database."""
    program = binaries_in(wheel_folder()) / "psql"
    with embedded.engines(var):
        command = [str(program), addresses.database_url(var), *options.rest]
        return subprocess.run(command, check=False).returncode  # noqa: S603


def run_back_up(var: Path, options: argparse.Namespace) -> int:
    """Back up, beside a running server or alone."""
    with embedded.engines(var):
        back_up(var, options.file)
    sys.stdout.write(f"{options.file} holds the database and its keys: keep it safe.\n")
    return 0


def run_restore(var: Path, options: argparse.Namespace) -> int:
    """Restore; refuse while a server works on the data."""
    with embedded.engines(var), open_lock(var / "server.lock") as server:
        if not try_alone(server):
            raise embedded.EngineError("Stop the running server first.")
        restore(var, options.file)
    sys.stdout.write(f"The data is that of {options.file} again.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
