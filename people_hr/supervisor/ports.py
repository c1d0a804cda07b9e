"""Ports on this machine, claimed so that two installations never share one."""

import errno
import os
import socket
from contextlib import ExitStack
from pathlib import Path

from people_hr.embedded.account import Account, make_sockets_folder
from people_hr.embedded.addresses import SOCKETS_HOME
from people_hr.embedded.locks import open_lock, try_alone

TRIED_PORTS = 100


class PortTaken(RuntimeError):
    """No port is free; the message says which were tried."""


def claim_port(host: str, first: int, stack: ExitStack, *, only: bool = False) -> int:
    """Return the first free port from ``first`` on, ours until ``stack`` closes.

    A free port alone is no promise: two servers that start together would both find
    it, and the web server lets several processes listen on one. So a lock is held.
    Raises PortTaken; with ``only``, no other port than ``first`` is tried.
    """
    last = first if only else min(first + TRIED_PORTS, 65535)
    for port in range(first, last + 1):
        with ExitStack() as attempt:
            descriptor = attempt.enter_context(open_lock(_claims_folder() / str(port)))
            if try_alone(descriptor) and is_free(host, port):
                stack.push(attempt.pop_all())
                return port
    if only:
        raise PortTaken(f"Port {first} is taken: choose another.")
    raise PortTaken(f"No port from {first} to {last} is free.")


def is_free(host: str, port: int) -> bool:
    """Say whether nobody listens on ``port``.

    Raises PortTaken when ``host`` is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections that ended a moment ago do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise PortTaken(f"Cannot listen on {host}: {error.strerror}.") from error
    return True


def _claims_folder() -> Path:
    folder = SOCKETS_HOME / f"people-hr-ports-{os.geteuid()}"
    account = Account(os.geteuid(), os.getegid(), is_ours=True)
    make_sockets_folder(folder, account)
    return folder
