"""The private PostgreSQL and Valkey of an installation that names no servers.

Both listen on Unix sockets alone, in a short private folder whose name is derived
from the data folder: long paths, spaces and several checkouts need no ports.
"""

from people_hr.embedded.account import EngineError
from people_hr.embedded.addresses import (
    broker_url,
    data_folder,
    database_url,
    redis_url,
    sockets_folder,
)
from people_hr.embedded.engine import Engine
from people_hr.embedded.keys import generated_key, generated_rsa_key
from people_hr.embedded.lifetime import (
    engines,
    revive,
    stop_unused_engines,
    wanted_engines,
)

__all__ = [
    "Engine",
    "EngineError",
    "broker_url",
    "data_folder",
    "database_url",
    "engines",
    "generated_key",
    "generated_rsa_key",
    "redis_url",
    "revive",
    "sockets_folder",
    "stop_unused_engines",
    "wanted_engines",
]
