"""A real HTTP server in a thread: what it was asked, and what it shall answer."""

import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)


class Sink(ThreadingHTTPServer):
    """Keeps every request and gives each the same answer; a test may change it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._is_tls = tls is not None
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self._arrived = threading.Condition()
        self.requests: list[Request] = []
        self.connections = 0
        self.answer = Answer()
        self.takes_seconds = 0.0
        self._hangs_after = 0
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._thread = threading.Thread(target=self.serve_forever, args=[0.01])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.go_on()
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        scheme = "https" if self._is_tls else "http"
        return f"{scheme}://127.0.0.1:{self.server_port}/hook"

    def hang(self, after: int = 0) -> None:
        """Answer so many requests, and no more until `go_on`."""
        self._hangs_after = after
        self._may_go_on.clear()

    def go_on(self) -> None:
        self._may_go_on.set()

    def take(self, request: Request) -> Answer:
        """Note a request, and return its answer when it is time."""
        with self._arrived:
            self.requests.append(request)
            number = len(self.requests)
            self._arrived.notify_all()
        if number > self._hangs_after:
            self._may_go_on.wait(60)
        threading.Event().wait(self.takes_seconds)
        return self.answer

    def wait_for(self, count: int, timeout: float = 30.0) -> None:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout)

    def get_request(self) -> Any:
        connection = super().get_request()
        self.connections += 1
        return connection

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Sink

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, self.rfile.read(length))
        answer = self.server.take(request)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *arguments: Any) -> None:
        pass
