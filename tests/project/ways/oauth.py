"""What is done with apps."""

from typing import Any

from integrations.oauth import services
from tests.factories import MembershipFactory
from tests.factories.oauth import ApplicationFactory
from tests.project.ways.stage import SILENT, Stage, Write, select, way

FORM = {
    "name": "Rota planner",
    "kind": "web",
    "redirect_uris": "https://rota.example.com/callback",
    "allowed_scopes": ["employees:read"],
    "is_enabled": "on",
}
BODY = FORM | {"redirect_uris": [FORM["redirect_uris"]], "is_enabled": True}


@way("admin oauth_application_add")
def _(stage: Stage) -> Write:
    return Write(
        lambda: stage.browser.post("/admin/oauth/application/add/", FORM),
        ["oauth_app.created"],
    )


@way("admin oauth_application_change", "admin oauth_application_delete")
def _(stage: Stage, name: str) -> Write:
    page = name.rpartition("_")[2]
    address = f"/admin/oauth/application/{ApplicationFactory(**stage.mine).pk}/{page}/"
    form = FORM | {"version": 1, "post": "yes"}
    told = {"change": "updated", "delete": "deleted"}[page]
    return Write(lambda: stage.browser.post(address, form), [f"oauth_app.{told}"])


@way("admin oauth.application action delete_selected")
def _(stage: Stage) -> Write:
    apps = [ApplicationFactory(**stage.mine), ApplicationFactory(**stage.mine)]
    return Write(
        lambda: select(stage, "oauth/application", "delete_selected", apps, post=1),
        ["oauth_app.deleted"] * 2,
    )


@way("admin oauth_application_renew_secret", "admin oauth_application_take_over")
def _(stage: Stage, name: str) -> Write:
    pk = ApplicationFactory(**stage.mine).pk
    address = "renew-secret" if name.endswith("secret") else "take-over"
    told = "secret_renewed" if name.endswith("secret") else "taken_over"
    return Write(
        lambda: stage.browser.post(f"/admin/oauth/application/{pk}/{address}/"),
        [f"oauth_app.{told}"],
    )


@way("POST api:app-list")
def _(stage: Stage) -> Write:
    return Write(
        lambda: stage.api.send("POST", "/api/v1/apps/", BODY), ["oauth_app.created"]
    )


@way("PUT api:app-detail", "PATCH api:app-detail", "DELETE api:app-detail")
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"/api/v1/apps/{ApplicationFactory(**stage.mine).pk}/"
    body: Any = None if method == "DELETE" else BODY
    told = "deleted" if method == "DELETE" else "updated"
    return Write(lambda: stage.api.send(method, address, body), [f"oauth_app.{told}"])


@way("POST api:app-renew", "POST api:app-takeover")
def _(stage: Stage, name: str) -> Write:
    address = f"/api/v1/apps/{ApplicationFactory(**stage.mine).pk}"
    if name.endswith("renew"):
        return Write(
            lambda: stage.api.send("POST", f"{address}/renew-secret/"),
            ["oauth_app.secret_renewed"],
        )
    return Write(
        lambda: stage.api.send("POST", f"{address}/take-over/"),
        ["oauth_app.taken_over"],
    )


@way("service integrations.oauth.services.register_application")
def _(stage: Stage) -> Write:
    owner = MembershipFactory(**stage.mine).user
    return Write(
        lambda: services.register_application(stage.organization, owner=owner, **BODY),
        ["oauth_app.created"],
    )


@way("service integrations.oauth.services.update_application")
def _(stage: Stage) -> Write:
    app = ApplicationFactory(**stage.mine)
    return Write(
        lambda: services.update_application(app, is_enabled=False),
        ["oauth_app.updated"],
    )


@way(
    "service integrations.oauth.services.renew_secret",
    "service integrations.oauth.services.take_over_application",
)
def _(stage: Stage, name: str) -> Write:
    app = ApplicationFactory(**stage.mine)
    if name.endswith("renew_secret"):
        return Write(lambda: services.renew_secret(app), ["oauth_app.secret_renewed"])
    owner = MembershipFactory(**stage.mine).user
    return Write(
        lambda: services.take_over_application(app, owner), ["oauth_app.taken_over"]
    )


SILENT.update(
    {
        "page oauth:*": "consents, grants and tokens are logins, not records",
        "service integrations.oauth.services.*_consent": "the same",
    }
)
