import multiprocessing
import os
import stat
from pathlib import Path

from people_hr import embedded
from tests.people_hr.engines import connect, processes


def test_under_root_the_engines_run_as_nobody_special(var: Path) -> None:
    with embedded.engines(var, durable=False):
        assert 0 not in {process.uids().effective for process in processes(var)}


def test_under_root_a_closed_checkout_works_and_stays_closed(var: Path) -> None:
    closed = var.parent / "closed to others"
    closed.mkdir(mode=0o700)
    hidden = closed / "var"
    with embedded.engines(hidden), connect(hidden) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    with embedded.engines(hidden) as engines, connect(hidden) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        homes = [engine.folder for engine in engines]

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert [home for home in homes if not home.is_relative_to(closed)] == []


def run_engines_as(uid: int, var: Path) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    with embedded.engines(var, durable=False):
        assert connect(var).execute("SELECT 1").fetchone() == (1,)


def test_ordinary_user_can_run_the_engines(var: Path) -> None:
    var.mkdir()
    nobody = 65534
    os.chown(var, nobody, nobody)
    # Forked, since the interpreter itself may lie where nobody else can go.
    process = multiprocessing.get_context("fork").Process(
        target=run_engines_as, args=(nobody, var)
    )
    process.start()
    process.join()

    assert process.exitcode == 0
    assert (var / "postgresql").stat().st_uid == nobody
