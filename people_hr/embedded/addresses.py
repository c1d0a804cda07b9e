"""Where the engines of a data folder listen: computed, nothing is started."""

import hashlib
import os
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from people_hr.env import env_path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# A socket's path is limited to about 100 bytes, so data folders cannot hold theirs.
SOCKETS_HOME = Path("/tmp")  # noqa: S108 (the folder inside is private, and checked)
DATABASE_NAME = "people_hr"
POSTGRESQL_PORT = 5432


def data_folder() -> Path:
    """Return the data folder of this installation."""
    return env_path("PEOPLE_HR_VAR", default=CHECKOUT / "var")


def sockets_folder(var: Path) -> Path:
    """Return where the engines of ``var`` listen; it may not exist yet."""
    digest = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:16]
    return SOCKETS_HOME / f"people-hr-{digest}"


def valkey_socket(var: Path) -> Path:
    """Return the socket of the Valkey under ``var``."""
    return sockets_folder(var) / "valkey.sock"


def database_url(var: Path) -> str:
    """Return the address of the PostgreSQL under ``var``, started or not."""
    host = quote(str(sockets_folder(var)), safe="")
    return f"postgresql://{DATABASE_NAME}@{host}:{POSTGRESQL_PORT}/{DATABASE_NAME}"


def redis_url(var: Path) -> str:
    """Return the address of the Valkey under ``var``, started or not."""
    return f"unix://{valkey_socket(var)}?db=0"


def broker_url(redis_url: str) -> str:
    """Return a Redis address in the words of Celery and Flower."""
    address = urlsplit(redis_url)
    if address.scheme != "unix":
        return redis_url
    database = parse_qs(address.query).get("db", ["0"])[0]
    return f"redis+socket://{address.path}?virtual_host={database}"
