"""What attackers send as a key: each is refused, and costs no hash and no 500."""

import datetime as dt
from uuid import uuid4

import pytest
from django.test import Client, TestCase
from django.utils import timezone

from integrations.api_keys import keys
from integrations.api_keys.hashing import pool
from integrations.api_keys.services import disable_key, freeze_keys_of, revoke_key
from organizations.roles import Role
from organizations.security import SecurityEvent, security_event_occurred
from tests.factories import DepartmentFactory, EmployeeFactory, MembershipFactory
from tests.factories.api_keys import ApiKeyFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/employees/"


def sealed(start):
    """Return a key with a right checksum, as an attacker can compute it."""
    return start + keys.checksum(start)


GUESS = sealed("phr_live_AAAAAAAAAAAA_" + "B" * 32)

#: What stands in the header, made of a good key.
HOSTILE = {
    "empty": lambda _key: "",
    "a space": lambda _key: " ",
    "a tab": lambda _key: "\t",
    "a word": lambda _key: "secret",
    "a number": lambda _key: "0",
    "null": lambda _key: "null",
    "undefined": lambda _key: "undefined",
    "true": lambda _key: "true",
    "an asterisk": lambda _key: "*",
    "a percent sign": lambda _key: "%",
    "an underscore": lambda _key: "_",
    "JSON": lambda key: f'{{"key": "{key}"}}',
    "a list": lambda key: f'["{key}"]',
    "in quotes": lambda key: f'"{key}"',
    "in angle brackets": lambda key: f"<{key}>",
    "as bearer": lambda key: f"Bearer {key}",
    "as its own scheme": lambda key: f"ApiKey {key}",
    "as basic": lambda key: f"Basic {key}",
    "twice, by comma": lambda key: f"{key},{key}",
    "twice, by comma and space": lambda key: f"{key}, {key}",
    "twice, by semicolon": lambda key: f"{key};{key}",
    "with a guess before": lambda key: f"{GUESS},{key}",
    "with an empty one before": lambda key: f",{key}",
    "with a comma after": lambda key: f"{key},",
    "a newline after": lambda key: f"{key}\n",
    "a carriage return after": lambda key: f"{key}\r",
    "both after": lambda key: f"{key}\r\n",
    "a smuggled header": lambda key: f"{key}\r\nX-Admin: 1",
    "NUL after": lambda key: f"{key}\0",
    "NUL inside": lambda key: f"{key[:30]}\0{key[31:]}",
    "a space before": lambda key: f"\u00a0{key}",
    "a zero-width space after": lambda key: f"{key}\u200b",
    "a byte order mark": lambda key: f"\ufeff{key}",
    "one character more": lambda key: f"{key}A",
    "one character less": lambda key: key[:-1],
    "the public part": lambda key: key[:21],
    "without the secret": lambda key: key[:22],
    "without the prefix": lambda key: key[4:],
    "upper case": lambda key: key.upper(),
    "lower case": lambda key: key.lower(),
    "another case of the prefix": lambda key: "PHR" + key[3:],
    "other environment": lambda key: sealed("phr_test" + key[8:-6]),
    "unknown environment": lambda key: sealed("phr_prod" + key[8:-6]),
    "no environment": lambda key: sealed("phr__" + key[9:-6]),
    "dashes": lambda key: key.replace("_", "-"),
    "full-width letters": lambda key: key.replace("p", "\uff50", 1),
    "a Cyrillic letter": lambda key: key.replace("h", "\u04bb", 1),
    "Arabic digits": lambda key: key[:9] + "\u0661" * 12 + key[21:],
    "percent encoded": lambda key: key.replace("_", "%5F"),
    "base64": lambda _key: "cGhyX2xpdmVfdEh0N0k4Y2RwWjNJ",
    "a JSON Web Token": lambda _key: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    "an OAuth token": lambda _key: "pho_" + "a" * 40,
    "another maker's key": lambda _key: "ghp_" + "a" * 36,
    "SQL": lambda _key: "' OR 1=1 --",
    "SQL as id": lambda _key: "phr_live_'OR'1'='1'--_" + "a" * 38,
    "a template": lambda _key: "{{7*7}}",
    "a path": lambda _key: "../../etc/passwd",
    "a format string": lambda _key: "%s%n{0.__class__}",
    "a regular expression": lambda _key: "phr_(live|test)_.*",
    "129 bytes": lambda key: key + "A" * (129 - len(key)),
    "eight thousand bytes": lambda _key: "phr_live_" + "A" * 8000,
    "a wrong checksum": lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
    "another key's secret": lambda key: sealed(key[:22] + "B" * 32),
    "one bit of the secret": lambda key: sealed(
        key[:53] + ("A" if key[53] != "A" else "B")
    ),
    "the secret turned round": lambda key: sealed(key[:22] + key[22:54][::-1]),
    "unknown id": lambda key: sealed("phr_live_AAAAAAAAAAAA" + key[21:54]),
    "a guess": lambda _key: GUESS,
    "hash of the key": lambda key: keys.digest(key).decode(),
}


