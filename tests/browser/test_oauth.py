"""An app comes to a person in a browser: asked, let in, seen, shut out."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from integrations.oauth.models import Consent
from tests.factories.oauth import ApplicationFactory
from tests.integrations.oauth.flows import challenge_of


@pytest.fixture
def app(owner):
    """Return an app of the organization; it lives on this server itself."""
    return ApplicationFactory(
        organization=owner.organization,
        owner=owner.user,
        name="Rota planner",
        maker="Rota Ltd",
        kind="native",
        secret_digest="",
        redirect_uris=["http://127.0.0.1/problems/"],
        allowed_scopes=["employees:read", "leave:read", "attendance:read"],
    )


def request_of(app, live_server) -> str:
    return "/oauth/authorize/?" + urlencode(
        {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": f"{live_server.url.replace('localhost', '127.0.0.1')}"
            "/problems/",
            "scope": "openid profile email employees:read leave:read attendance:read",
            "state": "st4te",
            "code_challenge": challenge_of("v" * 43),
            "code_challenge_method": "S256",
        }
    )


def test_an_app_is_let_in_seen_and_shut_out(
    page, owner, app, log_in, live_server, accessible
):
    log_in(owner)
    page.goto(request_of(app, live_server))
    expect(page.get_by_role("heading", level=1)).to_have_text("Let Rota planner in?")
    accessible()

    page.get_by_role("button", name="Let it in", exact=True).press("Enter")
    page.wait_for_url(re.compile(r"/problems/\?code=phc_.*state=st4te"))

    page.goto("/account/apps/")
    expect(page.get_by_text("Rota planner", exact=True)).to_be_visible()
    accessible()
    page.get_by_role("button", name="Shut Rota planner out").press("Enter")
    expect(page.get_by_text("has no access to your data any more")).to_be_visible()
    expect(page.get_by_text("No app has access.")).to_be_visible()
    assert not Consent.objects.exists()


def test_a_no_goes_back_to_the_app(page, owner, app, log_in, live_server):
    log_in(owner)
    page.goto(request_of(app, live_server))

    page.get_by_role("button", name="Do not let it in").press("Enter")

    page.wait_for_url(re.compile(r"/problems/\?error=access_denied.*state=st4te"))
    assert not Consent.objects.exists()
