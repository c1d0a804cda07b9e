"""Looking at the engines of a data folder from outside."""

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


def connect(var: Path) -> psycopg.Connection:
    return psycopg.connect(embedded.database_url(var), autocommit=True)
