"""Who is let in with a key, who is not, and what either costs."""

import pytest

from integrations.api_keys.hashing import pool
from integrations.api_keys.refusals import Reason, Refused
from integrations.api_keys.verification import memory, verify, warm
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget():
    memory.clear()


def test_right_key_opens_what_it_may():
    key = ApiKeyFactory(scopes=["employees:read", "structure:read"])

    opened = verify(key.text)

    assert opened.id == key.pk
    assert opened.generation == key.version
    assert opened.access.organization == key.organization
    assert opened.access.scopes == {"employees:read", "structure:read"}
    assert (opened.access.actor_type, opened.access.actor_id) == (
        "api_key",
        str(key.pk),
    )


def test_second_request_hashes_nothing_and_warm_asks_nobody(
    django_assert_num_queries,
):
    key = ApiKeyFactory()
    before = pool().runs
    with django_assert_num_queries(1):
        verify(key.text)
    with django_assert_num_queries(1):
        verify(key.text)
    with django_assert_num_queries(0):
        assert warm(key.text).id == key.pk
    assert pool().runs == before + 1


def test_wrong_secret_hashes_nothing():
    key = ApiKeyFactory()
    other = ApiKeyFactory()
    from integrations.api_keys import keys

    start = f"phr_live_{key.key_id}_{other.text.split('_')[3][:32]}"
    before = pool().runs
    with pytest.raises(Refused) as refused:
        verify(start + keys.checksum(start))
    assert refused.value.reason == Reason.BAD_SECRET
    assert pool().runs == before
