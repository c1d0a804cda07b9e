"""The home page is put together from cards that apps register."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from organizations.models import Organization
from organizations.roles import Role
from tests.factories import EmployeeFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
HOME = reverse("employees:home")
ORDER = {
    Role.EMPLOYEE: [
        ["clock", "leave"],
        ["away", "me", "people"],
        ["joiners", "anniversaries"],
    ],
    Role.MANAGER: [
        ["clock", "leave"],
        ["away", "team_now", "team", "me", "people"],
        ["joiners", "anniversaries"],
    ],
    Role.HR: [
        ["clock", "leave"],
        ["open_work", "away", "team_now", "team", "me", "people"],
        ["joiners", "anniversaries"],
    ],
}


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory()


def names(response: Any) -> list[list[str]]:
    columns = response.context["columns"]
    return [[shown.card.name for shown in column] for column in columns]


@pytest.mark.parametrize("role", ORDER)
def test_each_role_finds_its_cards_in_the_order_of_the_day(
    member_client: Any, organization: Any, role: Role
) -> None:
    client = member_client(role, organization)
    me = EmployeeFactory(organization=organization, user=client.membership.user)
    if role != Role.EMPLOYEE:
        EmployeeFactory(organization=organization, manager=me)

    assert names(client.get(HOME)) == ORDER[role]


def test_a_member_who_is_no_employee_gets_two_columns_that_fill_the_page(
    member_client: Any, organization: Any
) -> None:
    response = member_client(Role.HR, organization).get(HOME)

    assert names(response) == [["open_work", "people"], ["joiners", "anniversaries"]]
    assert response.context["width"] == "w6"


@pytest.mark.parametrize("people", [1, 3])
def test_home_takes_as_many_queries_for_many(
    member_client: Any,
    organization: Any,
    people: int,
    django_assert_max_num_queries: Any,
) -> None:
    client = member_client(Role.HR, organization)
    me = EmployeeFactory(organization=organization, user=client.membership.user)
    EmployeeFactory.create_batch(people, organization=organization, manager=me)
    client.get(HOME)

    with django_assert_max_num_queries(45):
        client.get(HOME)


def test_pages_of_people_name_no_app_that_builds_on_them() -> None:
    folder: Path = settings.BASE_DIR / "templates" / "employees"
    naming = re.compile(r"load [^%]*\b(leave|attendance)\b|[\"'](leave|attendance)[:/]")

    found = {
        path.name for path in folder.rglob("*.html") if naming.search(path.read_text())
    }

    assert list(folder.rglob("*.html")) != []
    assert found == set()
