"""``manage.py webhook_receiver``: watch events arrive."""

import os
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.webhooks.receiver import Behaviour, Receiver
from integrations.webhooks.signing import signing_key

# Where the demo organization keeps the secret of its endpoint.
DEMO_SECRET = Path("demo") / "receiver-secret"


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ArgumentTypeError("give a share from 0 to 1")
    return share


def _seconds(text: str) -> float:
    seconds = float(text)
    if seconds < 0:
        raise ArgumentTypeError("give seconds, 0 or more")
    return seconds


class Command(BaseCommand):
    """A receiver for developers."""

    help = (
        "Receive webhooks, verify their signatures with the standardwebhooks package, "
        "and print each event as it arrives."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        address = urlsplit(settings.WEBHOOK_RECEIVER_URL)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=address.port or 9000)
        parser.add_argument(
            "--secret",
            default=os.environ.get("WEBHOOK_RECEIVER_SECRET"),
            help="whsec_…; default: $WEBHOOK_RECEIVER_SECRET, else the demo endpoint's",
        )
        parser.add_argument(
            "--fail-rate", type=_share, default=0.0, help="share answered with 500"
        )
        parser.add_argument(
            "--delay", type=_seconds, default=0.0, help="seconds before each answer"
        )

    def handle(
        self,
        *,
        host: str,
        port: int,
        secret: str | None,
        fail_rate: float,
        delay: float,
        **options: Any,
    ) -> None:
        read_secret = _given(secret) if secret else _demo_secret
        try:
            receiver = Receiver(
                (host, port),
                read_secret=read_secret,
                show=self._print,
                behaviour=Behaviour(fail_rate=fail_rate, delay_seconds=delay),
            )
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error}") from error
        with receiver:
            self._print(f"Receiving at http://{host}:{receiver.server_port}/ …")
            try:
                receiver.serve_forever()
            except KeyboardInterrupt:
                self._print("Stopped.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _given(secret: str) -> Callable[[], str]:
    try:
        signing_key(secret)
    except ValueError as error:
        raise CommandError(str(error)) from error
    return lambda: secret


def _demo_secret() -> str | None:
    """Return the demo endpoint's secret; None until the demo was loaded."""
    path: Path = settings.VAR / DEMO_SECRET
    return path.read_text().strip() if path.is_file() else None
