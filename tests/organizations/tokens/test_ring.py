"""What a process knows of the keys, and how seldom it asks."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from organizations.models import SigningKey
from organizations.tokens import open_family, ring
from organizations.tokens.keys import rotate_keys
from organizations.tokens.ring import forget_ring, signing_key, verifying_key
from tests.factories import MembershipFactory
from tests.organizations.logins import call, claims_of, sign

pytestmark = pytest.mark.django_db


class Clock:
    """The monotonic clock of the ring, which time_machine leaves alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        monkeypatch.setattr(ring, "monotonic", lambda: self.seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def queries_of_the_ring(queries: CaptureQueriesContext) -> int:
    return sum(
        'FROM "organizations_signingkey"' in query["sql"]
        for query in queries.captured_queries
    )


def test_strangers_with_invented_keys_cause_one_query_a_second(clock: Clock) -> None:
    claims = claims_of(open_family(MembershipFactory()).access)
    for _second in range(2):
        clock.seconds += 1
        with CaptureQueriesContext(connection) as queries:
            for number in range(30):
                assert call(sign(claims, kid=f"invented{number}")).status_code == 401
        assert queries_of_the_ring(queries) == 1


def test_a_key_that_another_process_made_is_found_within_a_second(
    clock: Clock,
) -> None:
    signing_key()  # as this process knows it
    rotate_keys(is_forced=True)
    made = SigningKey.objects.get(state=SigningKey.State.NEXT)

    assert verifying_key(made.key_id) is None
    clock.seconds += 1
    assert verifying_key(made.key_id) is not None


def test_the_key_that_signs_is_looked_up_once_a_minute(clock: Clock) -> None:
    before, _key = signing_key()
    rotate_keys(is_forced=True)
    clock.seconds += 59
    assert signing_key()[0] == before
    # What it signs meanwhile holds all the same.
    assert call(open_family(MembershipFactory()).access).status_code == 200
    clock.seconds += 1
    assert signing_key()[0] != before


def test_keys_of_a_transaction_that_is_undone_are_not_remembered() -> None:
    with transaction.atomic():
        SigningKey.objects.all().delete()
        forget_ring()
        undone, _key = signing_key()
        transaction.set_rollback(True)

    assert signing_key()[0] != undone
    assert SigningKey.objects.filter(key_id=signing_key()[0]).exists()
