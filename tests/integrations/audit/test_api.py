"""Auditors read the logs and the usage of their own organization, and nobody else."""

import datetime as dt

import pytest
from django.utils import timezone

from integrations.audit.rollups import roll_up
from organizations.roles import Role
from organizations.security import SecurityKind, tell
from tests.api import ApiClient, api_client
from tests.factories import OrganizationFactory
from tests.integrations.audit.test_rollups import KEPT, called

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> ApiClient:
    return api_client(Role.AUDITOR)


def test_usage_tells_what_was_called(auditor):
    organization = auditor.membership.organization
    now = timezone.now() - dt.timedelta(hours=1)
    called(organization, now, status=200)
    called(organization, now, status=404)
    called(OrganizationFactory(), now)
    roll_up(minutes_kept=KEPT)

    answer = auditor.get("/api/v1/usage/?bucket=hour").json()

    assert (answer["total"]["calls"], answer["total"]["client_errors"]) == (2, 1)
    assert sum(each["calls"] for each in answer["series"]) == 2
    assert [route["name"] for route in answer["routes"]] == ["GET /api/v1/employees/"]
    assert answer["total"]["p50_ms"] == pytest.approx(1.5, rel=0.2)


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("bucket=week", "bucket", "invalid_choice"),
        ("since=yesterday", "since", "invalid"),
        ("since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", "until", "order"),
        ("bucket=minute", "bucket", "too_fine"),
        ("organisation=1", "organisation", "unknown"),
    ],
)
def test_a_wrong_question_is_refused_by_name(auditor, query, field, code):
    answer = auditor.get(f"/api/v1/usage/?{query}")

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)


def test_security_events_are_narrowed_and_paged(auditor):
    organization = auditor.membership.organization
    for number in range(3):
        tell(
            SecurityKind.ACCESS_REFUSED,
            organization_id=organization.pk,
            reason=str(number),
        )
    tell(SecurityKind.ADMIN_ACTED, organization_id=organization.pk)
    tell(SecurityKind.ACCESS_REFUSED, organization_id=OrganizationFactory().pk)
    tell(SecurityKind.ACCESS_REFUSED)

    first = auditor.get("/api/v1/security-events/?kind=authz_fail&limit=2").json()
    second = auditor.get(first["next"]).json()

    reasons = [row["reason"] for page in (first, second) for row in page["results"]]
    assert reasons == ["2", "1", "0"]


@pytest.mark.parametrize(
    "path", ["usage", "api-calls", "security-events", "integration-events"]
)
@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.MANAGER, Role.HR])
def test_the_logs_are_closed_to_others(path, role):
    assert api_client(role).get(f"/api/v1/{path}/").status_code == 403


def test_the_logs_are_not_written(auditor):
    answer = auditor.send("POST", "/api/v1/security-events/", {"kind": "authz_fail"})

    assert answer.status_code in {403, 405}


@pytest.mark.parametrize("calls", [1, 3])
def test_the_page_asks_as_often_for_many_calls(
    member_client, calls, django_assert_max_num_queries
):
    client = member_client(Role.OWNER)
    organization = client.membership.organization
    for number in range(calls):
        called(
            organization,
            timezone.now() - dt.timedelta(hours=number),
            route=f"/api/v1/r{number}/",
        )
    roll_up(minutes_kept=KEPT)

    client.get("/usage/")
    with django_assert_max_num_queries(9):
        page = client.get("/usage/?span=day")

    assert page.status_code == 200
    body = page.content.decode()
    assert body.count("/api/v1/r") == calls
    assert "<rect" in body
    assert "style=" not in body


def test_a_time_without_calls_is_said_in_words(member_client):
    page = member_client(Role.AUDITOR).get("/usage/?span=nonsense&route=%00")

    assert page.status_code == 200
    assert "No calls in this time." in page.content.decode()