@pytest.fixture
def key(settings):
    # Many bad keys from one address would meet another answer, 429.
    quota = settings.RATE_LIMITS | {"bad-keys": (100, 60)}
    settings.RATE_LIMITS = quota
    return ApiKeyFactory()


def call(shown, address=LIST, **more):
    return Client().get(address, headers={"X-API-Key": shown, **more})


def document(response):
    told = response.json()
    return {name: told[name] for name in told if name not in {"request_id", "instance"}}


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_key_is_refused_like_any_other(name, key):
    before = pool().runs

    refused = call(HOSTILE[name](key.text))

    assert refused.status_code == 401, refused.content
    assert refused["WWW-Authenticate"].startswith("ApiKey ")
    assert document(refused) == document(call(GUESS))
    assert pool().runs == before


@pytest.fixture
def told():
    """Return the security events as they are told."""
    heard: list[SecurityEvent] = []

    def hear(sender, event, **kwargs):
        heard.append(event)

    security_event_occurred.connect(hear)
    yield heard
    security_event_occurred.disconnect(hear)


ENDED = {
    "revoked": revoke_key,
    "disabled": disable_key,
    "frozen": lambda key: freeze_keys_of(key.owner),
    "expired": lambda key: changed(key, expires_at=timezone.now()),
    "not_yet_valid": lambda key: changed(
        key, starts_at=timezone.now() + dt.timedelta(days=1)
    ),
    "canary": lambda key: changed(key, is_canary=True),
    "organization_closed": lambda key: closed(key.organization),
    "owner_gone": lambda key: (
        type(key.owner).objects.filter(pk=key.owner_id).update(is_active=False)
    ),
}


