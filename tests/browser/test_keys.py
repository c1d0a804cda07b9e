"""API keys in a real browser: made, watched, replaced and ended; usage; limits."""

import datetime as dt
import random
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from integrations.api_keys.models import ApiKey, KeyUse
from integrations.api_keys.services import disable_key, freeze_keys_of
from integrations.audit.rollups import roll_up
from organizations.models import Membership
from tests.browser.conftest import LogInPage
from tests.factories.api_keys import ApiKeyFactory
from tests.integrations.audit.conftest import remove_calls, remove_events
from tests.integrations.audit.test_rollups import KEPT, called


def keys_in_every_state(owner: Membership) -> ApiKey:
    """Make keys as an organization has them, and a month of calls of the first."""
    mine = {"organization": owner.organization, "owner": owner.user}
    busy: ApiKey = ApiKeyFactory(**mine, name="Payroll", networks=["203.0.113.0/24"])
    freeze_keys_of(ApiKeyFactory(organization=owner.organization, name="Rota").owner)
    disable_key(ApiKeyFactory(**mine, name="Old intranet"))
    ApiKeyFactory(**mine, name="Left in the wiki", is_canary=True)
    KeyUse.objects.create(
        organization=owner.organization,
        key=busy,
        last_used_at=timezone.now() - dt.timedelta(minutes=3),
        address="203.0.113.7",
        endpoint="api:employee-list read",
    )
    chance = random.Random(7)
    now = timezone.now()
    for _call in range(150):
        called(
            owner.organization,
            now - dt.timedelta(hours=chance.randrange(1, 60)),
            credential_kind="api_key",
            credential_id=busy.key_id,
            status=chance.choice([200, 200, 200, 404, 429, 500]),
            duration_us=chance.randrange(500, 90_000),
            route=chance.choice(["/api/v1/employees/", "/api/v1/employees/{pk}/"]),
        )
    roll_up(minutes_kept=KEPT)
    return busy


@pytest.fixture
def busy(owner: Membership):
    yield keys_in_every_state(owner)
    remove_calls()
    remove_events()


def test_key_is_made_shown_once_and_opens_the_api(
    page: Page,
    owner: Membership,
    log_in: LogInPage,
    accessible: Callable[[], None],
    live_server,
) -> None:
    log_in(owner)
    page.goto("/api-keys/")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("Name").fill("Payroll")
    page.locator("input[value='employees:read']").check()
    accessible()
    page.get_by_role("button", name="Make the key").click()
    text = page.get_by_label("API key").input_value()
    accessible()

    answer = Client().get("/api/v1/employees/", headers={"X-API-Key": text})
    assert answer.status_code == 200
    page.get_by_role("link", name="I have noted it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Payroll")
    assert text.split("_")[3] not in page.content()

    page.get_by_label("Why it is revoked").fill("Only tried")
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_text("Only tried")).to_be_visible()
    answer = Client().get("/api/v1/employees/", headers={"X-API-Key": text})
    assert answer.status_code == 401


def test_pages_of_keys_and_usage_are_open_to_everybody(
    page: Page,
    owner: Membership,
    busy: ApiKey,
    log_in: LogInPage,
    accessible: Callable[[], None],
) -> None:
    log_in(owner)
    for address in ("/api-keys/", f"/api-keys/{busy.pk}/", "/usage/?span=week"):
        page.goto(address)
        accessible()
    expect(page.locator("rect").first).to_be_attached()


def test_keys_are_looked_after_in_the_admin(
    page: Page, owner: Membership, busy: ApiKey, log_in: LogInPage
) -> None:
    log_in(owner)
    page.goto("/admin/api_keys/apikey/")
    page.get_by_role("link", name="Payroll").first.click()
    expect(page.get_by_text("203.0.113.0/24", exact=True)).to_be_visible()
    page.get_by_role("link", name="Its use, and what to do with it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Payroll")
