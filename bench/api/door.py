# Django is set up before this is called.
# ruff: noqa: PLC0415
"""The same list of 25 employees behind every door; what each door adds to it.

Besides: that wrong keys force no bcrypt, and that a revoked key opens nothing from the
moment on that its revocation has returned, with the store of limits up and down.
"""

import os
import random
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

#: How many times each case is asked in a round, one after another in turn.
ASKED_A_ROUND = 20
TARGET_US = 300
TARGET_SHARE = 0.1
OURS = "key, limits, scopes and log"
THEIRS = "drf-api-key, three throttles, log"
FREE = "no check"

Ask = Callable[[], int]


def measure(rounds: int, wrong: int) -> dict[str, Any]:
    """Ask for everything in turn; return µs, what each adds, and the promises."""
    credentials = prepare()
    cases = doors(credentials)
    times: dict[str, list[int]] = {name: [] for name in cases}
    shuffled = random.Random(1)
    for number in range((rounds + 1) * ASKED_A_ROUND):
        # In another order each time: whoever follows a relative finds the processor's
        # caches warm.
        for name, ask in shuffled.sample(list(cases.items()), len(cases)):
            if name == "bcrypt each time" and number % ASKED_A_ROUND:
                continue  # a quarter of a second each
            taken = ask()
            if number >= ASKED_A_ROUND:  # the first round warms up
                times[name].append(taken)
    return {
        **summary(times),
        "wrong keys": wrong_keys(wrong, credentials["key"]),
        "after a revoke, store up": after_revoke(),
        "after a revoke, store down": after_revoke(is_store_down=True),
    }


def prepare() -> dict[str, Any]:
    """Make an organization of 25, and one credential of each kind, ours and theirs."""
    import bcrypt
    from django.test import Client
    from knox.models import AuthToken
    from rest_framework_api_key.models import APIKey
    from rest_framework_simplejwt.tokens import AccessToken

    from bench.api import peers
    from employees.models import Employee
    from organizations.access import OrganizationAccess
    from organizations.models import Organization
    from organizations.roles import Role
    from organizations.services import add_member
    from organizations.tokens import open_family

    organization = Organization.objects.create(name="Door", slug="door", country="DE")
    owner = add_member(organization, email="owner@door.example", role=Role.OWNER)
    Employee.objects.bulk_create(
        Employee(
            organization=organization,
            number=f"E{number}",
            first_name=f"First {number}",
            last_name=f"Last {number}",
            work_email=f"e{number}@door.example",
            hired_on="2024-01-15",
        )
        for number in range(25)
    )
    peers.ACCESS["owner"] = OrganizationAccess.of(owner)
    client = Client()
    client.force_login(owner.user)
    _key, usual_key = APIKey.objects.create_key(name="usual")
    key = new_key(owner)
    peers.HASHES["bcrypt"] = bcrypt.hashpw(key.encode(), bcrypt.gensalt(12))
    return {
        "key": key,
        "token": open_family(owner).access,
        "oauth": new_app_token(owner),
        "session": client.cookies["sessionid"].value,
        "usual key": usual_key,
        "knox": AuthToken.objects.create(owner.user)[1],
        "simplejwt": str(AccessToken.for_user(owner.user)),
    }


def new_key(owner: Any) -> str:
    """Return a key of ours, made by its service."""
    from integrations.api_keys.services import create_key
    from organizations.access import OrganizationAccess, acting

    with acting(OrganizationAccess.of(owner)):
        made = create_key(
            owner.organization,
            name="Bench",
            scopes=["employees:read"],
            owner=owner.user,
        )
    return str(made.text)


def new_app_token(owner: Any) -> str:
    """Return an access token of an app that acts for itself."""
    from integrations.oauth.formats import Prefix, generate
    from integrations.oauth.issuing import keep_access_token
    from integrations.oauth.services import register_application
    from organizations.access import OrganizationAccess, acting

    with acting(OrganizationAccess.of(owner)):
        app, _secret = register_application(
            owner.organization,
            owner=owner.user,
            name="Bench",
            kind="service",
            allowed_scopes=["employees:read"],
        )
    text = generate(Prefix.ACCESS)
    keep_access_token(text, application=app, grant=None, scope="employees:read")
    return text


