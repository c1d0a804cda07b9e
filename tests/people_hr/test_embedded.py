import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import redis

from people_hr import embedded
from people_hr.embedded import lifetime
from people_hr.embedded.account import engine_account
from people_hr.embedded.postgresql import PostgreSQL
from people_hr.embedded.valkey import Valkey
from tests.people_hr.engines import connect, leaders, processes

CHECKOUT = Path(__file__).resolve().parent.parent.parent
HOLD = """
import sys
from pathlib import Path
from people_hr import embedded
with embedded.engines(Path(sys.argv[1]), durable=False):
    print("up", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(var: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the engines of ``var``."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        try:
            yield process
        finally:
            if process.poll() is None:
                process.communicate(timeout=60)


def valkey(var: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(var))


def test_data_is_kept_over_a_stop_and_nothing_keeps_running(var: Path) -> None:
    with embedded.engines(var):
        with connect(var) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        valkey(var).set("kept", "yes")
    assert processes(var) == []

    with embedded.engines(var):
        with connect(var) as connection:
            row = connection.execute("SELECT answer FROM kept").fetchone()
        assert row == (42,)
        assert valkey(var).get("kept") == b"yes"


def test_long_path_with_spaces_works(var: Path) -> None:
    long = var / "a folder with spaces" / ("long-" * 30) / "var"

    with embedded.engines(long, durable=False), connect(long) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_engines_listen_on_no_port_and_only_for_their_owner(var: Path) -> None:
    with embedded.engines(var, durable=False):
        listening = [
            connection
            for process in processes(var)
            for connection in process.net_connections("inet")
        ]
        sockets = embedded.sockets_folder(var).stat()

    assert listening == []
    assert stat.S_IMODE(sockets.st_mode) == 0o700
    assert sockets.st_uid == engine_account(var).uid


def test_user_data_is_written_safely_and_sorts_alike_everywhere(var: Path) -> None:
    with embedded.engines(var), connect(var) as connection:
        settings = {
            name: connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("fsync", "full_page_writes", "server_encoding", "timezone")
        }
        upper = connection.execute("SELECT upper('çağ öz')").fetchone()

    assert settings == {
        "fsync": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
        "timezone": "UTC",
    }
    assert upper == ("ÇAĞ ÖZ",)


def test_second_user_finds_the_running_engines_and_leaves_them_running(
    var: Path,
) -> None:
    with holding(var):
        before = leaders(var)
        with embedded.engines(var, durable=False):
            assert connect(var).execute("SELECT 1").fetchone() == (1,)
        assert len(before) == 2
        assert leaders(var) == before
        connect(var).close()
    assert processes(var) == []


def test_engines_outlive_the_process_that_started_them_while_another_uses_them(
    var: Path,
) -> None:
    with holding(var) as starter:
        with embedded.engines(var, durable=False):
            starter.communicate(timeout=60)
            assert connect(var).execute("SELECT 1").fetchone() == (1,)
        assert processes(var) == []


def test_engines_of_a_killed_process_are_found_and_stopped_in_the_end(
    var: Path,
) -> None:
    with holding(var) as killed:
        killed.kill()
        killed.wait()
    left = {process.pid for process in processes(var)}
    assert left

    with embedded.engines(var, durable=False):
        assert connect(var).execute("SELECT 1").fetchone() == (1,)
        assert left & {process.pid for process in processes(var)}
    assert processes(var) == []


def test_killed_engines_start_again_with_what_was_committed(var: Path) -> None:
    with embedded.engines(var) as engines:
        with connect(var) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        for process in processes(var):
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes(var))

        assert embedded.revive(engines) == ["PostgreSQL", "Valkey"]

        row = connect(var).execute("SELECT answer FROM kept").fetchone()
        assert row == (42,)
        assert embedded.revive(engines) == []


def test_lock_file_with_the_number_of_a_living_stranger_is_no_obstacle(
    var: Path,
) -> None:
    with embedded.engines(var, durable=False) as engines:
        lock = engines[0].folder / "postmaster.pid"
        text = lock.read_text()
        for process in processes(var):
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes(var))
        lock.write_text("\n".join([str(os.getpid()), *text.splitlines()[1:]]))

        embedded.revive(engines)

        assert connect(var).execute("SELECT 1").fetchone() == (1,)


def test_half_made_cluster_is_made_anew(var: Path) -> None:
    (var / "postgresql" / "18.new").mkdir(parents=True)
    (var / "postgresql" / "18.new" / "PG_VERSION").write_text("18\n")
    account = engine_account(var)
    account.give(var / "postgresql")

    with embedded.engines(var, durable=False):
        assert connect(var).execute("SELECT 1").fetchone() == (1,)


def test_several_who_start_at_once_share_one_cluster(var: Path) -> None:
    def use(_: int) -> int:
        with holding(var), connect(var) as connection:
            row = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
        assert row is not None
        return hash(row[0])

    with embedded.engines(var, durable=False), ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(use, range(3)))) == 1
    assert processes(var) == []


def test_two_data_folders_run_side_by_side(var: Path) -> None:
    other = var.with_name("other")
    with (
        embedded.engines(var, durable=False),
        embedded.engines(other, durable=False),
    ):
        valkey(var).set("whose", "mine")
        assert valkey(other).get("whose") is None
        assert embedded.database_url(var) != embedded.database_url(other)


def test_only_what_has_no_address_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert embedded.wanted_engines() == (PostgreSQL, Valkey)
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/people")
    assert embedded.wanted_engines() == (Valkey,)
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    assert embedded.wanted_engines() == ()


def test_sockets_folder_that_others_can_enter_is_refused(var: Path) -> None:
    sockets = embedded.sockets_folder(var)
    sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(embedded.EngineError, match="not a private folder"):
            lifetime.engines(var, durable=False).__enter__()
    finally:
        sockets.rmdir()


def test_addresses_suit_django_celery_and_flower() -> None:
    var = Path("/srv/people hr/var")
    sockets = embedded.sockets_folder(var)

    assert embedded.redis_url(var) == f"unix://{sockets}/valkey.sock?db=0"
    assert (
        embedded.broker_url(f"unix://{sockets}/valkey.sock?db=3")
        == f"redis+socket://{sockets}/valkey.sock?virtual_host=3"
    )
    assert embedded.broker_url("redis://cache:6379/1") == "redis://cache:6379/1"


def test_generated_key_is_private_and_stays(var: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: embedded.generated_key(var, "key"), range(8)))

    assert keys == {embedded.generated_key(var, "key")}
    assert stat.S_IMODE((var / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(var.stat().st_mode) & 0o007 == 0
