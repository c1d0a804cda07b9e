"""``manage.py rotate_signing_keys``: the keys that sign the API's tokens."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.models import SigningKey
from organizations.tokens import forget_ring
from organizations.tokens.keys import remove_key, rotate_keys


class Command(BaseCommand):
    """Does by hand what beat does once a day."""

    help = (
        "Let the next key sign when the current one is SIGNING_KEY_DAYS old, and "
        "remove keys whose last token has expired. Safe to run at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", action="store_true", help="do not wait for the key to be old"
        )
        parser.add_argument(
            "--remove",
            metavar="KID",
            help="remove a key that is no secret any more: its tokens end at once",
        )

    def handle(self, *, now: bool, remove: str | None, **options: Any) -> None:
        if remove is not None:
            self._remove(remove)
        rotation = rotate_keys(is_forced=now)
        forget_ring()
        for key_id in rotation.removed:
            self.stdout.write(f"Removed {key_id}, whose tokens have expired.")
        verb = "now signs" if rotation.is_new else "goes on signing"
        self.stdout.write(self.style.SUCCESS(f"{rotation.signs} {verb}."))
        for key in SigningKey.objects.all():
            self.stdout.write(str(key))

    def _remove(self, key_id: str) -> None:
        if not remove_key(key_id):
            raise CommandError(f"There is no key {key_id}.")
        self.stdout.write(f"Removed {key_id}; its tokens hold no more.")
