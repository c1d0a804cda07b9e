"""Every resource: fields are chosen, relations expanded, answers held."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.webhooks.models import Endpoint
from organizations.models import Membership
from people_hr.api import router
from tests.api import ApiClient
from tests.project.world import World

pytestmark = pytest.mark.django_db

RESOURCES = [(prefix, view) for prefix, view, _name in router.registry]


@pytest.fixture
def owner(mine: World) -> ApiClient:
    return ApiClient(mine.rows[Membership])


def address(prefix: str, world: World) -> str:
    path = prefix.replace(r"(?P<endpoint_id>[^/.]+)", str(world.rows[Endpoint].pk))
    return f"/api/v1/{path}/"


def test_fields_of_every_list_and_record_can_be_chosen(
    owner: ApiClient, mine: World
) -> None:
    for prefix, view in RESOURCES:
        path = address(prefix, mine)
        # The log of calls grows with every call: its last rows are the same.
        oldest = {"ordering": "id"} if "calls" in prefix else {}
        whole = owner.get(path, oldest).json()["results"]
        assert whole, prefix
        first = whole[0]
        for name in first:
            query = oldest | {"fields": name, "limit": 1}
            [row] = owner.get(path, query).json()["results"]
            assert row == {name: first[name]}, (prefix, name)
        record = owner.get(f"{path}{first['id']}/", {"fields": "id"}).json()
        assert record == {"id": first["id"]}, prefix
        refused = owner.get(path, {"fields": "id,nothing"})
        assert refused.status_code == 400, prefix
        assert refused.json()["errors"][0]["parameter"] == "fields"
        assert set(first) <= set(view.known_fields(view(action="list"))), prefix


def test_relations_of_every_resource_can_be_expanded(
    owner: ApiClient, mine: World
) -> None:
    for prefix, view in RESOURCES:
        path, relations = address(prefix, mine), list(view.expansions)
        plain = owner.get(path).json()["results"]
        with CaptureQueriesContext(connection) as usual:
            owner.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = owner.get(path, {"expand": ",".join(relations) or "nothing"})
        if not relations:
            assert answer.status_code == 400, prefix
            assert answer.json()["errors"][0]["parameter"] == "expand"
            continue
        # One each; one more where rows are completed, as balances are.
        most = sum(1 + bool(to().extra_fields) for to in view.expansions.values())
        assert len(queries) <= len(usual) + most, prefix
        for row, before in zip(answer.json()["results"], plain, strict=True):
            for relation in relations:
                expanded = row[relation]
                assert (expanded and expanded["id"]) == before[relation], prefix


def test_every_list_and_record_is_held_until_it_changes(
    owner: ApiClient, mine: World
) -> None:
    for prefix, _view in RESOURCES:
        path = address(prefix, mine)
        results = owner.get(path).json()["results"]
        for asked in (path, f"{path}{results[0]['id']}/"):
            first = owner.get(asked)
            if prefix == "api-calls":  # grows with every call
                continue
            held = owner.get(asked, headers={"If-None-Match": first["ETag"]})
            assert held.status_code == 304, asked
            assert (held.content, held["ETag"]) == (b"", first["ETag"])
            other = owner.get(asked, headers={"If-None-Match": '"c0"'})
            assert (other.status_code, other.content) == (200, first.content)


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows]


def test_both_ways_to_the_rows_agree(owner: ApiClient, mine: World) -> None:
    for prefix, view in RESOURCES:
        path, order = address(prefix, mine), ",".join(view.ordering)
        known = {name.removeprefix("-") for name in view.ordering}
        if not known <= set(view.ordering_fields):
            continue
        usual: dict[str, Any] = owner.get(path, {"limit": 1}).json()
        asked: dict[str, Any] = owner.get(path, {"limit": 1, "ordering": order}).json()
        assert usual["results"] == asked["results"], prefix
        for _page in range(2):
            if not usual["next"]:
                break
            usual = owner.get(usual["next"]).json()
            asked = owner.get(asked["next"]).json()
            assert usual["results"] == asked["results"], prefix
