"""How long the engines live: as long as somebody uses them.

Every user of a data folder shares one lock. Who takes it first starts the engines,
who lets go of it last stops them; the lock of a killed process is let go of by the
system, so nothing needs to be counted or repaired.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from people_hr.embedded import addresses
from people_hr.embedded.account import (
    EngineError,
    engine_account,
    is_private,
    make_private_folder,
    make_sockets_folder,
)
from people_hr.embedded.engine import Engine, wait_until
from people_hr.embedded.locks import exclusively, open_lock, share, try_alone
from people_hr.embedded.postgresql import PostgreSQL
from people_hr.embedded.valkey import Valkey

USERS_LOCK = "engines-users.lock"
CHANGES_LOCK = "engines.lock"
# A starting server restarts a crashed engine; others wait that long for it.
NEIGHBOUR_TIMEOUT_SECONDS = 20.0


def wanted_engines() -> tuple[type[Engine], ...]:
    """Return the engines whose address the environment does not name."""
    by_name: dict[str, type[Engine]] = {"DATABASE_URL": PostgreSQL, "REDIS_URL": Valkey}
    return tuple(kind for name, kind in by_name.items() if name not in os.environ)


@contextmanager
def engines(
    var: Path,
    kinds: tuple[type[Engine], ...] = (PostgreSQL, Valkey),
    *,
    durable: bool = True,
) -> Iterator[list[Engine]]:
    """Keep the engines of ``var`` running for the time of the block.

    ``durable=False`` is for data that is thrown away: nothing is written safely.
    Raises EngineError, with a sentence for the person who started us.
    """
    if not kinds:
        yield []
        return
    make_private_folder(var)
    account = engine_account(var)
    found = [kind(var, account, durable=durable) for kind in kinds]
    with open_lock(var / USERS_LOCK) as users:
        try:
            with exclusively(var / CHANGES_LOCK):
                is_first = try_alone(users)
                share(users)
                if is_first:
                    make_sockets_folder(addresses.sockets_folder(var), account)
                    start(found)
                else:
                    _wait_for_neighbour(found)
            yield found
        finally:
            with exclusively(var / CHANGES_LOCK):
                if try_alone(users):
                    _stop_all(var)


def stop_unused_engines(var: Path) -> bool:
    """Stop what a killed process has left running; say whether nobody uses it now."""
    if not var.exists():
        return True
    with (
        open_lock(var / USERS_LOCK) as users,
        exclusively(var / CHANGES_LOCK),
    ):
        is_unused = try_alone(users)
        if is_unused:
            _stop_all(var)
    return is_unused


def _stop_all(var: Path) -> None:
    account = engine_account(var)
    for kind in (Valkey, PostgreSQL):
        kind(var, account).stop()
    sockets = addresses.sockets_folder(var)
    if is_private(sockets, account):
        shutil.rmtree(sockets)


def start(found: list[Engine]) -> None:
    """Start those engines that do not answer, all at the same time."""
    silent = [engine for engine in found if not engine.is_ready()]
    for engine in silent:
        engine.launch()
    for engine in silent:
        engine.wait_ready()


def revive(found: list[Engine]) -> list[str]:
    """Start again what has died; return the names."""
    dead = [engine for engine in found if not engine.processes()]
    start(dead)
    return [engine.title for engine in dead]


def _wait_for_neighbour(found: list[Engine]) -> None:
    """Wait for engines that another process keeps running."""
    for engine in found:
        if not wait_until(engine.is_ready, NEIGHBOUR_TIMEOUT_SECONDS):
            raise EngineError(
                f"Another process uses {engine.var}, but its {engine.title} does not "
                "answer: stop that process and try again."
            )
