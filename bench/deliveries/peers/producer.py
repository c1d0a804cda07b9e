# Django has to be set up before models are imported.
# ruff: noqa: E402
"""Make things happen in the usual designs, as `bench.deliveries.producing` asks."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.deliveries.peers.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import transaction
from django_webhook.models import Webhook, WebhookSecret, WebhookTopic

from bench.deliveries.peers.models import Delivery, Person
from bench.deliveries.peers.tasks import deliver
from bench.deliveries.producing import NOTE, serve


class UsualDesign:
    """One row and one task for each delivery."""

    def __init__(self, url: str) -> None:
        self.url = url

    def happen(self, marks: list[int]) -> None:
        """Write rows in one transaction; send a task for each after its commit."""
        with transaction.atomic():
            rows = Delivery.objects.bulk_create(
                Delivery(url=self.url, payload={"name": f"mark-{mark}", "note": NOTE})
                for mark in marks
            )
            for row in rows:
                transaction.on_commit(lambda key=row.pk: deliver.delay(key))


class DjangoWebhook:
    """The package, as its documentation says: it watches a model's signals."""

    def __init__(self, url: str) -> None:
        topic, _ = WebhookTopic.objects.get_or_create(name="peers.Person/create")
        Webhook.objects.all().delete()
        webhook = Webhook.objects.create(url=url)
        webhook.topics.add(topic)
        WebhookSecret.objects.create(webhook=webhook, token="0123456789abcdef" * 2)

    def happen(self, marks: list[int]) -> None:
        """Save one after the other: bulk writes send no signal."""
        for mark in marks:
            Person.objects.create(name=f"mark-{mark}", note=NOTE)


def main() -> None:
    """Prepare the database, then serve orders."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    design = {"usual": UsualDesign, "django-webhook": DjangoWebhook}[sys.argv[1]]
    serve(design(sys.argv[2]).happen)


if __name__ == "__main__":
    main()
