"""No secret in any log: canaries go in by every door, and every sink is searched.

Each entry of ``SECRETS`` is a function that uses a kind of secret in the ways it is
meant to be used and misused, and returns its text.
"""

import io
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Task
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from integrations.audit.calls import call_log
from integrations.webhooks.delivery import drain
from integrations.webhooks.models import Delivery, Endpoint
from organizations.models import Membership
from organizations.roles import Role
from tests.api import ApiClient
from tests.factories import MembershipFactory
from tests.factories.oauth import SECRET, ApplicationFactory
from tests.integrations.audit.conftest import remove_calls, remove_events
from tests.integrations.oauth.flows import Visit
from tests.integrations.webhooks.sink import Sink
from tests.integrations.webhooks.stories import secret_of

PASSWORD = "canary-password-7c1e41d0f5"
WRONG = "canary-wrong-password-1f9d02"
TOKEN = "/api/v1/auth/token/"
KEYS = "/api/v1/api-keys/"
EMPLOYEES = "/api/v1/employees/"
#: A session is kept under its own key, as in its table.
SESSIONS = "django.contrib.sessions"


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def passwords(membership: Membership, sink: Sink) -> list[str]:
    """Log in, well and badly, on the page and by the API; put one in wrong places."""
    email, slug = membership.user.email, membership.organization.slug
    for password in (WRONG, PASSWORD):
        said = {"login": email, "password": password}
        Client().post(reverse("account_login"), said)
        # People type their password where the address belongs.
        Client().post(reverse("account_login"), {"login": password, "password": "x"})
        body = {"email": email, "password": password, "organization": slug}
        post(Client(), TOKEN, body)
        post(Client(), TOKEN, {"email": password, "password": password})
        Client().get(f"/api/v1/employees/?password={password}")
        Client().get(f"/api/v1/{password}/")
        Client().get("/api/v1/me/", headers={"Authorization": f"Basic {password}"})
    return [PASSWORD, WRONG]


def tokens(membership: Membership, sink: Sink) -> list[str]:
    """Use both tokens where they belong, where not, and after their end."""
    body = {
        "email": membership.user.email,
        "password": PASSWORD,
        "organization": membership.organization.slug,
    }
    made = post(Client(), TOKEN, body).json()
    access, refresh = made["access"], made["refresh"]
    for token in (access, refresh, access[:-3] + "abc"):
        bearer = Client(headers={"Authorization": f"Bearer {token}"})
        bearer.get("/api/v1/employees/")
        bearer.get("/api/v1/nowhere/")
        Client().get(f"/api/v1/employees/?access_token={token}")
        Client().get("/api/v1/employees/", headers={"X-API-Key": token})
    for _ in range(2):  # the second time it is used up
        post(Client(), f"{TOKEN}refresh/", {"refresh": refresh})
    post(Client(), f"{TOKEN}revoke/", {"refresh": refresh})
    return [access, refresh, access.rpartition(".")[2], refresh.rpartition(".")[2]]


def webhook_secrets(membership: Membership, sink: Sink) -> list[str]:
    """Make endpoints, whose addresses hold secrets too, and deliver to one."""
    api = ApiClient(membership)
    body = {"name": "Payroll", "url": sink.url, "events": ["*"]}
    secret = api.send("POST", "/api/v1/webhooks/", body).json()["secret"]
    endpoint = Endpoint.objects.get(name="Payroll")
    api.send("PATCH", f"/api/v1/webhooks/{endpoint.pk}/", {"description": "x"})
    api.send("POST", f"/api/v1/webhooks/{endpoint.pk}/test/")
    api.send("POST", "/api/v1/webhooks/", body | {"secret": secret})
    drain(call_for_help=lambda: None, idle_seconds=0)
    assert Delivery.objects.filter(status="delivered").exists()
    assert secret_of(endpoint) == secret
    return [secret, secret.removeprefix("whsec_")]


def cookies(membership: Membership, sink: Sink) -> list[str]:
    """Carry a session through pages, the API and the admin."""
    client = Client()
    client.post(
        reverse("account_login"),
        {"login": membership.user.email, "password": PASSWORD},
    )
    for path in ("/", "/api/v1/me/", "/admin/", "/usage/"):
        client.get(path)
    assert "sessionid" in client.cookies
    return [client.cookies["sessionid"].value]


def api_keys(membership: Membership, sink: Sink) -> list[str]:
    """Make keys by every door; show them well, badly, and after their end."""
    api = ApiClient(membership)
    body = {"name": "Payroll", "scopes": ["employees:read"]}
    made = api.send("POST", KEYS, body).json()
    address = f"{KEYS}{made['id']}/"
    rotated = api.send("POST", f"{address}rotate/", {"overlap_seconds": 60}).json()
    page = Client()
    page.force_login(membership.user)
    shown = page.post("/api-keys/new/", body | {"environment": "test"})
    printed = io.StringIO()
    slug = membership.organization.slug
    call_command(
        "create_api_key",
        organization=slug,
        name="Script",
        scopes="leave:read",
        stdout=printed,
    )
    found = re.search(r'value="(phr_[^"]+)"', shown.content.decode())
    assert found
    keys = [made["key"], rotated["key"], found[1], printed.getvalue().strip()]
    for key in keys:
        misuse(key)
    call_log.close()  # notes of last uses, too
    api.send("POST", f"{address}revoke/", {"reason": "Leaked"})
    misuse(made["key"])
    return [*keys, *(key.split("_")[3] for key in keys)]


