"""Codes and refresh tokens are used once, and theft ends what came of them."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection, connections
from django.utils import timezone

from integrations.oauth.formats import Prefix
from integrations.oauth.issuing import GRACE
from integrations.oauth.models import AccessToken, Grant, RefreshToken
from integrations.oauth.tasks import prune_grants
from organizations.roles import Role
from organizations.security import SecurityKind, security_event_occurred
from tests.factories import MembershipFactory
from tests.factories.oauth import ApplicationFactory
from tests.integrations.oauth.flows import Visit
from tests.integrations.oauth.test_bearer import opens

PAST_THE_GRACE = GRACE + dt.timedelta(seconds=1)


@pytest.fixture
def told():
    """Collect the security events that are told."""
    events = []

    def hear(sender, event, **_signal):
        events.append((event.kind, event.reason))

    security_event_occurred.connect(hear)
    yield events
    security_event_occurred.disconnect(hear)


def error_of(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


def test_a_replayed_code_ends_what_was_issued_from_it(visit, told):
    code = visit.code()
    tokens = visit.redeem(code).json()
    renewed = visit.refresh(tokens["refresh_token"]).json()

    assert error_of(visit.redeem(code)) == (400, "invalid_grant")

    assert not opens(tokens["access_token"])
    assert not opens(renewed["access_token"])
    answer = visit.refresh(renewed["refresh_token"])
    assert error_of(answer) == (400, "invalid_grant")
    assert (SecurityKind.TOKEN_REUSED, "code_replayed") in told


def test_who_only_read_a_code_logs_nobody_out(visit):
    code = visit.code()
    tokens = visit.redeem(code).json()

    for proof in ({"code_verifier": "x" * 43}, {"code_verifier": None}):
        assert visit.redeem(code, **proof).status_code == 400

    assert opens(tokens["access_token"])


def test_another_app_cannot_redeem_a_code_nor_end_it(visit):
    code = visit.code()
    other = ApplicationFactory(organization=visit.application.organization)
    theirs = Visit(other, visit.membership, verifier=visit.verifier)

    assert error_of(theirs.redeem(code)) == (400, "invalid_grant")

    assert visit.redeem(code).status_code == 200


def test_a_code_ends_after_a_minute(visit, time_machine):
    code = visit.code()

    time_machine.move_to(timezone.now() + dt.timedelta(seconds=61))

    assert error_of(visit.redeem(code)) == (400, "invalid_grant")


def test_a_reused_refresh_token_ends_the_grant(visit, time_machine, told):
    first = visit.tokens()
    second = visit.refresh(first["refresh_token"]).json()
    time_machine.move_to(timezone.now() + PAST_THE_GRACE)

    assert error_of(visit.refresh(first["refresh_token"])) == (400, "invalid_grant")

    assert not opens(second["access_token"])
    answer = visit.refresh(second["refresh_token"])
    assert error_of(answer) == (400, "invalid_grant")
    assert (SecurityKind.TOKEN_REUSED, "refresh_token_reused") in told


def test_within_the_grace_the_same_next_token_comes_again(visit):
    first = visit.tokens()

    answers = [visit.refresh(first["refresh_token"]).json() for _ in range(3)]

    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert len({answer["access_token"] for answer in answers}) == 3
    assert all(opens(answer["access_token"]) for answer in answers)
    assert RefreshToken.objects.count() == 2


def test_no_grace_once_the_successor_was_used(visit):
    first = visit.tokens()
    second = visit.refresh(first["refresh_token"]).json()
    third = visit.refresh(second["refresh_token"]).json()

    answer = visit.refresh(first["refresh_token"])

    assert error_of(answer) == (400, "invalid_grant")
    assert not opens(third["access_token"])


def test_a_grant_ends_however_often_it_is_refreshed(visit, time_machine, settings):
    tokens = visit.tokens()
    start = timezone.now()
    for day in range(1, settings.OAUTH_GRANT_DAYS):
        time_machine.move_to(start + dt.timedelta(days=day))
        tokens = visit.refresh(tokens["refresh_token"]).json()
        assert opens(tokens["access_token"])

    time_machine.move_to(start + dt.timedelta(days=settings.OAUTH_GRANT_DAYS))

    answer = visit.refresh(tokens["refresh_token"])
    assert error_of(answer) == (400, "invalid_grant")
    assert not opens(tokens["access_token"])


def test_another_app_cannot_refresh_nor_end_the_grant(visit):
    tokens = visit.tokens()
    other = ApplicationFactory(organization=visit.application.organization)

    answer = Visit(other, visit.membership).refresh(tokens["refresh_token"])

    assert error_of(answer) == (400, "invalid_grant")
    assert visit.refresh(tokens["refresh_token"]).status_code == 200


def test_a_refresh_narrows_and_never_widens(visit):
    tokens = visit.tokens(scope="openid employees:read")

    narrow = visit.refresh(tokens["refresh_token"], scope="employees:read").json()
    assert narrow["scope"] == "employees:read"

    wide = visit.refresh(narrow["refresh_token"], scope="employees:read leave:read")
    assert error_of(wide) == (400, "invalid_scope")


def test_a_service_gets_no_refresh_token(db):
    service = ApplicationFactory(service=True)
    visit = Visit(service, MembershipFactory(organization=service.organization))

    body = {"grant_type": "client_credentials", **visit.proof()}
    answer = visit.post("token", body).json()

    assert "refresh_token" not in answer


def test_nothing_that_opens_anything_is_kept_in_clear(visit):
    code = visit.code()
    tokens = visit.redeem(code).json()
    renewed = visit.refresh(tokens["refresh_token"]).json()
    shown = [code, visit.proof()["client_secret"], tokens["id_token"]]
    for name in ("access_token", "refresh_token"):
        shown += [tokens[name], renewed[name]]
    ours = [text for text in shown if text.startswith(tuple(Prefix))]
    needles = [*shown, *(text.partition("_")[2][:-6] for text in ours)]
    assert len(ours) == len(shown) - 1  # all but the ID token

    with connection.cursor() as cursor:
        found = [
            (table, needle)
            for table in connection.introspection.table_names(cursor)
            for needle in needles
            if holds(cursor, table, needle)
        ]

    assert found == []
    assert AccessToken.objects.filter(token_checksum__regex="^[0-9a-f]{64}$").exists()


def holds(cursor, table: str, needle: str) -> bool:
    quoted = connection.ops.quote_name(table)
    cursor.execute(
        f"SELECT EXISTS (SELECT 1 FROM {quoted} t WHERE position(%s in t::text) > 0)",
        [needle],
    )
    return cursor.fetchone()[0]


def test_pruning_keeps_what_theft_is_known_by(visit, time_machine):
    code = visit.code()
    visit.redeem(code)
    visit.code()  # nobody redeems this one
    start = timezone.now()

    time_machine.move_to(start + dt.timedelta(days=2))
    prune_grants()
    assert Grant.objects.count() == 1
    assert AccessToken.objects.count() == 0

    time_machine.move_to(start + dt.timedelta(days=31))
    prune_grants()
    assert Grant.objects.count() == RefreshToken.objects.count() == 0


def side_by_side(count: int, call):
    """Call from several threads, each with a connection of its own."""

    def once(number: int):
        try:
            return call(number)
        finally:
            with suppress(KeyError):
                connections["default"].close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(once, range(count)))


@pytest.fixture
def committed_visit(transactional_db) -> Visit:
    application = ApplicationFactory()
    return Visit(
        application,
        MembershipFactory(organization=application.organization, role=Role.EMPLOYEE),
    )


def test_of_two_redemptions_of_one_code_one_wins(committed_visit):
    code = committed_visit.code()

    answers = side_by_side(8, lambda _: committed_visit.redeem(code))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert Grant.objects.get().access_tokens.count() == 1


def test_of_parallel_refreshes_one_line_of_tokens_remains(committed_visit):
    tokens = committed_visit.tokens()

    answers = side_by_side(
        20, lambda _: committed_visit.refresh(tokens["refresh_token"])
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert RefreshToken.objects.filter(used_at__isnull=True).count() == 1
    newest = committed_visit.refresh(answers[0].json()["refresh_token"])
    assert newest.status_code == 200
