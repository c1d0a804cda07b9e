"""The receiver for all designs: an epoll loop that notes when each mark arrived.

Run as a process of its own. Every delivery carries ``mark-<number>`` in its body. On
standard input, ``count`` asks how many have arrived, and ``report`` for the arrivals
(monotonic seconds, which all processes of a machine share) and the number of
connections; a report is forgotten once it is given.
"""

import json
import re
import select
import socket
import ssl
import sys
import time
from dataclasses import dataclass, field

MARK = re.compile(rb"mark-(\d+)")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Peer:
    """One connection: its socket, and what has been read of the next request."""

    socket: socket.socket
    pending: bytes = b""
    is_ready: bool = True


@dataclass
class Sink:
    """The loop's state."""

    listener: socket.socket
    tls: ssl.SSLContext | None
    poller: select.epoll = field(default_factory=select.epoll)
    peers: dict[int, Peer] = field(default_factory=dict)
    arrivals: list[tuple[int, float]] = field(default_factory=list)
    connections: int = 0

    def serve(self) -> None:
        """Answer until standard input ends."""
        self.poller.register(self.listener.fileno(), select.EPOLLIN)
        self.poller.register(sys.stdin.fileno(), select.EPOLLIN)
        while True:
            for descriptor, _ in self.poller.poll():
                if descriptor == self.listener.fileno():
                    self.accept()
                elif descriptor == sys.stdin.fileno():
                    self.tell(sys.stdin.readline())
                else:
                    self.read(descriptor, self.peers[descriptor])

    def accept(self) -> None:
        """Take a new connection."""
        accepted, _ = self.listener.accept()
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = Peer(accepted)
        if self.tls:
            peer.socket = self.tls.wrap_socket(
                accepted, server_side=True, do_handshake_on_connect=False
            )
            peer.is_ready = False
        self.peers[peer.socket.fileno()] = peer
        self.poller.register(peer.socket.fileno(), select.EPOLLIN)
        self.connections += 1

    def read(self, descriptor: int, peer: Peer) -> None:
        """Go on with a handshake or a request."""
        try:
            if not peer.is_ready:
                peer.socket.do_handshake()  # type: ignore[attr-defined]
                peer.is_ready = True
            chunk = peer.socket.recv(65536)
            while self.tls and peer.socket.pending():  # type: ignore[attr-defined]
                chunk += peer.socket.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            chunk = b""
        if not chunk:
            self.poller.unregister(descriptor)
            self.peers.pop(descriptor).socket.close()
            return
        peer.pending += chunk
        while self.answer(peer):
            pass

    def answer(self, peer: Peer) -> bool:
        """Answer one request, if all of it has come."""
        head, separator, body = peer.pending.partition(b"\r\n\r\n")
        if not separator:
            return False
        found = LENGTH.search(head)
        length = int(found.group(1)) if found else 0
        if len(body) < length:
            return False
        mark = MARK.search(body)
        if mark:
            self.arrivals.append((int(mark.group(1)), time.monotonic()))
        peer.pending = body[length:]
        peer.socket.send(OK)
        return True

    def tell(self, question: str) -> None:
        """Answer the benchmark."""
        if not question:
            sys.exit()
        if question.strip() == "count":
            print(len(self.arrivals), flush=True)
            return
        report = {"arrivals": self.arrivals, "connections": self.connections}
        print(json.dumps(report), flush=True)
        self.arrivals, self.connections = [], 0


def main() -> None:
    """Listen on a free port, print it, and serve; an argument names a certificate."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    tls = None
    if len(sys.argv) > 1:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[1])
    print(listener.getsockname()[1], flush=True)
    Sink(listener, tls).serve()


if __name__ == "__main__":
    main()
