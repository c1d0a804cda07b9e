"""Whose account the engines run under, and what that account can reach.

PostgreSQL refuses to run as root. Started by root, the engines run as the owner of
the data folder, or as a system account; no folder's permissions are opened for it.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

SYSTEM_ACCOUNTS = ("postgres", "nobody")
# Where root keeps copies of programs that the engines' account cannot reach.
COPIES_HOME = Path("/var/lib/people-hr")
# A process can always name the folder it was started in, also where it could not go by
# itself; Linux alone has this name.
STARTED_IN = "/proc/self/cwd"


class EngineError(RuntimeError):
    """An engine cannot be started or used; the message says what to do."""


class Identity(TypedDict, total=False):
    """The arguments of ``subprocess`` that make a child run as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the engines of a data folder run under."""

    uid: int
    gid: int
    is_ours: bool

    def identity(self) -> Identity:
        """Return what makes a child process run under this account."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this account the owner of ``path``."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Say whether this account can reach what lies in ``folder``."""
        if self.is_ours:
            return True
        probe = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        finished = subprocess.run(  # noqa: S603
            probe, cwd="/", stderr=subprocess.DEVNULL, check=False, **self.identity()
        )
        return finished.returncode == 0

    def name_from_inside(self, folder: Path) -> str:
        """Return how a process that is started in ``folder`` can name it."""
        return str(folder) if self.can_enter(folder) else STARTED_IN


def engine_account(var: Path) -> Account:
    """Return whose account the engines of ``var`` run under."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_ours=True)
    for path in (var / "postgresql", var / "valkey", var):
        if path.exists() and path.stat().st_uid != 0:
            owner = path.stat()
            return Account(owner.st_uid, owner.st_gid, is_ours=False)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in SYSTEM_ACCOUNTS:
        if name in known:
            entry = known[name]
            return Account(entry.pw_uid, entry.pw_gid, is_ours=False)
    raise EngineError(
        "PostgreSQL does not run as root and there is no account named "
        f"{' or '.join(SYSTEM_ACCOUNTS)}: start People HR as an ordinary user, "
        "or set DATABASE_URL and REDIS_URL."
    )


def make_private_folder(folder: Path) -> None:
    """Make the data folder, closed to other people.

    Started by root, it stays root's; the engines' account may pass through it.
    """
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, 0, engine_account(folder).gid)
        folder.chmod(0o710)


def make_engine_folder(folder: Path, account: Account) -> Path:
    """Return ``folder``, made for ``account`` if it is missing."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.give(folder)
    return folder.resolve()


def make_sockets_folder(folder: Path, account: Account) -> None:
    """Make the folder that the engines listen in; refuse one that is not private."""
    try:
        folder.mkdir(mode=0o700)
        account.give(folder)
    except FileExistsError:
        if not is_private(folder, account):
            raise EngineError(
                f"{folder} is not a private folder of the account that runs the "
                "engines: remove it, or start People HR as its owner."
            ) from None


def is_private(folder: Path, account: Account) -> bool:
    """Say whether ``folder`` is one that nobody but ``account`` can enter."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    found = folder.stat()
    return found.st_uid == account.uid and not found.st_mode & 0o077
