"""A page of another origin calls the API, in a real browser."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from integrations.gateway import cors
from integrations.gateway.models import AllowedOrigin
from integrations.gateway.services import save_origin
from organizations.models import Membership
from organizations.tokens import open_family

CALL = """async ({address, token}) => {
    try {
        const response = await fetch(address, {
            method: "POST",
            headers: {
                "Authorization": `Bearer ${token}`,
                "Content-Type": "application/json",
                "Idempotency-Key": "one",
            },
            body: JSON.stringify({name: "Sales"}),
        });
        return {
            status: response.status,
            tag: response.headers.get("ETag"),
            left: response.headers.get("RateLimit"),
            name: (await response.json()).name,
        };
    } catch (error) {
        return {error: error.name};
    }
}"""


class EmptyPage(BaseHTTPRequestHandler):
    """A page of somebody else's, without a policy of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """Serve pages that are not ours; return the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.django_db(transaction=True)
def test_pages_of_listed_origins_alone_read_answers(
    owner: Membership, context: BrowserContext, elsewhere: int, live_server: Any
) -> None:
    listed, other = (
        f"http://{host}:{elsewhere}" for host in ("127.0.0.1", "localhost")
    )
    save_origin(AllowedOrigin(organization=owner.organization, origin=listed))
    cors.forget()
    told = {
        "address": f"{live_server.url}/api/v1/departments/",
        "token": open_family(owner).access,
    }

    def called_from(origin: str) -> Any:
        page = context.new_page()
        page.goto(origin)
        return page.evaluate(CALL, told)

    read, refused = called_from(listed), called_from(other)

    assert read.pop("left", "").startswith('"'), read
    assert read == {"status": 201, "tag": '"1"', "name": "Sales"}
    assert refused == {"error": "TypeError"}
