"""What is done with webhooks: tests tell, settings and deliveries do not."""

from collections.abc import Callable
from typing import Any

from integrations.webhooks import services as webhooks
from integrations.webhooks.models import Delivery
from tests.factories import (
    EndpointFactory,
)
from tests.project.ways.stage import PAYROLL, SILENT, Stage, Write, select, way


@way("admin webhooks_endpoint_test", "admin webhooks.endpoint action send_test")
def _(stage: Stage, name: str) -> Write:
    endpoint = EndpointFactory(**stage.mine)
    address = f"/admin/webhooks/endpoint/{endpoint.pk}/test/"
    if name.endswith("_test") and "action" not in name:
        return Write(lambda: stage.browser.post(address), ["webhook_endpoint.tested"])
    return Write(
        lambda: select(stage, "webhooks/endpoint", "send_test", [endpoint]),
        ["webhook_endpoint.tested"],
    )


@way("POST api:webhook-test")
def _(stage: Stage) -> Write:
    address = f"/api/v1/webhooks/{EndpointFactory(**stage.mine).pk}/test/"
    return Write(lambda: stage.api.send("POST", address), ["webhook_endpoint.tested"])


@way("service integrations.webhooks.services.send_test_event")
def _(stage: Stage) -> Write:
    endpoint = EndpointFactory(**stage.mine)
    return Write(
        lambda: webhooks.send_test_event(endpoint), ["webhook_endpoint.tested"]
    )


@way("POST api:webhook-list")
def _(stage: Stage) -> Write:
    return Write(lambda: stage.api.send("POST", "/api/v1/webhooks/", PAYROLL), [])


@way("PUT api:webhook-detail", "PATCH api:webhook-detail", "DELETE api:webhook-detail")
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"/api/v1/webhooks/{EndpointFactory(**stage.mine).pk}/"
    body = None if method == "DELETE" else PAYROLL
    return Write(lambda: stage.api.send(method, address, body), [])


@way(
    "POST api:delivery-retry",
    "admin webhooks_delivery_send_again",
    "admin webhooks.delivery action send_again",
    "service integrations.webhooks.services.send_again",
)
def _(stage: Stage, name: str) -> Write:
    """The same event goes out again; there is no new one."""
    endpoint = EndpointFactory(**stage.mine)
    stage.employee()
    delivery = Delivery.objects.get(endpoint=endpoint)
    deliveries = f"/api/v1/webhooks/{endpoint.pk}/deliveries"
    ways: dict[str, Callable[[], Any]] = {
        "POST": lambda: stage.api.send("POST", f"{deliveries}/{delivery.pk}/retry/"),
        "service": lambda: webhooks.send_again(delivery),
        "admin": lambda: stage.browser.post(
            f"/admin/webhooks/delivery/{delivery.pk}/send-again/"
        ),
    }
    if "action" in name:
        return Write(
            lambda: select(stage, "webhooks/delivery", "send_again", [delivery]), []
        )
    return Write(ways[name.split(maxsplit=1)[0]], [])


SILENT.update(
    {
        "admin webhooks_endpoint_*": "endpoints are settings: no event would end",
        "admin webhooks.endpoint action delete_selected": "the same",
        "admin webhooks_event_*": "the log is read",
        "admin webhooks_delivery_*": "deliveries are the workers' doing",
        "admin webhooks.delivery inline *": "read",
        "admin webhooks.event inline *": "read",
        "command webhook_receiver": "receives",
        "service integrations.webhooks.services.*_endpoint": "endpoints are settings",
        "task integrations.*": "delivers, prunes and watches",
    }
)
