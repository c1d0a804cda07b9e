"""Security and integration events are kept as they are told, in their transaction."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from integrations.audit.events import IntegrationKind, log_integration_event
from integrations.audit.models import IntegrationEvent, SecurityRecord
from integrations.oauth.services import renew_secret
from organizations.access import OrganizationAccess, acting
from organizations.security import SecurityKind, tell
from tests.factories import MembershipFactory, OrganizationFactory
from tests.factories.oauth import ApplicationFactory

pytestmark = pytest.mark.usefixtures("no_events")


def told(kind: SecurityKind) -> list[SecurityRecord]:
    return list(SecurityRecord.objects.filter(kind=kind).order_by("id"))


def test_a_security_event_is_kept_with_who_acted():
    membership = MembershipFactory()
    with acting(OrganizationAccess.of(membership)):
        tell(
            SecurityKind.ACCESS_REFUSED,
            subject="api_key:tHt7I8cdpZ3I",
            reason="scope",
            address="203.0.113.7",
            details={"scope": "employees:write", "tries": 3},
        )

    [row] = told(SecurityKind.ACCESS_REFUSED)
    assert row.organization_id == membership.organization_id
    assert (row.actor_type, row.actor_id) == ("user", str(membership.user_id))
    assert (row.subject, row.reason) == ("api_key:tHt7I8cdpZ3I", "scope")
    assert row.address == "203.0.113.7"
    assert row.details == {"scope": "employees:write", "tries": 3}


def test_what_is_undone_was_not_told():
    with transaction.atomic():
        tell(SecurityKind.ADMIN_ACTED)
        transaction.set_rollback(True)

    assert told(SecurityKind.ADMIN_ACTED) == []


@pytest.mark.parametrize(
    ("held", "kept"),
    [
        ("a\0b", "a\ufffdb"),
        ("\ud800", "?"),
        ("\\u0000", "\\u0000"),
        ({"a": ["\0"]}, {"a": ["\ufffd"]}),
        (1.5, 1.5),
    ],
)
def test_no_text_of_a_caller_keeps_an_event_out(held, kept):
    tell(SecurityKind.INPUT_REFUSED, reason="x" * 500, details={"held": held})

    [row] = told(SecurityKind.INPUT_REFUSED)
    assert row.details == {"held": kept}
    assert row.reason == "x" * 100


def test_an_integration_event_is_kept_in_a_log_of_its_own():
    organization = OrganizationFactory()
    with acting(OrganizationAccess(organization)):
        log_integration_event(
            IntegrationKind.ENDPOINT_SWITCHED_OFF,
            organization_id=organization.pk,
            subject="webhook_endpoint:1",
        )

    row = IntegrationEvent.objects.get(kind="endpoint.switched_off")
    assert row.organization_id == organization.pk
    assert not SecurityRecord.objects.filter(kind="endpoint.switched_off").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'nothing'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_security_event SET reason = 'nothing'",
        "DELETE FROM audit_security_event",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(statement):
    tell(SecurityKind.ADMIN_ACTED)

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert len(told(SecurityKind.ADMIN_ACTED)) == 1


def test_logins_good_and_bad_are_told_to_each_organization():
    membership = MembershipFactory()
    other = MembershipFactory(user=membership.user)
    membership.user.set_password("a long enough password")
    membership.user.save()
    client = Client()
    address = reverse("account_login")

    client.post(address, {"login": membership.user.email, "password": "wrong"})
    client.post(
        address,
        {"login": membership.user.email, "password": "a long enough password"},
    )
    client.post(reverse("account_logout"))

    both = {membership.organization_id, other.organization_id}
    for kind in (
        SecurityKind.LOGIN_FAILED,
        SecurityKind.LOGIN_SUCCEEDED,
        SecurityKind.SESSION_ENDED,
    ):
        rows = told(kind)
        assert {row.organization_id for row in rows} == both, kind
        assert {row.subject for row in rows} == {f"user:{membership.user_id}"}
        assert {row.address for row in rows} == {"127.0.0.1"}


def test_what_a_stranger_typed_is_not_written_down():
    Client().post(
        reverse("account_login"),
        {"login": "my-secret@example.com", "password": "wrong"},
    )

    [row] = told(SecurityKind.LOGIN_FAILED)
    assert row.organization_id is None
    assert row.reason == "unknown_user"
    assert "my-secret" not in str(SecurityRecord.objects.values())


def test_a_changed_password_is_told():
    membership = MembershipFactory()
    membership.user.set_password("a long enough password")
    membership.user.save()
    client = Client()
    client.force_login(membership.user)

    client.post(
        reverse("account_change_password"),
        {
            "oldpassword": "a long enough password",
            "password1": "another long enough one",
            "password2": "another long enough one",
        },
    )

    [row] = told(SecurityKind.PASSWORD_CHANGED)
    assert row.subject == f"user:{membership.user_id}"


def test_log_of_integration_events_tells_what_became_of_an_app(db):
    application = ApplicationFactory(name="Rota planner")
    renew_secret(application)
    application.refresh_from_db()
    application.delete()

    told = IntegrationEvent.objects.for_organization(application.organization).filter(
        subject=f"oauth_app:{application.client_id}"
    )

    assert [(event.kind, event.reason) for event in told.order_by("id")] == [
        ("oauth_app.added", "created"),
        ("oauth_app.changed", "secret_renewed"),
        ("oauth_app.removed", "deleted"),
    ]
