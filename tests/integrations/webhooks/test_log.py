import datetime as dt

import pytest
import time_machine

from integrations.webhooks.log import prune_events
from integrations.webhooks.models import Attempt, Delivery, Event
from tests.factories import EndpointFactory
from tests.integrations.webhooks.stories import happen, send_what_is_due

MONTH = dt.timedelta(days=30)


@pytest.mark.django_db(transaction=True)
def test_finished_events_are_forgotten_after_a_month(sink):
    endpoint = EndpointFactory(url=sink.url)
    happen(endpoint.organization, 3)
    send_what_is_due()
    assert Attempt.objects.count() == 3

    with time_machine.travel(dt.timedelta(days=29)):
        assert prune_events(older_than=MONTH) == 0
    with time_machine.travel(dt.timedelta(days=31)):
        assert prune_events(older_than=MONTH) == 3

    assert [model.objects.count() for model in (Event, Delivery, Attempt)] == [0, 0, 0]


@pytest.mark.django_db
def test_what_still_waits_is_kept():
    endpoint = EndpointFactory()
    waiting, finished = happen(endpoint.organization, 2)
    rows = Delivery.objects.filter(event__id=finished.removeprefix("evt_"))
    rows.update(status="failed", due_at=None)

    with time_machine.travel(dt.timedelta(days=31)):
        assert prune_events(older_than=MONTH) == 1

    assert [event.public_id for event in Event.objects.all()] == [waiting]
