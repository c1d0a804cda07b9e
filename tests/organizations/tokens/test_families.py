"""Rotation: used once, told when used twice, kind to honest races."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from organizations.models import Membership, TokenFamily
from organizations.security import SecurityKind
from organizations.tokens import InvalidToken, end_expired_families, open_family
from organizations.tokens.families import MAX_SESSIONS
from tests.factories import MembershipFactory
from tests.organizations.logins import (
    LATER,
    REFRESH,
    REVOKE,
    bearer,
    call,
    claims_of,
    log_in,
    post,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    member: Membership = MembershipFactory()
    return member


def refresh(token: str) -> Any:
    return post(REFRESH, refresh=token)


def test_a_refresh_token_gives_the_next_pair(membership: Membership) -> None:
    first = log_in(membership)

    second = refresh(first["refresh"]).json()
    third = refresh(second["refresh"]).json()

    ids = {claims_of(pair["refresh"])["jti"] for pair in (first, second, third)}
    assert len(ids) == 3
    assert call(third["access"]).status_code == 200
    assert TokenFamily.objects.count() == 1


def test_the_token_before_the_newest_gets_the_newest_again_for_ten_seconds(
    membership: Membership,
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = log_in(membership)
        second = refresh(first["refresh"]).json()
        clock.shift(dt.timedelta(seconds=9))
        again = refresh(first["refresh"]).json()

        assert claims_of(again["refresh"]) == claims_of(second["refresh"])
        assert call(again["access"]).status_code == 200
        assert call(second["access"]).status_code == 200
        # Whichever of the two answers the client has kept, it can go on.
        assert refresh(second["refresh"]).status_code == 200
        assert refresh(again["refresh"]).status_code == 200


def but_refusals(events: list[Any]) -> list[Any]:
    """Leave out that the door refused what had ended."""
    return [e for e in events if e.kind != SecurityKind.CREDENTIAL_REFUSED]


def test_a_replay_after_the_grace_ends_the_whole_family(
    membership: Membership, security_events: list[Any]
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        other = log_in(membership)
        first = log_in(membership)
        second = refresh(first["refresh"]).json()
        clock.shift(dt.timedelta(seconds=10))
        security_events.clear()

        assert refresh(first["refresh"]).status_code == 401

        assert refresh(second["refresh"]).status_code == 401
        assert call(second["access"]).status_code == 401
        assert call(first["access"]).status_code == 401
        assert call(other["access"]).status_code == 200
    (told,) = but_refusals(security_events)
    assert (told.kind, told.reason) == (SecurityKind.TOKEN_REUSED, "reused")
    assert told.subject == f"session:{claims_of(first['refresh'])['sid']}"
    assert told.organization_id == membership.organization_id


def test_the_grace_ends_when_the_successor_is_used(membership: Membership) -> None:
    first = log_in(membership)
    second = refresh(first["refresh"]).json()
    third = refresh(second["refresh"]).json()

    assert refresh(first["refresh"]).status_code == 401
    assert refresh(third["refresh"]).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_twenty_refreshes_at_once_end_with_one_family_and_every_answer_goes_on(
    membership: Membership,
) -> None:
    tokens = log_in(membership)
    together = Barrier(20)

    def ask(_number: int) -> Any:
        try:
            together.wait()
            return refresh(tokens["refresh"])
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))

    assert [answer.status_code for answer in answers] == [200] * 20
    assert TokenFamily.objects.count() == 1
    pairs = [answer.json() for answer in answers]
    assert len({claims_of(pair["refresh"])["jti"] for pair in pairs}) == 1
    assert {call(pair["access"]).status_code for pair in pairs} == {200}
    family = TokenFamily.objects.get()
    for pair in pairs:  # each client's own story, from the same state
        assert refresh(pair["refresh"]).status_code == 200
        family.save()


def test_the_database_holds_nothing_to_make_a_token_from(
    membership: Membership,
) -> None:
    tokens = refresh(log_in(membership)["refresh"]).json()

    (row,) = TokenFamily.objects.values()
    for token in (tokens["access"], tokens["refresh"]):
        assert claims_of(token)["jti"] not in str(row)
        assert token.rpartition(".")[2] not in str(row)
    assert len(row["refresh_digest"]) == len(row["previous_digest"]) == 64


def test_logging_out_ends_both_tokens(
    membership: Membership, security_events: list[Any]
) -> None:
    tokens = log_in(membership)
    security_events.clear()

    assert post(REVOKE, refresh=tokens["refresh"]).status_code == 204

    assert call(tokens["access"]).status_code == 401
    assert refresh(tokens["refresh"]).status_code == 401
    assert post(REVOKE, refresh=tokens["refresh"]).status_code == 204
    (told,) = but_refusals(security_events)
    assert (told.kind, told.reason) == (SecurityKind.TOKEN_REVOKED, "logged_out")


def test_an_older_refresh_token_logs_out_as_well(membership: Membership) -> None:
    first = log_in(membership)
    second = refresh(first["refresh"]).json()

    assert post(REVOKE, refresh=first["refresh"]).status_code == 204

    assert call(second["access"]).status_code == 401


def test_tokens_expire_and_refreshing_does_not_put_the_end_off(
    membership: Membership,
) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        tokens = log_in(membership)
        clock.shift(dt.timedelta(minutes=10, seconds=6))
        assert call(tokens["access"]).status_code == 401
        clock.move_to(start + dt.timedelta(days=6, hours=23, minutes=55))
        tokens = refresh(tokens["refresh"]).json()
        assert call(tokens["access"]).status_code == 200
        # No access token holds longer than its session.
        assert tokens["expires_in"] == tokens["refresh_expires_in"] == 300
        clock.move_to(start + dt.timedelta(days=7, seconds=1))
        assert refresh(tokens["refresh"]).status_code == 401
        assert call(tokens["access"]).status_code == 401
        assert end_expired_families() in (0, 1)
        log_in(membership)
    assert TokenFamily.objects.count() == 1


def test_a_remembered_token_expires_all_the_same(membership: Membership) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        access = log_in(membership)["access"]
        assert call(access).status_code == 200
        clock.shift(dt.timedelta(minutes=10, seconds=4))
        assert call(access).status_code == 200  # clocks may differ by 5 seconds
        clock.shift(dt.timedelta(seconds=1))
        assert call(access).status_code == 401


def test_sessions_that_are_past_are_forgotten(membership: Membership) -> None:
    with time_machine.travel(timezone.now() - dt.timedelta(days=7, minutes=1)):
        open_family(membership)
    kept = open_family(MembershipFactory())

    assert end_expired_families() == 1

    assert call(kept.access).status_code == 200


def test_a_member_has_so_many_sessions_at_most(membership: Membership) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = open_family(membership)
        clock.shift(dt.timedelta(seconds=1))
        second = open_family(membership)
        for _number in range(MAX_SESSIONS - 1):
            clock.shift(dt.timedelta(milliseconds=1))
            open_family(membership)
        assert membership.token_families.count() == MAX_SESSIONS

        assert call(first.access).status_code == 401
        assert call(second.access).status_code == 200


def test_who_is_removed_while_the_password_is_checked_gets_nothing(
    membership: Membership,
) -> None:
    Membership.objects.get(pk=membership.pk).delete()

    with pytest.raises(InvalidToken):
        open_family(membership)


def test_a_password_that_is_changed_while_it_is_checked_does_not_count(
    membership: Membership,
) -> None:
    checked = membership.user  # read before the change
    changed = type(checked).objects.get(pk=checked.pk)
    changed.set_password("another horse battery")
    changed.save()

    assert call(open_family(membership).access).status_code == 401


def test_refreshing_notes_from_where(membership: Membership) -> None:
    tokens = log_in(membership, agent="first/1.0")
    browser = Client(headers={"User-Agent": "s\0econd/2.0 " + "x" * 300})

    browser.post(
        REFRESH, {"refresh": tokens["refresh"]}, content_type="application/json"
    )

    family = TokenFamily.objects.get()
    assert family.address == "127.0.0.1"
    assert family.agent.startswith("second/2.0 x")
    assert len(family.agent) == 200


def test_a_refresh_after_the_grace_of_a_lost_answer_asks_for_a_login(
    membership: Membership,
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tokens = log_in(membership)
        refresh(tokens["refresh"])  # the answer is lost
        clock.shift(LATER)
        assert refresh(tokens["refresh"]).status_code == 401
    assert (
        Client().get("/api/v1/me/", headers=bearer(tokens["access"])).status_code == 401
    )
