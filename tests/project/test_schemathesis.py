"""The whole OpenAPI document, fuzzed against two organizations.

Every operation is called with what its schema allows, and with the same when it was
spoilt, with ids of one's own, of the other organization and of nobody. No answer may be
a 5xx, be undocumented, or hold anything of the other organization.

The run ends after so much of the processor's time. ``SCHEMATHESIS_EXAMPLES=50`` makes a
long one, without an end, with all the wrong requests that Schemathesis thinks of.
"""

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from employees.models import Department
from integrations.rate_limits import policies
from integrations.webhooks.models import Endpoint
from organizations.models import Membership, TokenFamily
from organizations.roles import Role
from organizations.tokens import open_family
from people_hr.api import router
from people_hr.wsgi import application
from tests.factories import DepartmentFactory, MembershipFactory
from tests.project.routes import API_ROWS
from tests.project.world import World

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
#: Thinking of wrong requests costs more than all the rest.
MODES = tuple(GenerationMode) if EXAMPLES else (GenerationMode.POSITIVE,)
CPU_SECONDS = float("inf") if EXAMPLES else 15.0
SCHEMA = "/api/v1/schema/?format=json"
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
A_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\Z", re.IGNORECASE)
WRONG: list[Any] = [
    None, True, -1, 2**63, 10**30, 1.5, "", "x" * 5000, "\0", "\ud7ff\U0010ffff", [],
    [[]], {}, {"a": 1}, "9999-12-31", "0001-01-01", "2026-02-30", "+010000-01-01",
    "2026-01-01T00:00:00", "24:00", "NaN", "1e400", "00000000-0000-0000-0000-0000",
]  # fmt: skip
WRONG_TEXTS = [
    "", "x", "\0", "-1", "0", "1" * 400, "NaN", "1e400", "null", "%", "\x7f",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+23:59", "00:00", "٣", "'; --", "a,,",
]  # fmt: skip
#: Rows by what stands before the id in an address.
ROWS = {
    **{prefix: API_ROWS[f"api:{name}"] for prefix, _view, name in router.registry},
    "auth/token/sessions": TokenFamily,
    r"webhooks/{endpoint_id}/deliveries": API_ROWS["api:delivery"],
}


@pytest.fixture
def unlimited() -> Iterator[None]:
    """Let one address and one person call as often as it takes."""
    kept = dict(settings.RATE_LIMITS)
    wide = dict.fromkeys(kept, (1_000_000, 60))
    settings.RATE_LIMITS.update(wide | settings.SECURITY_LIMITS)
    policies.default_policy.cache_clear()
    yield
    settings.RATE_LIMITS.clear()
    settings.RATE_LIMITS.update(kept)
    policies.default_policy.cache_clear()


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's transaction over requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


