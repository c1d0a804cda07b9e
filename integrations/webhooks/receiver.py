"""A receiver for developers: verifies every event and prints it as it arrives.

It checks signatures with the ``standardwebhooks`` package, not with our own code, so
what it accepts is what an integrator's receiver accepts.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

MAX_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the receiver answers: it may fail now and then, or take its time.

    ``fail_rate`` is the share of requests, 0 to 1, that it answers with 500.
    """

    fail_rate: float = 0.0
    delay_seconds: float = 0.0


class Receiver(ThreadingHTTPServer):
    """An HTTP/1.1 server with kept-alive connections, a thread for each.

    ``read_secret`` is asked at every event, since the endpoint may be created after
    the receiver was started; None means that nothing can be verified yet.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        *,
        read_secret: Callable[[], str | None],
        show: Callable[[str], None],
        behaviour: Behaviour,
    ) -> None:
        super().__init__(address, _Handler)
        self._read_secret = read_secret
        self._show = show
        self._print_lock = threading.Lock()
        self.behaviour = behaviour

    def verified(self, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Return the event of a signed request.

        Raises WebhookVerificationError for a signature that is missing, too old or
        wrong, and when no secret is known.
        """
        secret = self._read_secret()
        if secret is None:
            raise WebhookVerificationError("no secret is known here yet")
        event: dict[str, Any] = Webhook(secret).verify(body, headers)
        return event

    def show(self, line: str) -> None:
        """Print one line; lines of two threads never mix."""
        with self._print_lock:
            self._show(line)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: Receiver

    def do_POST(self) -> None:
        """Verify, print, answer."""
        length = int(self.headers.get("content-length", 0))
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(length)
        try:
            event = self.server.verified(body, dict(self.headers.items()))
        except (WebhookVerificationError, ValueError) as error:
            self.server.show(f"{_now()} refused: {error or 'no valid signature'}")
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        behaviour = self.server.behaviour
        time.sleep(behaviour.delay_seconds)
        if random.random() < behaviour.fail_rate:  # noqa: S311 - no secret
            self.server.show(f"{_describe(event)} answered with 500, as asked")
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        self.server.show(f"{_describe(event)} verified ✓")
        self._answer(HTTPStatus.OK)

    def do_GET(self) -> None:
        """Say what this is, to whoever opens it in a browser."""
        self._answer(HTTPStatus.OK, "The webhook receiver is up; events come as POST.")

    def _answer(self, status: HTTPStatus, text: str = "") -> None:
        content = (text or status.phrase).encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing of our own: events are printed, requests are not."""


def _describe(event: dict[str, Any]) -> str:
    subject = event.get("subject") or {}
    changes = ", ".join(event.get("changes") or [])
    parts = [
        _now(),
        str(event.get("type")),
        f"{subject.get('type')} {subject.get('id')}",
        f"#{event.get('sequence')}",
        f"[{changes}]" if changes else "",
        str(event.get("id")),
    ]
    return " ".join(part for part in parts if part)


def _now() -> str:
    return time.strftime("%H:%M:%S")
