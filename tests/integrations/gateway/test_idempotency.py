"""A POST with a key is done once, however often and by however many it is sent."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from employees.models import Department
from integrations.api_keys.models import ApiKey
from integrations.gateway import kept_answers
from integrations.gateway.authentication import GatewayAuthentication
from integrations.gateway.idempotency import read_key
from integrations.gateway.models import KeptAnswer
from integrations.gateway.tasks import prune_kept_answers
from organizations import encryption
from organizations.api.members import MailFailed
from organizations.models import Membership
from organizations.roles import Role
from organizations.services import change_role
from tests.api import ApiClient, api_client
from tests.factories import DepartmentFactory, MembershipFactory
from tests.integrations.gateway.conftest import by_key, by_session, by_token

DEPARTMENTS = "/api/v1/departments/"
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@pytest.fixture
def client(db: None) -> ApiClient:
    return api_client(Role.OWNER)


def post(client: Any, body: Any, path: str = DEPARTMENTS, key: str = KEY) -> Any:
    return client.post(
        path, body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def code_of(response: Any) -> str:
    return str(response.json()["type"].rstrip("/").rpartition("/")[2])


def test_the_same_again_is_answered_as_before(client: ApiClient) -> None:
    first = post(client, {"name": "Sales", "code": "S"})
    again = post(client, '{"code": "S",  "name": "Sales"}')  # says the same

    assert Department.objects.count() == 1
    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    for name in ("Location", "ETag", "Content-Type"):
        assert again[name] == first[name]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["X-Request-ID"] != first["X-Request-ID"]


def test_without_a_key_it_is_done_again(client: ApiClient) -> None:
    for name in ("Sales", "Research"):
        assert client.send("POST", DEPARTMENTS, {"name": name}).status_code == 201

    assert KeptAnswer.objects.count() == 0


def test_a_key_is_for_one_body_and_query(client: ApiClient) -> None:
    post(client, {"name": "Sales"})

    for body, path in (
        ({"name": "Other"}, DEPARTMENTS),
        ({"name": "Sales"}, f"{DEPARTMENTS}?format=json"),
    ):
        response = post(client, body, path)
        assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert code_of(response) == "idempotency_key_reused"
    assert Department.objects.count() == 1


def test_a_key_belongs_to_one_address(client: ApiClient) -> None:
    post(client, {"name": "Sales"})
    response = post(client, {"name": "Sales"}, "/api/v1/locations/")

    assert "Idempotency-Replayed" not in response


def test_a_key_belongs_to_one_organization_and_principal(client: ApiClient) -> None:
    colleague = api_client(Role.OWNER, client.membership.organization)
    stranger = api_client(Role.OWNER)

    post(client, {"name": "Sales"})
    theirs = post(colleague, {"name": "Sales"})
    foreign = post(stranger, {"name": "Sales"})

    assert code_of(theirs) == "invalid"  # done, and refused: the name is taken
    assert foreign.status_code == 201
    assert Department._base_manager.count() == 2


def test_a_member_of_two_organizations_has_two_keys(client: ApiClient) -> None:
    elsewhere = MembershipFactory(user=client.membership.user, role=Role.OWNER)

    post(client, {"name": "Sales"})
    there = post(ApiClient(elsewhere), {"name": "Sales"})

    assert there.status_code == 201
    assert "Idempotency-Replayed" not in there


def test_a_person_may_come_back_by_another_login(membership: Membership) -> None:
    first = post(by_token(membership).client, {"name": "Sales"})
    new_token = post(by_token(membership).client, {"name": "Sales"})
    session = post(by_session(membership).client, {"name": "Sales"})

    assert new_token.content == session.content == first.content


def test_a_key_of_a_program_is_another_principal(membership: Membership) -> None:
    post(by_token(membership).client, {"name": "Sales"})
    response = post(
        by_key(membership, scopes=["structure:read", "structure:write"]).client,
        {"name": "Sales"},
    )

    assert code_of(response) == "invalid"


def test_a_refusal_is_kept_and_undone(client: ApiClient) -> None:
    DepartmentFactory(organization=client.membership.organization, name="Sales")
    first = post(client, {"name": "Sales"})
    Department.objects.all().delete()

    again = post(client, {"name": "Sales"})

    assert first.status_code == again.status_code == 400
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == "application/problem+json"
    assert again.json() == first.json()


def test_what_fails_on_our_side_is_undone_and_not_kept(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        # The department is written by then.
        broken.delattr("organizations.viewsets.OrganizationViewSet.answer_created")
        first = post(client, {"name": "Sales"})
    assert first.status_code == 500
    assert not Department.objects.exists()
    assert not KeptAnswer.objects.exists()

    assert post(client, {"name": "Sales"}).status_code == 201


def test_no_rights_no_answer(client: ApiClient) -> None:
    MembershipFactory(organization=client.membership.organization, role=Role.OWNER)
    post(client, {"name": "Sales"})

    client.membership.refresh_from_db()
    change_role(client.membership, Role.EMPLOYEE)
    closed = post(client, {"name": "Sales"})
    change_role(client.membership, Role.HR)
    other = post(client, {"name": "Sales"})

    assert (closed.status_code, code_of(closed)) == (403, "missing_scope")
    assert (other.status_code, code_of(other)) == (409, "idempotency_rights_changed")
    assert Department.objects.count() == 1


def test_a_secret_that_is_shown_once_lies_encrypted(client: ApiClient) -> None:
    body = {"name": "Payroll", "scopes": ["employees:read"]}
    first = post(client, body, "/api/v1/api-keys/")
    again = post(client, body, "/api/v1/api-keys/")

    kept = KeptAnswer.objects.get()
    secret = first.json()["key"]
    assert again.json()["key"] == secret
    assert again["Cache-Control"] == first["Cache-Control"]
    assert "no-store" in again["Cache-Control"]
    assert ApiKey.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM gateway_keptanswer k")
        [row] = cursor.fetchone()
    assert secret not in row
    assert KEY not in row
    assert "Payroll" not in row
    assert secret in encryption.decrypt(kept.answer)


@pytest.mark.parametrize(
    "key",
    ["", " ", "a b", "ä", "x" * 256, '""', '"open', "a,b", '"a", "b"', "a\x7fb"],
)
def test_what_is_no_key_is_refused(client: ApiClient, key: str) -> None:
    response = post(client, {"name": "Sales"}, key=key)

    assert response.status_code == 400
    assert code_of(response) == "bad_idempotency_key"
    assert not Department.objects.exists()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("abc", "abc"), ('"abc"', "abc"), (r'"a \"b\" \\"', r'a "b" \\'[:-1])],
)
def test_a_key_may_be_quoted(rf: Any, written: str, meant: str) -> None:
    request = rf.post("/", headers={"Idempotency-Key": written})

    assert read_key(request) == meant


def test_a_malformed_body_is_refused_and_not_kept(client: ApiClient) -> None:
    assert code_of(post(client, "{")) == "parse_error"
    assert not KeptAnswer.objects.exists()

    assert post(client, {"name": "Sales"}).status_code == 201


def test_answers_are_forgotten_after_a_day(client: ApiClient) -> None:
    post(client, {"name": "Sales"})
    now = timezone.now()

    with time_machine.travel(now + dt.timedelta(hours=23), tick=False):
        prune_kept_answers()
        assert KeptAnswer._base_manager.count() == 1
    with time_machine.travel(now + dt.timedelta(hours=25), tick=False):
        kept = KeptAnswer._base_manager.get()
        organization = client.membership.organization
        assert kept_answers.find(organization, kept.digest) is None
        prune_kept_answers()
    assert not KeptAnswer._base_manager.exists()


def test_a_replay_costs_five_queries(
    client: ApiClient, django_assert_num_queries: Any
) -> None:
    post(client, {"name": "Sales"})

    with django_assert_num_queries(5):
        assert post(client, {"name": "Sales"})["Idempotency-Replayed"] == "true"


def test_mail_that_fails_leaves_the_member_and_a_true_answer(
    client: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as waiting:
        post(client, {"email": "ada@example.com"}, "/api/v1/members/")

    assert mail.outbox == []  # no mail server is asked while the transaction is open
    [invite] = [call for call in waiting if "invite" in str(call)]
    monkeypatch.setattr(
        settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend"
    )
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", 9)  # nobody listens
    with pytest.raises(MailFailed):
        invite()
    replayed = post(client, {"email": "ada@example.com"}, "/api/v1/members/")
    assert replayed.status_code == 201
    assert replayed["Idempotency-Replayed"] == "true"


# --- At the same moment ---------------------------------------------------------------


def at_once(count: int, call: Any) -> list[Any]:
    start = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            start.wait()
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_ten_at_the_same_moment_are_done_once() -> None:
    membership = MembershipFactory(role=Role.OWNER)
    clients = [ApiClient(membership) for _ in range(10)]

    answers = at_once(10, lambda number: post(clients[number], {"name": "Sales"}))

    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 409}
    assert Department._base_manager.count() == 1
    assert KeptAnswer._base_manager.count() == 1
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert code_of(refused) == "idempotency_in_progress"
        assert refused["Retry-After"] == "1"
    assert post(clients[0], {"name": "Sales"}).content in bodies


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_the_second_is_told_to_wait() -> None:
    membership = MembershipFactory(role=Role.OWNER)
    client = ApiClient(membership)

    with transaction.atomic():
        first = post(client, {"name": "Sales"})
        [second] = at_once(1, lambda _: post(ApiClient(membership), {"name": "Sales"}))
        transaction.set_rollback(True)  # as when its process dies before the commit

    assert first.status_code == 201
    assert (second.status_code, code_of(second)) == (409, "idempotency_in_progress")
    third = post(client, {"name": "Sales"})
    assert (third.status_code, "Idempotency-Replayed" in third) == (201, False)
    assert Department._base_manager.count() == 1


# --- Everywhere -----------------------------------------------------------------------


def posting_views() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in get_resolver("people_hr.api").url_patterns[0].url_patterns:  # v1
        view = entry.callback
        takes_post = "post" in getattr(view, "actions", {}) or hasattr(
            getattr(view, "view_class", None), "post"
        )
        if takes_post:
            found[entry.name] = view.cls
    return found


def test_every_post_of_the_api_takes_keys() -> None:
    views = posting_views()

    assert {"employee-list", "clock-in", "leave-request-approve"} <= views.keys()
    without = {
        name
        for name, view in views.items()
        if GatewayAuthentication not in view.authentication_classes
    }
    assert without == {"token", "token-refresh", "token-revoke"}


@pytest.mark.django_db
def test_tokens_are_given_anew() -> None:
    member = MembershipFactory(user__email="ada@example.com")
    member.user.set_password("correct horse battery")
    member.user.save()
    body = {"email": "ada@example.com", "password": "correct horse battery"}

    answers = [post(Client(), body, "/api/v1/auth/token/") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["refresh"] != answers[1].json()["refresh"]
