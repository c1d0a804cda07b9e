"""The fence, walked: every address with another organization's ids, read and hostile.

Whoever walks is an owner of both organizations and acts for one of them: what they may
see elsewhere must not show here either.
"""

import datetime as dt
import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import reverse

from employees.models import Department, Employee, Location
from leave.models import LeaveType
from organizations.access import OrganizationAccess
from organizations.admin.base import Fenced
from organizations.models import User
from tests.project.routes import CHOOSING, ROWLESS, Route, all_routes
from tests.project.world import World, owned_models, references

# Says to pytest-django that the database is needed; the worlds are made by conftest.
pytestmark = pytest.mark.django_db

ROUTES = all_routes()
WITH_ROWS = [route for route in ROUTES if route.parameters and route.rows]
WITHOUT = [
    route
    for route in ROUTES
    if route not in WITH_ROWS and route.name not in ROWLESS | CHOOSING
]
READING = ("get", "options")
WRITING = ("post", "put", "patch", "delete")
#: Addresses that answer every id alike, because they only lead to another address.
LEADING_ON = "redirect"


def address_of(route: Route, ids: dict[str, object]) -> str:
    return route.address({name: str(value) for name, value in ids.items()})


def id_in(route: Route, row: Any) -> object:
    """Return a row's id as this route writes it: an event's has a prefix in the API."""
    if route.name.startswith("api:") and hasattr(row, "public_id"):
        return row.public_id
    return row.pk


def missing_id(route: Route, row: Any) -> object:
    shown = str(id_in(route, row))
    missing = uuid4()
    return f"evt_{missing.hex}" if shown.startswith("evt_") else missing


def told(response: Any, ids: dict[str, object]) -> tuple[int, str, str]:
    """Return what a response says, without what differs between any two requests."""
    body = "" if response.streaming else response.content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    body = re.sub(r'"request_id":"\w+"', "", body)
    location = response.get("Location", "")
    for value in ids.values():
        body = body.replace(str(value), "ID")
        location = location.replace(str(value), "ID")
    return response.status_code, location, body


def methods_of(route: Route) -> set[str]:
    """Return the methods that may differ in what they do.

    Django's admin asks only whether it is a POST: every other one is a GET to it.
    """
    return {"get", "post"} if route.admin else {*READING, *WRITING}


def send(client: Client, method: str, address: str, body: dict[str, Any]) -> Any:
    """Send a request as the address' own clients do: JSON to the API, else a form."""
    call = getattr(client, method)
    if method in READING:
        return call(address)
    if address.startswith("/api/"):
        return call(address, body, content_type="application/json")
    return call(address, body) if method == "post" else call(address)


def hostile_body(mine: World, theirs: World, model: type[Model]) -> dict[str, Any]:
    """Return what a form or document of ``model`` may hold, naming their rows."""
    row = mine.rows.get(model)
    body: dict[str, Any] = {
        "post": "yes",
        "decided": "yes",
        "version": getattr(row, "version", 1),
        "organization": str(theirs.organization.pk),
        "terminated_on": dt.date(2030, 1, 1).isoformat(),
        "hired_on": dt.date(2024, 1, 15).isoformat(),
        "email": theirs.rows[User].email,
        "work_week": ["1", "2"],
    }
    for relation in model._meta.related_objects:
        for total in ("TOTAL", "INITIAL"):
            body[f"{relation.get_accessor_name()}-{total}_FORMS"] = 0
    for field in model._meta.concrete_fields:
        value = getattr(row, field.attname, None)
        if isinstance(field, ForeignKey):
            body[field.name] = their_name_for(theirs, field)
        elif field.name not in body and field.editable and value is not None:
            body[field.name] = value if isinstance(value, bool | list) else str(value)
    return body


def their_name_for(theirs: World, field: ForeignKey) -> str:
    related = theirs.rows[field.related_model]
    return related.email if isinstance(related, User) else str(related.pk)


def model_of(route: Route) -> type[Model]:
    return list(route.rows.values())[-1]


