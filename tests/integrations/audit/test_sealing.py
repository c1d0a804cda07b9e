"""Tampering shows, even by whoever may switch the triggers off."""

import datetime as dt
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from integrations.audit.chain import INSTALLATION, canonical, link
from integrations.audit.models import SecurityRecord
from integrations.audit.sealing import seal
from integrations.audit.verifying import prune_events, verify
from organizations.models import Organization
from organizations.security import SecurityKind, tell
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.usefixtures("no_events")


@pytest.fixture
def organization() -> Organization:
    """An organization with five sealed events, beside others' and nobody's."""
    organization, other = OrganizationFactory(), OrganizationFactory()
    for number in range(5):
        for whose in (organization.pk, other.pk, None):
            tell(
                SecurityKind.ADMIN_ACTED,
                organization_id=whose,
                details={"number": number},
            )
    seal()
    return organization


@pytest.fixture
def tampered(organization: Organization) -> Iterator[None]:
    """Let statements pass by the triggers, as a superuser may."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")


def run(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def third_of(organization: Organization) -> object:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id FROM audit_seal WHERE chain_id = %s AND number = 3",
            [organization.pk],
        )
        return cursor.fetchone()[0]


def test_each_organization_has_a_chain_and_so_has_the_installation(organization):
    report = verify()

    assert report.breaks == []
    assert (report.chains, report.links) == (3, 15)


def test_sealing_goes_on_where_it_ended(organization):
    tell(SecurityKind.ADMIN_ACTED, organization_id=organization.pk)

    assert seal() == 1
    assert seal() == 0
    report = verify()
    assert (report.breaks, report.links) == ([], 16)


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'harmless'",
        "details = '{}'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "actor_id = 'somebody else'",
        "kind = 'authn_login_success'",
        "log = 'integration'",
        "address = '127.0.0.1'",
    ],
)
def test_a_changed_event_is_found(organization, tampered, change):
    third = third_of(organization)
    run(f"UPDATE audit_event SET {change} WHERE id = %s", third)

    [found] = verify().breaks
    assert (found.chain_id, found.number, found.event_id) == (
        *(organization.pk, 3, third),
    )
    assert "changed" in found.reason


def test_an_event_given_to_another_organization_is_found(organization, tampered):
    run(
        "UPDATE audit_event SET organization_id = NULL WHERE id = %s",
        third_of(organization),
    )

    [found] = verify().breaks
    assert (found.chain_id, found.number) == (organization.pk, 3)


def test_a_removed_event_is_found(organization, tampered):
    third = third_of(organization)
    run("DELETE FROM audit_event WHERE id = %s", third)

    [found] = verify().breaks
    assert (found.number, found.event_id) == (3, third)
    assert "missing" in found.reason


def test_a_removed_link_is_found(organization, tampered):
    third = third_of(organization)
    run("DELETE FROM audit_event WHERE id = %s", third)
    run("DELETE FROM audit_seal WHERE event_id = %s", third)

    [found] = verify().breaks
    assert found.number == 3
    assert "link 3 is missing" in found.reason


def test_a_cut_off_tail_is_found(organization, tampered):
    cut = "SELECT event_id FROM audit_seal WHERE chain_id = %s AND number > 3"
    run(f"DELETE FROM audit_event WHERE id IN ({cut})", organization.pk)
    run("DELETE FROM audit_seal WHERE chain_id = %s AND number > 3", organization.pk)

    [found] = verify().breaks
    assert found.number == 3
    assert "had 5 links" in found.reason


def test_a_head_that_was_moved_with_the_tail_is_found(organization, tampered):
    cut = "SELECT event_id FROM audit_seal WHERE chain_id = %s AND number > 3"
    run(f"DELETE FROM audit_event WHERE id IN ({cut})", organization.pk)
    run("DELETE FROM audit_seal WHERE chain_id = %s AND number > 3", organization.pk)
    run(
        "UPDATE audit_chain SET length = 3, head = (SELECT hash FROM audit_seal "
        "WHERE chain_id = id AND number = 3) WHERE id = %s",
        organization.pk,
    )

    [found] = verify().breaks
    assert "head was changed" in found.reason


def test_a_whole_chain_that_was_made_anew_is_found(organization, tampered):
    """Without the key, the hashes can be recomputed, the anchor cannot."""
    run("UPDATE audit_event SET reason = '' WHERE id = %s", third_of(organization))
    run("DELETE FROM audit_chain WHERE id = %s", organization.pk)

    assert [found.reason for found in verify().breaks] == ["its head is gone."]


def test_an_event_that_was_slipped_in_is_found(organization, tampered):
    run(
        "INSERT INTO audit_event SELECT gen_random_uuid(), log, occurred_at, "
        "organization_id, kind, actor_type, actor_id, subject, reason, address, "
        "request_id, details FROM audit_event LIMIT 1"
    )

    assert [found.reason for found in verify().breaks] == ["this event is in no chain."]


def test_two_events_that_changed_places_are_found(organization, tampered):
    run(
        "UPDATE audit_seal SET number = -number WHERE chain_id = %s AND number < 3",
        organization.pk,
    )
    run(
        "UPDATE audit_seal SET number = 3 + number WHERE chain_id = %s AND number < 0",
        organization.pk,
    )

    [found] = verify().breaks
    assert found.number == 1


def test_the_command_says_where_it_breaks(organization, tampered):
    errors = StringIO()
    third = third_of(organization)
    run("UPDATE audit_event SET reason = 'harmless' WHERE id = %s", third)

    with pytest.raises(CommandError):
        call_command("verify_security_log", stderr=errors)

    assert f"{organization.pk}, link 3, event {third}" in errors.getvalue()


def test_the_command_counts_what_is_whole(organization):
    words = StringIO()

    call_command("verify_security_log", stdout=words)

    assert "15 events in 3 chains" in words.getvalue()


def test_another_encryption_key_still_knows_the_anchor(organization, settings):
    settings.ENCRYPTION_KEYS = ["a newer one", *settings.ENCRYPTION_KEYS]

    assert verify().breaks == []
    settings.ENCRYPTION_KEYS = ["a newer one"]
    assert len(verify().breaks) == 3


def test_old_events_go_and_what_is_left_still_verifies(organization):
    old = timezone.now() - dt.timedelta(days=500)
    tell(SecurityKind.ADMIN_ACTED, organization_id=organization.pk)
    seal()
    cut = timezone.now()
    tell(SecurityKind.ADMIN_ACTED, organization_id=organization.pk)
    seal()

    assert prune_events(old) == 0
    assert prune_events(cut) == 16

    assert SecurityRecord.objects.count() == 1
    report = verify()
    assert (report.breaks, report.links) == ([], 1)
    tell(SecurityKind.ADMIN_ACTED, organization_id=organization.pk)
    assert seal() == 1
    assert verify().breaks == []


def test_a_broken_chain_is_not_pruned_past_its_break(organization, tampered):
    third = third_of(organization)
    run("UPDATE audit_event SET reason = 'harmless' WHERE id = %s", third)

    prune_events(timezone.now())

    assert SecurityRecord.objects.filter(organization=organization).count() == 3
    [found] = verify().breaks
    assert found.event_id == third


def test_the_hash_is_what_the_documents_say():
    content = canonical(INSTALLATION, 1, {"b": 1, "a": None})

    assert content == (
        b'{"chain":"00000000-0000-0000-0000-000000000000",'
        b'"event":{"a":null,"b":1},"number":1}'
    )
    assert link(bytes(32), b"abc").hex() == (
        "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370"
    )
