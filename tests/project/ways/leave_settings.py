"""How the settings of leave are written: its types, and the hours of weeks."""

from typing import Any

from tests.factories.leave import LeaveTypeFactory, WorkWeekFactory
from tests.project.ways.stage import Stage, Write, select, way

TYPE = {"name": "Study leave", "unit": "days", "yearly_grant": "5", "colour": "teal"}
WEEK = {
    "effective_on": "2026-06-01",
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "7.5"),
    **dict.fromkeys(("saturday", "sunday"), "0"),
}
#: By model: what its events are called, its place in the API, a body, what makes a row.
KEPT: dict[str, tuple[str, str, dict[str, Any], Any]] = {
    "leavetype": ("leave_type", "types", TYPE, LeaveTypeFactory),
    "workweek": ("work_week", "work-weeks", WEEK, WorkWeekFactory),
}
BY_ROUTE = {"leave-type": "leavetype", "work-week": "workweek"}


def row_of(stage: Stage, model: str, **fields: Any) -> Any:
    return KEPT[model][3](**stage.mine, **fields)


@way(
    *(f"POST api:{route}-list" for route in BY_ROUTE),
    "POST api:work-week-bulk",
)
def _(stage: Stage, name: str) -> Write:
    route, _, kind = name.partition(":")[2].rpartition("-")
    noun, place, body, _make = KEPT[BY_ROUTE[route]]
    address = f"/api/v1/leave/{place}/"
    if kind == "bulk":
        address, body = f"{address}bulk/", {"items": [body]}
    return Write(lambda: stage.api.send("POST", address, body), [f"{noun}.created"])


@way(
    *(
        f"{method} api:{route}-detail"
        for method in ("PUT", "PATCH", "DELETE")
        for route in BY_ROUTE
    )
)
def _(stage: Stage, name: str) -> Write:
    method, _, route = name.partition(" api:")
    model = BY_ROUTE[route.removesuffix("-detail")]
    noun, place, body, _make = KEPT[model]
    address = f"/api/v1/leave/{place}/{row_of(stage, model).pk}/"
    tells = f"{noun}.deleted" if method == "DELETE" else f"{noun}.updated"
    sent = None if method == "DELETE" else body
    return Write(lambda: stage.api.send(method, address, sent), [tells])


@way(*(f"admin leave_{model}_{page}" for model in KEPT for page in ("add", "change")))
def _(stage: Stage, name: str) -> Write:
    _, model, page = name.split("_")
    noun, _place, body, _make = KEPT[model]
    address = f"/admin/leave/{model}/"
    if page == "add":
        return Write(
            lambda: stage.browser.post(f"{address}add/", body), [f"{noun}.created"]
        )
    address += f"{row_of(stage, model).pk}/change/"
    return Write(
        lambda: stage.browser.post(address, body | {"version": 1}), [f"{noun}.updated"]
    )


@way(*(f"admin leave_{model}_delete" for model in KEPT))
def _(stage: Stage, name: str) -> Write:
    model = name.split("_")[1]
    address = f"/admin/leave/{model}/{row_of(stage, model).pk}/delete/"
    return Write(
        lambda: stage.browser.post(address, {"post": "yes"}),
        [f"{KEPT[model][0]}.deleted"],
    )


@way(*(f"admin leave.{model} action delete_selected" for model in KEPT))
def _(stage: Stage, name: str) -> Write:
    model = name.split(".")[1].split(maxsplit=1)[0]
    rows = [row_of(stage, model)]
    return Write(
        lambda: select(stage, f"leave/{model}", "delete_selected", rows, post=1),
        [f"{KEPT[model][0]}.deleted"],
    )
