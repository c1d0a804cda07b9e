"""Apps prove who they are, and what is refused tells nothing about others."""

import pytest

from integrations.oauth.formats import Prefix, generate
from integrations.oauth.models import Application
from organizations.security import SecurityKind, security_event_occurred
from tests.factories import MembershipFactory
from tests.factories.oauth import SECRET, ApplicationFactory
from tests.integrations.oauth.flows import Visit, basic

SERVICE = {"grant_type": "client_credentials"}
UNKNOWN = "app_00000000000000000000"


@pytest.fixture
def service(db):
    return ApplicationFactory(service=True)


@pytest.fixture
def caller(service) -> Visit:
    return Visit(service, MembershipFactory(organization=service.organization))


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_secret_comes_in_the_header_in_whatever_case(caller, service, scheme):
    header = basic(service.client_id, SECRET)["Authorization"].replace("Basic", scheme)

    assert caller.post("token", SERVICE, Authorization=header).status_code == 200


def test_the_secret_comes_in_the_body_as_well(caller):
    assert caller.post("token", SERVICE | caller.proof()).status_code == 200


def told_of(call) -> tuple[int, bytes, dict[str, str]]:
    """Return all that an answer says, without what differs between any two."""
    answer = call()
    headers = {k: v for k, v in answer.headers.items() if k != "X-Request-ID"}
    return answer.status_code, answer.content, headers


@pytest.mark.parametrize("where", ["token", "revoke", "introspect"])
def test_unknown_apps_and_wrong_secrets_look_the_same(
    caller, service, where, django_assert_num_queries
):
    wrong = generate(Prefix.CLIENT_SECRET)
    body = SERVICE | {"token": "x"}
    answers = []
    for client_id in (service.client_id, UNKNOWN):
        for proof in (
            {"headers": basic(client_id, wrong)},
            {"body": {"client_id": client_id, "client_secret": wrong}},
            {"body": {"client_id": client_id}},
        ):
            sent = body | proof.get("body", {})
            headers = proof.get("headers", {})
            # One query and one event each, besides the transaction's own.
            with django_assert_num_queries(2 if where == "introspect" else 4):
                answers.append(
                    told_of(lambda s=sent, h=headers: caller.post(where, s, **h))
                )

    assert {answer[0] for answer in answers} == {401}
    assert all(answer == answers[0] for answer in answers)


def test_an_app_on_a_device_has_no_secret_and_needs_none(db):
    application = ApplicationFactory(browser=True)
    visit = Visit(application, MembershipFactory(organization=application.organization))

    assert visit.tokens()["access_token"]
    # One that it shows all the same proves nothing.
    answer = visit.redeem(visit.code(), client_secret=SECRET)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_app_with_a_secret_cannot_leave_it_out(visit):
    answer = visit.redeem(visit.code(), client_secret=None)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_service_cannot_ask_a_person(caller, service):
    service.redirect_uris = ["https://app.example.com/callback"]
    Application._base_manager.filter(pk=service.pk).update(
        redirect_uris=service.redirect_uris
    )

    answer = caller.ask()

    assert "error=unauthorized_client" in answer["Location"]


def test_a_session_of_another_organization_changes_nothing(visit):
    code = visit.code()
    stranger = MembershipFactory()
    visit.apps_server.force_login(stranger.user)

    assert visit.redeem(code).status_code == 200


def test_a_wrong_secret_is_told_to_security(caller, service):
    heard = []

    def hear(sender, event, **_signal):
        heard.append((event.kind, event.organization_id, event.reason))

    security_event_occurred.connect(hear)
    try:
        caller.post("token", SERVICE, **basic(service.client_id, "wrong"))
        caller.post("token", SERVICE, **basic(UNKNOWN, "wrong"))
    finally:
        security_event_occurred.disconnect(hear)

    refused = SecurityKind.CREDENTIAL_REFUSED
    assert heard == [
        (refused, service.organization_id, "bad_client_secret"),
        (refused, None, "unknown_client"),
    ]