def misuse(secret: str) -> None:
    """Show a secret where it belongs, and wherever people put it by mistake."""
    for shown in (secret, secret[:-3] + "abc"):
        Client().get(EMPLOYEES, headers={"X-API-Key": shown})
        Client().get(EMPLOYEES, headers={"Authorization": f"Bearer {shown}"})
        Client().get(EMPLOYEES, headers={"Authorization": f"ApiKey {shown}"})
    Client().post(EMPLOYEES, {}, headers={"X-API-Key": secret})
    Client().get(f"{EMPLOYEES}?api_key={secret}")
    Client().get(f"/api/v1/{secret}/")
    Client().get(f"/{secret}")
    post(Client(), EMPLOYEES, {"api_key": secret})
    post(Client(), TOKEN, {"email": "a@example.com", "password": secret})


def oauth_tokens(membership: Membership, sink: Sink) -> list[str]:
    """Let an app in, use and misuse its tokens, replay its code, revoke."""
    application = ApplicationFactory(organization=membership.organization)
    visit = Visit(application, membership)
    code = visit.code()
    tokens = visit.redeem(code).json()
    visit.redeem(code, client_secret="phs_wrong")
    misuse(tokens["access_token"])
    renewed = visit.refresh(tokens["refresh_token"]).json()
    visit.userinfo(renewed["access_token"])
    visit.post("revoke", {"token": renewed["refresh_token"], **visit.proof()})
    visit.refresh(tokens["refresh_token"])  # used up
    visit.redeem(code)  # the same
    secrets = [visit.verifier, code, SECRET]
    for pair in (tokens, renewed):
        secrets += [pair["access_token"], pair["refresh_token"]]
    return secrets


#: A session's key is the name of its row; everything else may lie in no table at all.
SECRETS: dict[str, tuple[Callable[[Membership, Sink], list[str]], set[str]]] = {
    "passwords": (passwords, set()),
    "tokens": (tokens, set()),
    "API keys": (api_keys, set()),
    "OAuth tokens": (oauth_tokens, set()),
    "webhook secrets": (webhook_secrets, set()),
    "session cookies": (
        cookies,
        {"django_session", "usersessions_usersession"},
    ),
}


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """All that is said to any logger."""
    text = io.StringIO()
    catcher = logging.StreamHandler(text)
    catcher.setFormatter(logging.Formatter("%(message)s %(args)s %(exc_info)s"))
    root = logging.getLogger()
    root.addHandler(catcher)
    level, root.level = root.level, logging.DEBUG
    yield text
    root.setLevel(level)
    root.removeHandler(catcher)


@pytest.fixture
def task_arguments(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All that is sent to workers."""
    sent: list[Any] = []
    send = Task.apply_async

    def note(task: Task, *args: Any, **kwargs: Any) -> Any:
        sent.append((task.name, args, kwargs))
        return send(task, *args, **kwargs)

    monkeypatch.setattr(Task, "apply_async", note)
    return sent


def tables() -> list[str]:
    """Return every table, also those that are no models."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def tables_with(secret: str) -> set[str]:
    """Return the tables one of whose rows, written as text, holds the secret."""
    found = set()
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" AS row '
                "WHERE strpos(row::text, %s) > 0)",
                [secret],
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def valkey_holds(secret: str) -> set[str]:
    """Return the names of what Valkey keeps that holds the secret, in name or value."""
    found = set()
    client = redis.Redis.from_url(settings.REDIS_URL)
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"set": client.smembers,
        b"zset": lambda name: client.zrange(name, 0, -1, withscores=True),
    }
    for name in client.scan_iter():
        kind = client.type(name)
        if kind == b"none":  # its time was over since it was named
            continue
        held = read[kind](name)
        if secret.encode() in name + repr(held).encode():
            found.add(name.decode())
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_in_any_log(
    name, console, task_arguments, tmp_path, settings, capfd
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    membership = MembershipFactory(role=Role.OWNER)
    membership.user.set_password(PASSWORD)
    membership.user.save()
    use, may_lie_in = SECRETS[name]
    try:
        with Sink() as sink:
            secrets = use(membership, sink)
        call_log.close()  # writes what waits

        printed = "".join(capfd.readouterr())
        mails = "".join(path.read_text() for path in Path(tmp_path).iterdir())
        received = "".join(str(request) for request in sink.requests)
        for secret in secrets:
            assert len(secret) > 15
            assert tables_with(secret) <= may_lie_in
            assert secret not in console.getvalue()
            assert secret not in printed
            assert secret not in str(task_arguments)
            assert secret not in mails
            assert secret not in received
            held = {each for each in valkey_holds(secret) if SESSIONS not in each}
            assert held == set()
    finally:
        remove_calls()
        remove_events()


@pytest.mark.django_db(transaction=True)
def test_the_search_would_find_a_canary():
    MembershipFactory(user__email="canary-in-a-name@example.com")
    Client().get("/api/v1/me/", headers={"User-Agent": "canary-in-an-agent"})
    call_log.close()

    assert tables_with("canary-in-a-name") >= {"organizations_user"}
    assert tables_with("canary-in-an-agent") > {"audit_call"}
    cache.set("canary", "canary-in-a-cache")
    assert len(valkey_holds("canary-in-a-cache")) == 1
    assert {model._meta.db_table for model in apps.get_models()} - set(tables()) == {
        "audit_security_event",
        "audit_integration_event",
    }
    remove_calls()
