"""Records that are kept as they are: added, changed and deleted by API and admin.

An app calls :func:`keep` for each; every one of these ways tells one event a record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.project.ways.stage import Stage, Write, select, way

Body = Callable[[Stage], dict[str, Any]]


@dataclass(frozen=True)
class Kept:
    """A model of an app, and how its records are written.

    ``noun`` begins its events, ``route`` its addresses in the API, ``place`` is where
    they lie. ``form`` is what the admin takes, where that is not the API's body.
    """

    app: str
    model: str
    noun: str
    route: str
    place: str
    body: Body
    row: Callable[[Stage], Any]
    form: Body | None = None
    has_bulk: bool = True

    def in_admin(self, stage: Stage) -> dict[str, Any]:
        return (self.form or self.body)(stage)


def keep(kept: Kept) -> None:
    """Register every way of writing such a record."""
    _keep_by_api(kept)
    _keep_in_admin(kept)


def _keep_by_api(kept: Kept) -> None:
    address = f"/api/v1/{kept.place}/"

    @way(f"POST api:{kept.route}-list")
    def _(stage: Stage) -> Write:
        body = kept.body(stage)
        return Write(
            lambda: stage.api.send("POST", address, body), [f"{kept.noun}.created"]
        )

    if kept.has_bulk:

        @way(f"POST api:{kept.route}-bulk")
        def _(stage: Stage) -> Write:
            items = {"items": [kept.body(stage)]}
            return Write(
                lambda: stage.api.send("POST", f"{address}bulk/", items),
                [f"{kept.noun}.created"],
            )

    @way(*(f"{method} api:{kept.route}-detail" for method in ("PUT", "PATCH")))
    def _(stage: Stage, name: str) -> Write:
        method, body = name.split(maxsplit=1)[0], kept.body(stage)
        of_one = f"{address}{kept.row(stage).pk}/"
        return Write(
            lambda: stage.api.send(method, of_one, body), [f"{kept.noun}.updated"]
        )

    @way(f"DELETE api:{kept.route}-detail")
    def _(stage: Stage) -> Write:
        of_one = f"{address}{kept.row(stage).pk}/"
        return Write(
            lambda: stage.api.send("DELETE", of_one, None), [f"{kept.noun}.deleted"]
        )


def _keep_in_admin(kept: Kept) -> None:
    path, named = f"{kept.app}/{kept.model}", f"{kept.app}_{kept.model}"
    address = f"/admin/{path}/"

    @way(f"admin {named}_add")
    def _(stage: Stage) -> Write:
        form = kept.in_admin(stage)
        return Write(
            lambda: stage.browser.post(f"{address}add/", form),
            [f"{kept.noun}.created"],
        )

    @way(f"admin {named}_change")
    def _(stage: Stage) -> Write:
        of_one = f"{address}{kept.row(stage).pk}/change/"
        form = kept.in_admin(stage) | {"version": 1}
        return Write(lambda: stage.browser.post(of_one, form), [f"{kept.noun}.updated"])

    @way(f"admin {named}_delete")
    def _(stage: Stage) -> Write:
        of_one = f"{address}{kept.row(stage).pk}/delete/"
        return Write(
            lambda: stage.browser.post(of_one, {"post": "yes"}),
            [f"{kept.noun}.deleted"],
        )

    @way(f"admin {kept.app}.{kept.model} action delete_selected")
    def _(stage: Stage) -> Write:
        rows = [kept.row(stage), kept.row(stage)]
        return Write(
            lambda: select(stage, path, "delete_selected", rows, post=1),
            [f"{kept.noun}.deleted"] * 2,
        )
