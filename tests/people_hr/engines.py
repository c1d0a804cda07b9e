"""Looking at the engines of a data folder from outside."""

from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from people_hr import embedded
from people_hr.embedded.account import engine_account
from people_hr.embedded.postgresql import PostgreSQL
from people_hr.embedded.valkey import Valkey


def processes(var: Path) -> list[psutil.Process]:
    account = engine_account(var)
    return [
        process
        for kind in (PostgreSQL, Valkey)
        for process in kind(var, account).processes()
    ]


def leaders(var: Path) -> set[int]:
    """Return the ids of the processes that started the others, which come and go."""
    parents: dict[int, int] = {}
    for process in processes(var):
        with suppress(psutil.NoSuchProcess):
            parents[process.pid] = process.ppid()
    return {pid for pid, parent in parents.items() if parent not in parents}


def connect(var: Path) -> psycopg.Connection:
    return psycopg.connect(embedded.database_url(var), autocommit=True)