def changed(key, **values):
    """Change a key as a committed transaction does: nobody believes its old row."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        for name, value in values.items():
            setattr(key, name, value)
        key.save()


def closed(organization):
    organization.closed_at = timezone.now()
    organization.save()


@pytest.mark.parametrize("reason", ENDED)
def test_ended_key_is_told_apart_in_the_security_log_alone(reason, key, told):
    ENDED[reason](key)
    told.clear()

    refused = call(key.text)

    assert refused.status_code == 401
    assert document(refused) == document(call(GUESS))
    reasons = [event.reason for event in told]
    assert reason in reasons
    assert key.text not in repr(told)


def test_good_key_opens_the_list(key):
    mine = EmployeeFactory(organization=key.organization)
    EmployeeFactory()  # another organization's

    answer = call(key.text)

    assert [row["id"] for row in answer.json()["results"]] == [str(mine.pk)]


@pytest.mark.parametrize("name", ["api_key", "X-API-Key", "key", "access_token"])
def test_key_in_the_address_is_not_read(name, key):
    refused = Client().get(LIST, {name: key.text})

    assert refused.status_code == 401


def test_key_in_body_or_cookie_is_not_read(key):
    client = Client()
    client.cookies["X-API-Key"] = key.text
    in_body = {"api_key": key.text, "X-API-Key": key.text}

    refused = client.post(LIST, in_body, content_type="application/json")

    assert refused.status_code == 401


@pytest.mark.parametrize("other", ["Bearer x", "bearer eyJhbGciOiJub25lIn0.e30."])
def test_two_credentials_are_refused_and_neither_used(other, key):
    refused = call(key.text, Authorization=other)

    assert refused.status_code == 400
    assert document(refused)["type"].endswith("/two_credentials/")


def test_session_and_key_are_two_credentials(key):
    client = Client()
    client.force_login(MembershipFactory(role=Role.OWNER).user)

    assert client.get(LIST, headers={"X-API-Key": key.text}).status_code == 400


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP"],
)
def test_forged_address_does_not_get_past_the_allow_list(header, key):
    changed(key, networks=["203.0.113.0/24"])

    refused = call(key.text, **{header: "203.0.113.7"})

    assert refused.status_code == 403
    assert document(refused)["type"].endswith("/address_not_allowed/")


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["127.0.0.0/8"], "127.0.0.1", 200),
        (["127.0.0.1/32"], "127.0.0.1", 200),
        (["127.0.0.2/32"], "127.0.0.1", 403),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", 200),
        (["203.0.113.0/24"], "203.0.114.1", 403),
        (["2001:db8::/32"], "2001:db8:1::1", 200),
        (["2001:db8::/32"], "2001:db9::1", 403),
        (["2001:db8::/32"], "203.0.113.7", 403),
    ],
)
def test_key_is_used_from_its_networks_alone(networks, address, status, key):
    changed(key, networks=networks)

    answer = Client(REMOTE_ADDR=address).get(LIST, headers={"X-API-Key": key.text})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("post", "X-HTTP-Method-Override"),
        ("post", "X-HTTP-Method"),
        ("post", "X-Method-Override"),
        ("get", "X-HTTP-Method-Override"),
    ],
)
def test_method_is_not_overridden(method, header, key):
    employee = EmployeeFactory(organization=key.organization)
    address = f"{LIST}{employee.pk}/"

    answer = Client().generic(
        method.upper(), address, headers={"X-API-Key": key.text, header: "DELETE"}
    )

    assert answer.status_code in {200, 403, 405}
    employee.refresh_from_db()


def test_missing_scope_is_named(key):
    refused = Client().post(
        LIST, {}, content_type="application/json", headers={"X-API-Key": key.text}
    )

    assert refused.status_code == 403
    assert refused.json()["missing_scope"] == "employees:write"


def test_ids_of_other_organizations_are_as_good_as_none(key):
    changed(key, scopes=["employees:read", "employees:write", "structure:read"])
    foreign = EmployeeFactory()
    foreign_department = DepartmentFactory(organization=foreign.organization)
    headers = {"X-API-Key": key.text}
    hire = {
        "first_name": "A",
        "last_name": "B",
        "work_email": "a@b.example",
        "hired_on": "2026-01-05",
        "department": str(foreign_department.pk),
    }

    in_path = Client().get(f"{LIST}{foreign.pk}/", headers=headers)
    in_query = Client().get(
        LIST, {"department": foreign_department.pk}, headers=headers
    )
    in_body = Client().post(
        LIST, hire, content_type="application/json", headers=headers
    )
    unknown = Client().get(f"{LIST}{uuid4()}/", headers=headers)

    assert (in_path.status_code, unknown.status_code) == (404, 404)
    assert in_query.json().get("results", []) == []
    assert in_body.status_code == 400
    assert str(foreign.pk) not in in_query.content.decode()


def test_key_without_the_field_class_sees_no_personal_field(key):
    employee = EmployeeFactory(
        organization=key.organization, born_on=dt.date(1990, 1, 1), user=key.owner
    )
    address = f"{LIST}{employee.pk}/"
    without = call(key.text, address).json()
    changed(key, scopes=["employees:read", "employees:read_personal"])
    key.refresh_from_db()

    assert "born_on" not in without
    assert call(key.text, address).json()["born_on"] == "1990-01-01"


def test_key_never_does_more_than_its_owner(key):
    changed(key, scopes=["employees:read", "webhooks:read"])
    owner = key.owner.memberships.get()
    owner.role = Role.EMPLOYEE
    owner.save()

    assert call(key.text).status_code == 200
    assert call(key.text, "/api/v1/webhooks/").status_code == 403


def test_restricted_key_meets_only_its_department(key):
    sales = DepartmentFactory(organization=key.organization)
    inside = EmployeeFactory(organization=key.organization, department=sales)
    outside = EmployeeFactory(
        organization=key.organization, department=DepartmentFactory(**its(key))
    )
    changed(
        key,
        scopes=["employees:read", "employees:write", "events:read", "webhooks:read"],
        reach={"departments": [str(sales.pk)]},
    )
    headers = {"X-API-Key": key.text}

    listed = call(key.text).json()["results"]
    moved = Client().patch(
        f"{LIST}{inside.pk}/",
        {"department": str(outside.department_id)},
        content_type="application/json",
        headers=headers,
    )
    hired = Client().post(
        LIST,
        {
            "first_name": "A",
            "last_name": "B",
            "work_email": "a@b.example",
            "hired_on": "2026-01-05",
            "department": str(sales.pk),
        },
        content_type="application/json",
        headers=headers,
    )

    assert [row["id"] for row in listed] == [str(inside.pk)]
    assert call(key.text, f"{LIST}{outside.pk}/").status_code == 404
    assert moved.status_code == 400
    assert hired.status_code == 201, hired.content
    for closed_address in ("/api/v1/events/", "/api/v1/webhooks/"):
        assert call(key.text, closed_address).status_code == 403


def its(key):
    return {"organization": key.organization}
