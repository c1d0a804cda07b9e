"""The whole way of an app, and what it may then."""

from integrations.oauth import bearer
from organizations.access import CredentialKind


def test_a_person_lets_an_app_in(visit):
    page = visit.ask()
    assert page.status_code == 200, page.content
    assert "Let it in" in page.content.decode()

    tokens = visit.tokens()
    access = bearer.access_of(tokens["access_token"])

    assert tokens["token_type"] == "Bearer"
    assert tokens["access_token"].startswith("pho_")
    assert tokens["refresh_token"].startswith("phf_")
    assert access.user == visit.membership.user
    assert access.organization == visit.application.organization
    assert access.scopes == {"employees:read"}
    assert access.credential.kind == CredentialKind.OAUTH
    assert access.credential.id == str(visit.application.pk)
    assert visit.userinfo(tokens["access_token"]).json()["name"] == "Ada Lovelace"

    renewed = visit.refresh(tokens["refresh_token"]).json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert bearer.access_of(renewed["access_token"]).user == visit.membership.user