def test_every_route_is_known():
    """A new route fails here until tests/project/routes.py says how to try it."""
    for route in ROUTES:
        assert route.rows is not None
        if route.parameters and route.name not in ROWLESS | {"admin:app_list"}:
            assert route.rows, f"{route}: whose rows do its parameters name?"


def test_every_kind_of_row_is_in_the_walk(mine):
    snapshot = mine.snapshot()

    for model in owned_models():
        assert snapshot[model._meta.label], f"build_world makes no {model.__name__}."


@pytest.mark.parametrize("route", WITH_ROWS, ids=str)
def test_another_organizations_id_is_as_good_as_a_missing_one(
    route, walker, mine, theirs
):
    own = {name: id_in(route, mine.rows[model]) for name, model in route.rows.items()}
    control = send(walker, "get", address_of(route, own), {})
    assert control.status_code != 404, "their id must fail for the right reason"
    before = theirs.snapshot()

    for name, model in route.rows.items():
        # Each parameter in turn is theirs; the others are mine.
        foreign = own | {name: id_in(route, theirs.rows[model])}
        missing = own | {name: missing_id(route, mine.rows[model])}
        body = hostile_body(mine, theirs, model_of(route))
        for method in methods_of(route):
            answers = [
                told(send(walker, method, address_of(route, ids), body), ids)
                for ids in (foreign, missing)
            ]
            assert answers[0] == answers[1], method
            assert theirs.mark not in answers[0][2]
            status = answers[0][0]
            leads_on = route.admin and route.admin[1] == LEADING_ON
            is_refused = status in {404, 405, 403}
            assert is_refused or leads_on or method == "options", answers[0]
        if control.status_code < 300:
            assert walker.get(address_of(route, foreign)).status_code == 404

    assert theirs.snapshot() == before


@pytest.mark.parametrize("route", WITHOUT, ids=str)
def test_lists_show_nothing_of_another_organization(route, walker, mine, theirs):
    for address in addresses_without_rows(route, theirs):
        response = walker.get(address)
        if response.status_code >= 300:
            continue
        body = response.content.decode()
        shown = {text for text in theirs.ids() if text in body and text not in address}
        assert shown == set(), address
        assert theirs.mark not in own_words(body, theirs), address


#: What lists are narrowed by.
NARROWING = (Employee, Department, Location, LeaveType)


def own_words(body: str, theirs: World) -> str:
    """Return a page without the menu in which the walker may switch to the others."""
    return body.replace(str(theirs.organization), "").replace(
        theirs.rows[User].email, ""
    )


def addresses_without_rows(route: Route, theirs: World) -> list[str]:
    """Return the route's address, and each that asks it for their rows."""
    if route.name == "admin:app_list":
        labels = {model._meta.app_label for model in site._registry}
        return [f"/admin/{label}/" for label in labels]
    if route.name == "admin:autocomplete":
        return autocomplete_addresses(theirs)
    address = address_of(route, {})
    queries = admin_filters(route, theirs) if route.admin else page_filters(theirs)
    return [address, *(f"{address}?{query}" for query in queries)]


def page_filters(theirs: World) -> list[str]:
    """Return what pages and the API may be asked: by id, and by a part of a name."""
    part = theirs.mark[:-1].lower()
    asked = {
        model: f"{model._meta.model_name}={row.pk}"
        for model, row in theirs.rows.items()
    }
    # By themselves those that pages are narrowed by, and all the others at once.
    alone = [asked.pop(model) for model in NARROWING]
    return [*alone, "&".join(asked.values()), f"q={part}&s={part}&search={part}"]


def admin_filters(route: Route, theirs: World) -> list[str]:
    """Return what a list of the admin may be asked: its filters and its search."""
    model_admin, page = route.admin
    if page != "changelist":
        return []
    asked = [f"q={theirs.mark[:-1].lower()}"]
    for listed in model_admin.list_filter:
        name = listed[0] if isinstance(listed, tuple) else listed
        if not isinstance(name, str):
            named = [
                row
                for model, row in theirs.rows.items()
                if model._meta.model_name == name.parameter_name
            ]
            asked += [
                f"{name.parameter_name}={row.pk}"
                for row in named or [theirs.rows[model] for model in NARROWING]
            ]
            continue
        field = model_admin.opts.get_field(name)
        if isinstance(field, ForeignKey):
            asked.append(f"{name}__id__exact={theirs.rows[field.related_model].pk}")
    return asked