def test_revoking_ends_all_that_descends_from_a_consent(visit):
    for which in ("access_token", "refresh_token"):
        tokens = visit.tokens()

        answer = visit.post("revoke", {"token": tokens[which], **visit.proof()})

        assert (answer.status_code, answer.content) == (200, b"")
        assert visit.userinfo(tokens["access_token"]).status_code == 401
        assert visit.refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token"])
def test_a_wrong_hint_does_not_keep_a_token(visit, hint):
    token = visit.tokens()["access_token"]
    body = {"token": token, **visit.proof()}

    visit.post("revoke", body | ({"token_type_hint": hint} if hint else {}))

    assert visit.userinfo(token).status_code == 401


def test_a_service_revokes_its_token(caller):
    token = caller.post("token", SERVICE | caller.proof()).json()["access_token"]
    asked = {"token": token, **caller.proof()}
    assert caller.post("introspect", asked).json()["active"] is True

    caller.post("revoke", asked)

    assert caller.post("introspect", asked).json() == {"active": False}


def test_nobody_revokes_the_tokens_of_others(visit):
    tokens = visit.tokens()
    other = ApplicationFactory(organization=visit.application.organization)
    theirs = Visit(other, visit.membership)

    for token in (*tokens.values(), "x"):
        answer = theirs.post("revoke", {"token": str(token), **theirs.proof()})
        assert (answer.status_code, answer.content) == (200, b"")

    assert visit.userinfo(tokens["access_token"]).status_code == 200


def test_introspection_tells_an_app_about_its_own_tokens(visit):
    tokens = visit.tokens(scope="openid employees:read leave:read")
    asked = {"token": tokens["access_token"], **visit.proof()}

    told = visit.post("introspect", asked).json()

    assert told["active"] is True
    assert told["client_id"] == visit.application.client_id
    assert told["sub"] == str(visit.membership.user_id)
    assert told["scope"] == "employees:read leave:read openid"
    assert told["exp"] - told["iat"] == 600
    refresh = {"token": tokens["refresh_token"], **visit.proof()}
    assert visit.post("introspect", refresh).json()["active"] is True


def test_introspection_tells_nothing_about_the_tokens_of_others(visit):
    tokens = visit.tokens()
    other = ApplicationFactory(organization=visit.application.organization)
    stranger = ApplicationFactory()
    for application in (other, stranger):
        theirs = Visit(application, visit.membership)
        for token in (tokens["access_token"], tokens["refresh_token"], "x", "pho_\n"):
            answer = theirs.post("introspect", {"token": token, **theirs.proof()})
            assert answer.json() == {"active": False}


def test_introspection_honours_who_was_switched_off(visit):
    tokens = visit.tokens()
    visit.membership.user.is_active = False
    visit.membership.user.save()

    for which in ("access_token", "refresh_token"):
        asked = {"token": tokens[which], **visit.proof()}
        assert visit.post("introspect", asked).json() == {"active": False}


def test_apps_without_a_secret_do_not_introspect(db):
    application = ApplicationFactory(browser=True)
    visit = Visit(application, MembershipFactory(organization=application.organization))

    answer = visit.post("introspect", {"token": "x", **visit.proof()})

    assert answer.status_code == 401


def test_pages_of_a_browser_app_may_read_their_answers(db):
    application = ApplicationFactory(browser=True)
    visit = Visit(application, MembershipFactory(organization=application.organization))
    code = visit.code()
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": application.redirect_uris[0],
        "code_verifier": visit.verifier,
        "client_id": application.client_id,
    }

    evil = visit.post("token", body | {"code": "x"}, Origin="https://evil.example.com")
    good = visit.post("token", body, Origin="https://app.example.com")

    assert "Access-Control-Allow-Origin" not in evil
    assert good["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "Origin" in good["Vary"]
    assert "Origin" in evil["Vary"]
    assert "Access-Control-Allow-Credentials" not in good
    preflight = visit.apps_server.options(
        "/oauth/userinfo/", headers={"Origin": "https://app.example.com"}
    )
    assert preflight.status_code == 204
    assert "Authorization" in preflight["Access-Control-Allow-Headers"]
