"""How API keys are written, and what each way tells."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.management import call_command

from integrations.api_keys import services
from integrations.api_keys.models import ApiKey
from organizations.roles import Role
from tests.factories import MembershipFactory
from tests.factories.api_keys import ApiKeyFactory
from tests.project.ways.stage import SILENT, Stage, Write, select, way

KEYS = "/api/v1/api-keys/"
PAYROLL_KEY = {"name": "Payroll", "scopes": ["employees:read"]}


def a_key(stage: Stage) -> ApiKey:
    made: ApiKey = ApiKeyFactory(**stage.mine, owner=stage.browser.membership.user)
    return made


@way("POST api:api-key-list")
def _(stage: Stage) -> Write:
    return Write(lambda: stage.api.send("POST", KEYS, PAYROLL_KEY), ["api_key.created"])


@way("PUT api:api-key-detail", "PATCH api:api-key-detail")
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"{KEYS}{a_key(stage).pk}/"
    return Write(
        lambda: stage.api.send(method, address, PAYROLL_KEY), ["api_key.updated"]
    )


@way("DELETE api:api-key-detail")
def _(stage: Stage) -> Write:
    key = services.revoke_key(a_key(stage))
    return Write(
        lambda: stage.api.send("DELETE", f"{KEYS}{key.pk}/"), ["api_key.deleted"]
    )


@way("POST api:api-key-rotate")
def _(stage: Stage) -> Write:
    address = f"{KEYS}{a_key(stage).pk}/rotate/"
    return Write(
        lambda: stage.api.send("POST", address, {"overlap_seconds": 60}),
        ["api_key.created", "api_key.rotated"],
    )


@way("POST api:api-key-revoke", "POST api:api-key-disable")
def _(stage: Stage, name: str) -> Write:
    verb = name.rpartition("-")[2]
    address = f"{KEYS}{a_key(stage).pk}/{verb}/"
    return Write(lambda: stage.api.send("POST", address), [f"api_key.{verb}d"])


@way("POST api:api-key-enable")
def _(stage: Stage) -> Write:
    key = services.disable_key(a_key(stage))
    return Write(
        lambda: stage.api.send("POST", f"{KEYS}{key.pk}/enable/"), ["api_key.enabled"]
    )


@way("POST api:api-key-adopt")
def _(stage: Stage) -> Write:
    key = ApiKeyFactory(**stage.mine)
    return Write(
        lambda: stage.api.send("POST", f"{KEYS}{key.pk}/adopt/"), ["api_key.adopted"]
    )


@way(
    "PUT api:api-key-policy", "service integrations.api_keys.services.rules.set_policy"
)
def _(stage: Stage, name: str) -> Write:
    answer = {"max_lifetime_days": 90}
    ways: dict[str, Callable[[], Any]] = {
        "PUT": lambda: stage.api.send("PUT", f"{KEYS}policy/", answer),
        "service": lambda: services.set_policy(stage.organization, **answer),
    }
    return Write(ways[name.split(maxsplit=1)[0]], ["api_key_policy.changed"])


CHANGING = "service integrations.api_keys.services.changing."
MAKING = "service integrations.api_keys.services.making."


@way(f"{MAKING}create_key")
def _(stage: Stage) -> Write:
    owner = stage.browser.membership.user
    return Write(
        lambda: services.create_key(stage.organization, owner=owner, **PAYROLL_KEY),
        ["api_key.created"],
    )


@way(f"{MAKING}rotate_key")
def _(stage: Stage) -> Write:
    key = a_key(stage)
    return Write(
        lambda: services.rotate_key(key, overlap=dt.timedelta(0)),
        ["api_key.created", "api_key.rotated"],
    )


@way(f"{CHANGING}update_key")
def _(stage: Stage) -> Write:
    key = a_key(stage)
    return Write(lambda: services.update_key(key, name="Other"), ["api_key.updated"])


@way(f"{CHANGING}disable_key", f"{CHANGING}revoke_key")
def _(stage: Stage, name: str) -> Write:
    verb = name.rpartition(".")[2].removesuffix("_key")
    key = a_key(stage)
    return Write(lambda: getattr(services, f"{verb}_key")(key), [f"api_key.{verb}d"])


@way(f"{CHANGING}enable_key")
def _(stage: Stage) -> Write:
    key = services.disable_key(a_key(stage))
    return Write(lambda: services.enable_key(key), ["api_key.enabled"])


@way(f"{CHANGING}delete_key")
def _(stage: Stage) -> Write:
    key = services.revoke_key(a_key(stage))
    return Write(lambda: services.delete_key(key), ["api_key.deleted"])


@way(f"{CHANGING}freeze_keys_of", f"{CHANGING}freeze_keys_by_password")
def _(stage: Stage, name: str) -> Write:
    key, freeze = a_key(stage), getattr(services, name.rpartition(".")[2])
    return Write(lambda: freeze(key.owner), ["api_key.frozen"])


@way(f"{CHANGING}adopt_key")
def _(stage: Stage) -> Write:
    key = a_key(stage)
    member = MembershipFactory(**stage.mine, role=Role.OWNER)
    return Write(lambda: services.adopt_key(key, member.user), ["api_key.adopted"])


@way("page api_keys:new")
def _(stage: Stage) -> Write:
    form = {"name": "Payroll", "environment": "live", "scopes": ["employees:read"]}
    return Write(
        lambda: stage.browser.post("/api-keys/new/", form), ["api_key.created"]
    )


@way("page api_keys:change")
def _(stage: Stage) -> Write:
    key = a_key(stage)
    form = {"name": "Other", "scopes": key.scopes, "version": key.version}
    return Write(
        lambda: stage.browser.post(f"/api-keys/{key.pk}/change/", form),
        ["api_key.updated"],
    )


@way("page api_keys:rotate")
def _(stage: Stage) -> Write:
    address = f"/api-keys/{a_key(stage).pk}/rotate/"
    return Write(
        lambda: stage.browser.post(address, {"overlap_hours": 24}),
        ["api_key.created", "api_key.rotated"],
    )


@way("page api_keys:act")
def _(stage: Stage) -> Write:
    address = f"/api-keys/{a_key(stage).pk}/act/"
    form = {"act": "revoke", "reason": "Leaked"}
    return Write(lambda: stage.browser.post(address, form), ["api_key.revoked"])


@way("page api_keys:policy")
def _(stage: Stage) -> Write:
    form = {"max_lifetime_days": 90}
    return Write(
        lambda: stage.browser.post("/api-keys/policy/", form),
        ["api_key_policy.changed"],
    )


@way("command create_api_key")
def _(stage: Stage) -> Write:
    return Write(
        lambda: call_command(
            "create_api_key",
            organization=stage.organization.slug,
            name="Script",
            scopes="employees:read",
        ),
        ["api_key.created"],
    )


ADMIN = "admin api_keys.apikey action "


@way(f"{ADMIN}switch_off", f"{ADMIN}revoke")
def _(stage: Stage, name: str) -> Write:
    action = name.rpartition(" ")[2]
    told = {"switch_off": "disabled", "revoke": "revoked"}[action]
    keys = [a_key(stage), a_key(stage)]
    return Write(
        lambda: select(stage, "api_keys/apikey", action, keys),
        [f"api_key.{told}"] * 2,
    )


@way(f"{ADMIN}switch_on")
def _(stage: Stage) -> Write:
    key = services.disable_key(a_key(stage))
    return Write(
        lambda: select(stage, "api_keys/apikey", "switch_on", [key]),
        ["api_key.enabled"],
    )


@way(f"{ADMIN}take_over")
def _(stage: Stage) -> Write:
    key = ApiKeyFactory(**stage.mine)
    return Write(
        lambda: select(stage, "api_keys/apikey", "take_over", [key]),
        ["api_key.adopted"],
    )


@way(f"{ADMIN}delete_selected")
def _(stage: Stage) -> Write:
    key = services.revoke_key(a_key(stage))
    return Write(
        lambda: select(stage, "api_keys/apikey", "delete_selected", [key], post=1),
        ["api_key.deleted"],
    )


@way("admin api_keys_apikey_delete")
def _(stage: Stage) -> Write:
    key = services.revoke_key(a_key(stage))
    address = f"/admin/api_keys/apikey/{key.pk}/delete/"
    return Write(
        lambda: stage.browser.post(address, {"post": "yes"}), ["api_key.deleted"]
    )


SILENT.update(
    {
        "admin api_keys_apikey_add": "leads to the page's form",
        "admin api_keys_apikey_change": "read; its own page changes it",
        "page api_keys:list": "read",
        "page api_keys:key": "read",
        "service integrations.api_keys.services.rules.*": "asked, before it is written",
    }
)
