"""Pages by key: each row once, whatever shares a value, both ways."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organizations.models import Organization
from organizations.pagination import Cursor
from organizations.roles import Role
from tests.api import ApiClient, api_client
from tests.factories import EmployeeFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

PATH = "/api/v1/employees/"


@pytest.fixture
def organization() -> Organization:
    """An organization whose names and days are shared by several employees."""
    made: Organization = OrganizationFactory()
    for number in range(11):
        EmployeeFactory(
            organization=made,
            first_name=f"First {number % 2}",
            last_name=f"Last {number % 3}",
            hired_on=f"2024-01-{1 + number % 2:02}",
        )
    EmployeeFactory()  # another organization's, which could leak
    return made


def walk(client: ApiClient, address: str, link: str) -> list[list[dict[str, Any]]]:
    """Follow ``next`` or ``previous`` to the end; return the pages."""
    pages = []
    next_address: str | None = address
    while next_address:
        page = client.get(next_address).json()
        pages.append(page["results"])
        next_address = page[link]
        assert len(pages) < 50
    return pages


def ids(pages: list[list[dict[str, Any]]]) -> list[str]:
    return [row["id"] for page in pages for row in page]


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 11, 12])
@pytest.mark.parametrize(
    "ordering",
    ["", "last_name", "-last_name", "hired_on,-first_name", "-updated_at", "-id"],
)
def test_every_row_comes_once_in_the_order_that_was_asked_for(
    organization: Organization, ordering: str, limit: int
) -> None:
    client = api_client(Role.HR, organization)
    everything = client.get(f"{PATH}?ordering={ordering}").json()["results"]
    assert len(everything) == 11

    pages = walk(client, f"{PATH}?ordering={ordering}&limit={limit}", "next")

    assert ids(pages) == [row["id"] for row in everything]
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


@pytest.mark.parametrize("ordering", ["", "-last_name", "hired_on,-first_name"])
def test_previous_leads_back_over_the_same_pages(
    organization: Organization, ordering: str
) -> None:
    client = api_client(Role.HR, organization)
    address: str | None = f"{PATH}?ordering={ordering}&limit=4"
    forward, links = [], []
    while address:
        page = client.get(address).json()
        forward.append(page["results"])
        links.append(page["previous"])
        address = page["next"]

    assert links[0] is None
    back = walk(client, links[-1], "previous")

    assert back == forward[:-1][::-1]


def test_a_row_that_is_added_or_removed_between_pages_shifts_nothing(
    organization: Organization,
) -> None:
    client = api_client(Role.HR, organization)
    first = client.get(f"{PATH}?ordering=id&limit=5").json()
    expected = client.get(f"{PATH}?ordering=id").json()["results"][5:]

    client.send("DELETE", f"{PATH}{first['results'][0]['id']}/")
    second = client.get(first["next"]).json()

    assert second["results"] == expected[:5]


def test_no_rows_make_one_empty_page() -> None:
    page = api_client(Role.HR).get(PATH).json()

    assert page == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_costs_the_same_whatever_its_length(
    count: int, django_assert_num_queries: Any
) -> None:
    client = api_client(Role.HR)
    EmployeeFactory.create_batch(
        count, organization=client.membership.organization, managed=True, placed=True
    )

    with django_assert_num_queries(2):  # the token, the page
        page = client.get(PATH).json()

    assert len(page["results"]) == count * 2  # each with a manager


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "", "1e3", "٣", "9" * 99])
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    response = api_client(Role.HR).get(PATH, {"limit": limit})

    assert response.status_code == 400
    assert "1 to 1000" in response.json()["detail"]


def spoiled(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "ä",
        spoiled([]),
        spoiled([0]),
        spoiled([0, "a", "b", "no id"]),
        spoiled([0, "a\0", "b", "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"]),
        spoiled([0, {"a": 1}, ["b"], None]),
        spoiled([0, "a", "b", "c", "d"]),
        base64.urlsafe_b64encode(b"{}").decode(),
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    response = api_client(Role.HR).get(PATH, {"cursor": cursor})

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_a_cursor_shows_nothing_of_another_organization(
    organization: Organization,
) -> None:
    stranger = api_client(Role.HR)
    page = api_client(Role.HR, organization).get(f"{PATH}?limit=1").json()

    assert stranger.get(page["next"]).json()["results"] == []


@pytest.mark.parametrize("ordering", ["salary", "-terminated_on", "id,born_on", "-"])
def test_an_ordering_that_is_none_is_refused(ordering: str) -> None:
    response = api_client(Role.HR).get(PATH, {"ordering": ordering})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "ordering"


@given(
    # PostgreSQL keeps neither the zero character nor halves of characters.
    values=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))),
    backward=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cursor_reads_back_what_was_written(
    values: list[str], backward: bool
) -> None:
    cursor = Cursor(tuple(values), backward)

    assert Cursor.decode(cursor.encode(), len(values)) == cursor