class Caller:
    """Sends cases as a member of one organization, and looks at the answers."""

    def __init__(self, mine: World, theirs: World, member: Membership) -> None:
        self.mine, self.theirs = mine, theirs
        self.token = open_family(member).access
        self.random = random.Random(2026)  # the same walk every time
        self.foreign = theirs.ids()
        self.marks = {theirs.mark, theirs.organization.slug, theirs.mark.lower()}
        self.pools = [
            [str(row.pk) for row in world.rows.values()] for world in (mine, theirs)
        ]
        self.findings: list[str] = []
        self.statuses: dict[int, int] = {}

    def try_out(self, case: Case) -> None:
        """Send a case, note what is wrong with the answer, and undo what it did."""
        self._aim(case)
        # The scheme of the document adds credentials of its own.
        case.headers = {
            name: value
            for name, value in (case.headers or {}).items()
            if name.lower() not in {"authorization", "x-api-key"}
        }
        case.cookies = {}
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {self.token}"})
            transaction.set_rollback(True)
        self.statuses[response.status_code] = (
            self.statuses.get(response.status_code, 0) + 1
        )
        text = response.content.decode("utf-8", "replace")
        if response.status_code >= 500:
            self._note(case, response, "a 5xx")
        if leaked := self._leaked(case, text):
            self._note(case, response, f"tells {leaked}")
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                self._note(case, response, _words(failure))
        except Failure as failure:
            self._note(case, response, _words(failure))

    def spoilt(self, case: Case) -> Case:
        """Return a case with something that is wrong in its body, query or headers."""
        if isinstance(case.body, dict) and case.body:
            name = self.random.choice(sorted(case.body))
            case.body = {**case.body, name: self.random.choice(WRONG)}
            if self.random.random() < 0.2:
                case.body["no_such_field"] = 1
        elif case.query:
            name = self.random.choice(sorted(case.query))
            case.query[name] = self.random.choice(WRONG_TEXTS)
        else:
            case.query = {"no_such_parameter": "1"}
        if case.method == "POST" and self.random.random() < 0.3:
            case.headers["Idempotency-Key"] = self.random.choice(["a", "a b", '"q"'])
        return case

    def _aim(self, case: Case) -> None:
        """Put ids of rows that there are in place of most that were made up."""
        path = case.operation.path
        for name in case.path_parameters or {}:
            world = self.random.choice([self.mine, self.mine, self.theirs, None])
            if world is not None:
                case.path_parameters[name] = self._id(world, path, name)
        case.body = self._aimed(case.body)

    def _id(self, world: World, path: str, name: str) -> str:
        if name == "endpoint_id":
            return str(world.rows[Endpoint].pk)
        before = path.removeprefix("/api/v1/").partition("/{id}")[0]
        row = world.rows[ROWS[before]]
        return str(getattr(row, "public_id", row.pk))

    def _aimed(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._aimed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._aimed(inner) for inner in value]
        if isinstance(value, str) and A_UUID.match(value):
            return self.random.choice(self.random.choice([*self.pools, [value]]))
        return value

    def _leaked(self, case: Case, text: str) -> set[str]:
        """Return what an answer holds of the other organization, not sent."""
        sent = f"{case.path_parameters} {case.query} {case.body}"
        known = {key for key in self.foreign if key in sent}
        known |= {form for key in known for form in (UUID(key).hex, str(UUID(key)))}
        found = {key for key in self.foreign - known if key in text}
        return found | {mark for mark in self.marks - {sent} if mark in text}

    def _note(self, case: Case, response: Any, what: str) -> None:
        self.findings.append(
            f"{case.operation.label}: {what}\n  {case.as_curl_command()[:600]}\n"
            f"  {response.status_code} {response.content[:400]!r}"
        )


def _words(failure: Any) -> str:
    return f"{type(failure).__name__}: {failure.title} {failure.message}"[:500]


@pytest.mark.django_db
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_document_holds_and_nothing_leaks(
    mine: World, theirs: World, unlimited: None, one_connection: None
) -> None:
    member = MembershipFactory(organization=mine.organization, role=Role.OWNER)
    caller = Caller(mine, theirs, member)
    started = time.process_time()
    schema = schemathesis.openapi.from_wsgi(SCHEMA, application)
    operations = [result.ok() for result in schema.get_all_operations()]
    # Every one is called; then more often, as long as there is time.
    for operation in operations:
        _run(caller, operation, GenerationMode.POSITIVE, 1)
    for operation in operations:
        for mode in MODES:
            if time.process_time() - started < CPU_SECONDS:
                _run(caller, operation, mode, EXAMPLES or 4)

    assert len(operations) > 100
    assert caller.findings == [], "\n".join(caller.findings[:40])
    assert {200, 201, 204, 400, 404} <= caller.statuses.keys(), caller.statuses


@pytest.mark.django_db
def test_a_planted_leak_is_found(
    mine: World, theirs: World, unlimited: None, one_connection: None
) -> None:
    """A department of mine is named as if a row of theirs were shown."""
    foreign = theirs.rows[Department].pk
    planted = f"{theirs.mark} {foreign}"
    DepartmentFactory(organization=mine.organization, name=planted)
    member = MembershipFactory(organization=mine.organization, role=Role.OWNER)
    caller = Caller(mine, theirs, member)
    schema = schemathesis.openapi.from_wsgi(SCHEMA, application)

    _run(caller, schema["/api/v1/departments/"]["GET"], GenerationMode.POSITIVE, 1)

    told = [finding for finding in caller.findings if "tells" in finding]
    assert told
    assert all(theirs.mark in each and str(foreign) in each for each in told)


def _run(caller: Caller, operation: Any, mode: GenerationMode, times: int) -> None:
    @hypothesis_settings(
        max_examples=times,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Case) -> None:
        caller.try_out(case)
        caller.try_out(caller.spoilt(case))

    # There is nothing wrong to send where an operation takes nothing.
    with suppress(Unsatisfiable):
        each()
