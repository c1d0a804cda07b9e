"""The page where a person is asked, and when they are not asked."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from integrations.oauth.models import Consent, Grant
from organizations.roles import Role
from tests.factories import MembershipFactory
from tests.factories.oauth import ApplicationFactory
from tests.factories.organizations import PASSWORD
from tests.integrations.oauth.flows import Visit, answer_of


def is_asked(response) -> bool:
    return response.status_code == 200 and b"Let it in" in response.content


def test_it_says_in_plain_words_what_the_app_will_see_and_do(visit):
    visit.application.maker = "Rota Ltd"
    visit.application.save()

    page = visit.ask(scope="openid email employees:read leave:read").content.decode()

    for words in (
        f"Let {visit.application} in?",
        str(visit.membership.organization),
        visit.membership.user.email,
        "Employee",
        "Rota Ltd",
        str(visit.application.owner),
        "https://app.example.com",
        "See the directory: public fields of every employee",
        "See your own leave, and when colleagues are away",
        "See the e-mail address that you log in with",
        "30 days",
    ):
        assert words in page, words
    assert "See your name" not in page


def test_only_what_the_role_holds_is_asked_about(visit):
    visit.application.allowed_scopes = ["employees:read", "employees:write"]
    visit.application.save()

    page = visit.ask(scope="employees:read employees:write").content.decode()

    assert "See the directory" in page
    assert "Hire, change" not in page
    assert visit.tokens(scope="employees:read employees:write")["scope"] == (
        "employees:read"
    )


def test_who_may_nothing_of_it_grants_nothing(visit):
    visit.application.allowed_scopes = ["employees:write"]
    visit.application.save()

    assert answer_of(visit.ask(scope="employees:write"))["error"] == "access_denied"


def test_the_form_may_lead_to_the_app_and_nowhere_else(visit):
    policy = visit.ask()["Content-Security-Policy"]

    assert "form-action 'self' https://app.example.com;" in f"{policy};"
    assert "frame-ancestors 'none'" in policy


def test_a_no_is_told_to_the_app(visit):
    answer = visit.browser.post("/oauth/authorize/", {}, query_params=visit.query())

    assert answer_of(answer) == {
        "error": "access_denied",
        "state": "st4te",
        "iss": "http://127.0.0.1:8000",
    }
    assert not Grant.objects.exists()


def test_the_answer_names_us_and_keeps_the_state(visit):
    answer = visit.allow()

    assert answer["Location"].startswith("https://app.example.com/callback?")
    told = answer_of(answer)
    assert (told["state"], told["iss"]) == ("st4te", "http://127.0.0.1:8000")
    assert told["code"].startswith("phc_")


def test_consent_is_remembered_until_scopes_grow(visit):
    visit.allow(scope="openid employees:read")

    assert "code" in answer_of(visit.ask(scope="openid employees:read"))
    assert "code" in answer_of(visit.ask(scope="openid"))
    assert is_asked(visit.ask(scope="openid employees:read leave:read"))

    visit.allow(scope="leave:read")
    assert "code" in answer_of(visit.ask(scope="openid employees:read leave:read"))


def test_consent_is_asked_anew_when_the_app_wants(visit):
    visit.allow()

    assert is_asked(visit.ask(prompt="consent"))


def test_a_native_app_asks_each_time(db):
    application = ApplicationFactory(native=True)
    visit = Visit(application, MembershipFactory(organization=application.organization))
    visit.allow()

    assert is_asked(visit.ask())


def test_consent_of_one_is_not_anothers(visit):
    visit.allow()
    other = Visit(
        visit.application,
        MembershipFactory(organization=visit.application.organization),
    )

    assert is_asked(other.ask())


def test_a_silent_request_is_answered_without_a_page(visit):
    assert answer_of(visit.ask(prompt="none"))["error"] == "consent_required"
    visit.allow()
    assert "code" in answer_of(visit.ask(prompt="none"))

    visit.browser = Client()
    told = answer_of(visit.ask(prompt="none"))
    assert told == {
        "error": "login_required",
        "state": "st4te",
        "iss": "http://127.0.0.1:8000",
    }


def test_a_silent_request_is_no_open_redirect(visit):
    visit.browser = Client()

    answer = visit.ask(prompt="none", redirect_uri="https://evil.example.com/")

    assert answer.status_code == 400
    assert "Location" not in answer


def test_a_stranger_logs_in_and_is_asked_then(visit):
    visit.browser = Client()

    sent = visit.ask(prompt="login")
    assert sent["Location"].startswith("/account/login/?next=/oauth/authorize/")
    logged_in = visit.browser.post(
        sent["Location"],
        {"login": visit.membership.user.email, "password": PASSWORD},
    )
    assert logged_in["Location"].startswith("/oauth/authorize/?")
    between = visit.browser.get(logged_in["Location"])
    # The page loads the next by itself: it no longer belongs to the login form.
    assert b'http-equiv="refresh"' in between.content
    assert is_asked(visit.browser.get(between.context["address"]))


def test_the_app_may_want_the_password_once_more(visit):
    visit.allow()

    sent = visit.ask(prompt="login")
    assert sent["Location"].startswith("/account/reauthenticate/?next=")
    confirmed = visit.browser.post(sent["Location"], {"password": PASSWORD})

    assert confirmed["Location"].startswith("/oauth/authorize/?")
    between = visit.browser.get(confirmed["Location"])
    assert "code" in answer_of(visit.browser.get(between.context["address"]))
    age = timezone.now() - Grant.objects.order_by("-created")[0].authenticated_at
    assert age < dt.timedelta(seconds=60)


def test_the_app_may_say_how_old_a_login_may_be(visit, time_machine):
    visit.allow()
    user = visit.membership.user
    user.last_login = timezone.now() - dt.timedelta(minutes=5)
    user.save()

    assert "code" in answer_of(visit.ask(max_age="3600"))
    assert "reauthenticate" in visit.ask(max_age="60")["Location"]
    told = answer_of(visit.ask(max_age="60", prompt="none"))
    assert told["error"] == "login_required"
    assert visit.ask(max_age="soon").status_code == 400


def test_pressing_the_button_does_not_pass_the_password_by(visit):
    assert "reauthenticate" in visit.allow(prompt="login")["Location"]
    assert not Grant.objects.exists()


def test_the_button_needs_its_own_form(visit):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(visit.membership.user)

    answer = strict.post(
        "/oauth/authorize/", {"allow": "1"}, query_params=visit.query()
    )

    assert answer.status_code == 403
    assert not Consent.objects.exists()


def test_a_body_cannot_say_other_than_the_address(visit):
    other = ApplicationFactory(
        organization=visit.application.organization,
        redirect_uris=["https://other.example.com/"],
    )

    answer = visit.browser.post(
        "/oauth/authorize/",
        {
            "allow": "1",
            "client_id": other.client_id,
            "redirect_uri": "https://other.example.com/",
            "scope": "openid employees:read leave:read",
        },
        query_params=visit.query(scope="openid"),
    )

    assert answer["Location"].startswith("https://app.example.com/")
    assert Grant.objects.get().application == visit.application
    assert Consent.objects.get().scopes == ["openid"]


def test_members_of_other_organizations_do_not_learn_that_an_app_exists(visit):
    stranger = Visit(visit.application, MembershipFactory(role=Role.OWNER))

    seen = stranger.ask()
    missing = stranger.ask(client_id="app_00000000000000000000")

    assert seen.status_code == missing.status_code == 400
    hide = lambda page: page.content.decode().split("<main")[1]  # noqa: E731
    assert hide(seen) == hide(missing)
    assert stranger.allow().status_code == 400
    assert not Grant.objects.exists()


def test_an_app_that_is_switched_off_is_unknown(visit):
    visit.application.is_enabled = False
    visit.application.save()

    assert visit.ask().status_code == 400
    assert visit.allow().status_code == 400


def test_a_native_app_is_answered_at_any_port_of_this_machine(db):
    application = ApplicationFactory(native=True)
    visit = Visit(application, MembershipFactory(organization=application.organization))
    address = "http://127.0.0.1:49152/callback"

    page = visit.ask(redirect_uri=address)
    answer = visit.allow(redirect_uri=address)

    assert (
        "form-action 'self' http://127.0.0.1:49152" in page["Content-Security-Policy"]
    )
    assert answer["Location"].startswith(f"{address}?code=phc_")
    code = answer_of(answer)["code"]
    assert visit.redeem(code, redirect_uri="http://127.0.0.1/callback").json()["error"]
    assert visit.redeem(code, redirect_uri=address).status_code == 200


def test_a_native_app_is_answered_at_a_scheme_of_its_own(db):
    application = ApplicationFactory(native=True)
    visit = Visit(application, MembershipFactory(organization=application.organization))
    address = "com.example.app:/callback"

    page = visit.ask(redirect_uri=address)
    answer = visit.allow(redirect_uri=address)

    assert "form-action 'self' com.example.app:" in page["Content-Security-Policy"]
    assert answer["Location"].startswith(f"{address}?code=phc_")
    code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
    assert visit.redeem(code, redirect_uri=address).status_code == 200


@pytest.mark.parametrize("hint", ["nonsense", "another's"])
def test_a_hint_at_somebody_else_asks_for_a_login(visit, hint):
    visit.allow()
    own = visit.tokens()["id_token"]
    other = Visit(
        visit.application,
        MembershipFactory(organization=visit.application.organization),
    )
    given = other.tokens()["id_token"] if hint == "another's" else hint

    assert answer_of(visit.ask(id_token_hint=given))["error"] == "login_required"
    assert "code" in answer_of(visit.ask(id_token_hint=own))
