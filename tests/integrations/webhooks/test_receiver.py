import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from integrations.webhooks.egress import EgressEngine, EgressLimits, EgressPolicy
from integrations.webhooks.receiver import Behaviour, Receiver
from integrations.webhooks.signing import (
    generate_secret,
    signature_headers,
    signing_key,
)

BODY = (
    b'{"id":"evt_1","type":"employee.updated","sequence":7,"changes":["department"],'
    b'"subject":{"type":"employee","id":"42","url":""}}'
)


@contextmanager
def receiver(
    secret: str | None, behaviour: Behaviour | None = None
) -> Iterator[tuple[str, list[str]]]:
    lines: list[str] = []
    server = Receiver(
        ("127.0.0.1", 0),
        read_secret=lambda: secret,
        show=lines.append,
        behaviour=behaviour or Behaviour(),
    )
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", lines
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(url: str, secret: str, body: bytes = BODY) -> int:
    """Send a signed event; return the status of the answer."""
    engine: EgressEngine[str] = EgressEngine(EgressPolicy(True), EgressLimits())
    headers = signature_headers(
        signing_key(secret), message_id="evt_1", timestamp=int(time.time()), body=body
    )
    engine.send("", url=url, headers=headers, body=body)
    while not (outcomes := engine.outcomes()):
        engine.wait(1.0)
    engine.close()
    return outcomes[0].status_code


def test_prints_what_came_and_that_it_is_genuine():
    secret = generate_secret()

    with receiver(secret) as (url, lines):
        assert post(url, secret) == 200

    (line,) = lines
    assert line[9:] == "employee.updated employee 42 #7 [department] evt_1 verified ✓"


@pytest.mark.parametrize("known", [generate_secret(), None], ids=["another", "none"])
def test_refuses_what_it_cannot_verify(known):
    with receiver(known) as (url, lines):
        assert post(url, generate_secret()) == 400

    assert "refused" in lines[0]


def test_refuses_signed_text_that_is_no_json():
    secret = generate_secret()

    with receiver(secret) as (url, lines):
        assert post(url, secret, b"no json") == 400

    assert "refused" in lines[0]


def test_fails_when_asked_to():
    secret = generate_secret()

    with receiver(secret, Behaviour(fail_rate=1)) as (url, lines):
        assert post(url, secret) == 500

    assert lines[0].endswith("answered with 500, as asked")


def test_the_command_says_where_it_receives_and_verifies():
    secret = generate_secret()
    command = [sys.executable, "-m", "django", "webhook_receiver", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--secret", secret],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    try:
        url = process.stdout.readline().split()[2]
        assert post(url, secret) == 200
        assert process.stdout.readline().rstrip().endswith("verified ✓")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--secret", "abc"], "A signing secret starts with whsec_."),
        (["--fail-rate", "2"], "give a share from 0 to 1"),
        (["--delay", "-1"], "give seconds, 0 or more"),
    ],
)
def test_the_command_says_what_is_wrong_with_its_arguments(arguments, complaint):
    with pytest.raises(CommandError, match=complaint):
        call_command("webhook_receiver", *arguments)
