"""Logging out of us because one logged out of an app."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories.oauth import ApplicationFactory

BYE = "https://app.example.com/bye"


def is_logged_in(browser) -> bool:
    return browser.get("/account/sessions/").status_code == 200


def leave(visit, **query):
    return visit.browser.get("/oauth/logout/", query)


def test_an_app_that_proves_whom_it_means_logs_them_out(visit):
    tokens = visit.tokens()

    answer = leave(
        visit,
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=BYE,
        state="s",
    )

    assert answer["Location"] == f"{BYE}?state=s"
    assert not is_logged_in(visit.browser)
    assert visit.userinfo(tokens["access_token"]).status_code == 401
    assert visit.refresh(tokens["refresh_token"]).status_code == 400


def test_without_a_proof_the_person_is_asked(visit):
    query = {
        "client_id": visit.application.client_id,
        "post_logout_redirect_uri": BYE,
    }

    page = leave(visit, **query)
    assert b"Log out?" in page.content
    assert (
        "form-action 'self' https://app.example.com"
        in (page["Content-Security-Policy"])
    )
    assert is_logged_in(visit.browser)

    answer = visit.browser.post("/oauth/logout/", query | {"confirm": "1"})
    assert answer["Location"] == BYE
    assert not is_logged_in(visit.browser)


def test_no_other_page_presses_the_button(visit):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(visit.membership.user)

    assert strict.post("/oauth/logout/", {"confirm": "1"}).status_code == 403
    # An app's own form is asked about, as its link is.
    assert strict.post("/oauth/logout/", {}).status_code == 200
    assert is_logged_in(strict)


def test_an_old_id_token_is_proof_enough(visit, time_machine):

    id_token = visit.tokens()["id_token"]
    time_machine.move_to(timezone.now() + dt.timedelta(hours=2))

    assert leave(visit, id_token_hint=id_token)["Location"] == "/account/login/"
    assert not is_logged_in(visit.browser)


@pytest.mark.parametrize(
    "query",
    [
        {"id_token_hint": "x"},
        {"id_token_hint": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."},
        {"post_logout_redirect_uri": BYE},
        {"client_id": "app_00000000000000000000", "post_logout_redirect_uri": BYE},
        {"client_id": "OWN", "post_logout_redirect_uri": "https://evil.example.com/"},
        {"client_id": "OWN", "post_logout_redirect_uri": f"{BYE}?x"},
        {"client_id": "OWN", "post_logout_redirect_uri": "javascript:alert(1)"},
        {"client_id": "OTHER", "id_token_hint": "OWN"},
        {"client_id": ["a", "b"]},
    ],
)
def test_nobody_is_sent_anywhere_by_a_lie(visit, query):
    other = ApplicationFactory(organization=visit.application.organization)
    words = {"OWN": visit.application.client_id, "OTHER": other.client_id}
    sent = {
        name: words.get(value, value) if isinstance(value, str) else value
        for name, value in query.items()
    }
    if sent.get("id_token_hint") == visit.application.client_id:
        sent["id_token_hint"] = visit.tokens()["id_token"]

    answer = leave(visit, **sent)

    assert answer.status_code == 400
    assert is_logged_in(visit.browser)


def test_who_is_logged_out_already_goes_on(visit):
    visit.browser = Client()
    query = {
        "client_id": visit.application.client_id,
        "post_logout_redirect_uri": BYE,
    }

    assert leave(visit, **query)["Location"] == BYE