def autocomplete_addresses(theirs: World) -> list[str]:
    return [
        f"/admin/autocomplete/?app_label={model._meta.app_label}"
        f"&model_name={model._meta.model_name}&field_name={field}&term={term}"
        for model, model_admin in site._registry.items()
        for field in model_admin.autocomplete_fields
        for term in ("", theirs.mark)
    ]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("route", [*WITHOUT, *WITH_ROWS], ids=str)
def test_hostile_writes_reach_no_row_of_another_organization(
    route, walker, mine, theirs
):
    before = theirs.snapshot()
    model = model_of(route) if route.rows else route.admin and route.admin[0].model
    own = {name: id_in(route, mine.rows[kind]) for name, kind in route.rows.items()}
    if route.name == "admin:app_list":
        own = {"app_label": "employees"}
    body: dict[str, Any] = {}
    for kind in [model] if model else [kind for kind in theirs.rows if kind != User]:
        body |= hostile_body(mine, theirs, kind)
    for method in methods_of(route) & {"post", "patch", "put"}:
        send(walker, method, address_of(route, own), body)

    assert theirs.snapshot() == before
    assert references(mine, theirs) == []


EDITED = [
    route
    for route in WITH_ROWS
    if route.admin and route.admin[1] == "change" and route.scopes[0] != route.scopes[1]
    if route.scopes[1]
]


@pytest.mark.parametrize("route", EDITED, ids=str)
def test_the_same_body_is_taken_when_it_names_own_rows(route, walker, mine, theirs):
    """Else the hostile one would be refused for another reason than the fence."""
    model = model_of(route)
    row = mine.rows[model]
    body = hostile_body(mine, theirs, model)
    for field in model._meta.concrete_fields:
        if isinstance(field, ForeignKey):
            named = getattr(row, field.name)
            body[field.name] = getattr(named, "email", named and named.pk) or ""
    own = {name: id_in(route, mine.rows[kind]) for name, kind in route.rows.items()}

    response = walker.post(address_of(route, own), body, follow=True)

    assert response.redirect_chain
    assert [m.level_tag for m in response.context["messages"]] == ["success"]


def admin_actions() -> list[tuple[type[Model], str]]:
    """Return every action of every admin, whoever may take it."""
    return [
        (model, name)
        for model, model_admin in site._registry.items()
        for _function, name, _words in model_admin._get_base_actions()
    ]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("model", "action"),
    admin_actions(),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_actions_do_not_reach_another_organization(model, action, walker, mine, theirs):
    before = theirs.snapshot()
    kind = f"{model._meta.app_label}_{model._meta.model_name}"
    address = reverse(f"admin:{kind}_changelist")
    body = hostile_body(mine, theirs, model) | {"action": action}

    for selected in (
        [theirs.rows[model].pk],
        [mine.rows[model].pk, theirs.rows[model].pk],
    ):
        walker.post(address, body | {"_selected_action": selected})
        walker.post(address, body | {"_selected_action": selected, "index": 0})
        walker.post(
            address,
            body | {"_selected_action": selected, "index": 0, "select_across": 1},
        )

    assert theirs.snapshot() == before
    assert references(mine, theirs) == []


@pytest.mark.parametrize(
    "model_admin", site._registry.values(), ids=lambda admin: admin.model.__name__
)
def test_inlines_are_fenced_and_written_by_nobody(model_admin, rf, mine):
    """An inline that may be written needs a hostile POST of its own here."""
    request = rf.get("/")
    request.access = OrganizationAccess(
        mine.organization, scopes=frozenset({model_admin.read_scope})
    )
    for inline in model_admin.get_inline_instances(request, None):
        assert isinstance(inline, Fenced)
        assert inline.write_scope is None