def doors(shown: dict[str, Any]) -> dict[str, Ask]:
    """Return what asks for the list, by the name of the door."""
    ours, without_log = "/api/v1/employees/", "/without-log/employees/"
    key = {"HTTP_X_API_KEY": shown["key"]}
    usual = {"HTTP_AUTHORIZATION": f"Api-Key {shown['usual key']}"}
    peer = "/peers/{}/employees/".format
    return {
        FREE: asker(peer("no-check"), {}),
        OURS: asker(ours, key),
        "key, limits and scopes": asker(without_log, key),
        "JSON Web Token, limits, log": asker(ours, _bearer(shown["token"])),
        "OAuth token, limits, log": asker(ours, _bearer(shown["oauth"])),
        "session, limits, log": asker(
            ours, {"HTTP_COOKIE": f"sessionid={shown['session']}"}
        ),
        "drf-api-key": asker(peer("drf-api-key"), usual),
        "drf-api-key, three throttles": asker(peer("drf-api-key-throttled"), usual),
        THEIRS: asker(peer("drf-api-key-throttled-logged"), usual),
        "knox": asker(peer("knox"), {"HTTP_AUTHORIZATION": f"Token {shown['knox']}"}),
        "simplejwt": asker(peer("simplejwt"), _bearer(shown["simplejwt"])),
        "bcrypt each time": asker(peer("bcrypt"), key),
    }


def _bearer(token: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def asker(path: str, headers: dict[str, str], wanted: str = "200") -> Ask:
    """Return what makes one request and tells the ns that it took."""

    def ask() -> int:
        taken, status = request(path, headers)
        if not status.startswith(wanted):
            raise RuntimeError(f"{path}: {status}")
        return taken

    return ask


def request(path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Make one request; return the ns that it took, and the status."""
    from people_hr.wsgi import application

    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "limit=25",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_USER_AGENT": "bench",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
        "wsgi.errors": BytesIO(),
        **headers,
    }
    begun = time.perf_counter_ns()
    response = application(environ, lambda status, _headers: statuses.append(status))
    b"".join(response)
    taken = time.perf_counter_ns() - begun
    response.close()
    return taken, statuses[0]


def summary(times: dict[str, list[int]]) -> dict[str, Any]:
    """Return µs of each door, what it adds to none, and whether the targets are met."""
    micros = {name: statistics.median(taken) / 1000 for name, taken in times.items()}
    added = {name: micros[name] - micros[FREE] for name in micros}
    for name, value in micros.items():
        print(f"{name}: {value:.0f} µs, adds {value - micros[FREE]:.0f}", flush=True)
    share = added[OURS] / added[THEIRS]
    return {
        "µs": {name: round(value) for name, value in micros.items()},
        "adds µs": {name: round(value) for name, value in added.items()},
        "share of the usual": round(share, 3),
        "met": added[OURS] <= TARGET_US and share <= TARGET_SHARE,
    }


def wrong_keys(count: int, right: str) -> dict[str, Any]:
    """Show keys that are well formed and wrong, of an id that exists and of others."""
    from integrations.api_keys import keys, verification
    from integrations.api_keys.hashing import pool

    before = pool().runs
    known_id = keys.parse(right).key_id
    begun = time.perf_counter()
    accepted = 0
    for number in range(count):
        key_id = known_id if number % 2 else f"{number:012}"
        start = f"phr_live_{key_id}_{number:032}"
        try:
            verification.verify(start + keys.checksum(start))
            accepted += 1
        except verification.Refused:
            continue
    taken = time.perf_counter() - begun
    return {
        "shown": count,
        "accepted": accepted,
        "bcrypts": pool().runs - before,
        "µs each": round(taken / count * 1e6),
    }


def after_revoke(*, is_store_down: bool = False) -> dict[str, Any]:
    """Revoke a key that is in use; ask a thousand times from then on."""
    from integrations.api_keys.models import ApiKey
    from integrations.api_keys.services import revoke_key
    from organizations.models import Membership

    owner = Membership._base_manager.get(user__email="owner@door.example")
    text = new_key(owner)
    headers = {"HTTP_X_API_KEY": text}
    path = "/api/v1/employees/"
    before = [request(path, headers | _from(n))[1] for n in range(50)]
    if {status[:3] for status in before} != {"200"}:
        raise RuntimeError(f"The key was not accepted before: {set(before)}")
    key = ApiKey._base_manager.get(key_id=text.split("_")[2])
    with store_stopped() if is_store_down else nothing():
        begun = time.perf_counter()
        revoke_key(key, reason="benchmark")
        took = time.perf_counter() - begun
        statuses = [request(path, headers | _from(n))[1] for n in range(1000)]
    return {
        "accepted before": len(before),
        "refused for the key": sum(status.startswith("401") for status in statuses),
        "accepted after": sum(status.startswith("200") for status in statuses),
        "revoking took ms": round(took * 1000, 1),
    }


def _from(number: int) -> dict[str, str]:
    """Return an address of its own, which no limit has shut out for wrong keys."""
    return {
        "REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    }


@contextmanager
def nothing() -> Iterator[None]:
    """Let everything be as it is."""
    yield


@contextmanager
def store_stopped() -> Iterator[None]:
    """Stop the private Valkey, so that it answers nothing; then let it go on."""
    import redis
    from django.conf import settings

    process = int(redis.Redis.from_url(settings.REDIS_URL).info()["process_id"])
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
