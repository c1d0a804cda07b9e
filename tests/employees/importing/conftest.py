from collections.abc import Callable, Iterator

import pytest

from employees.importing.applying import apply_plan
from employees.importing.plan import Plan
from employees.importing.planning import make_plan
from employees.importing.reading import read_table
from organizations.events import Occurrence, event_occurred
from organizations.models import Organization
from tests.factories import OrganizationFactory


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory()


PlanFile = Callable[..., Plan]


@pytest.fixture
def plan_file(organization: Organization) -> PlanFile:
    """Plan a file given as lines: ``plan_file("Number,Email", "1,a@example.com")``."""

    def plan(*lines: str, **options: object) -> Plan:
        return make_plan(organization, read_table("\n".join(lines).encode()), **options)

    return plan


@pytest.fixture
def import_file(plan_file: PlanFile) -> PlanFile:
    """Plan a file and apply it."""

    def import_(*lines: str, **options: object) -> Plan:
        plan = plan_file(*lines, **options)
        apply_plan(plan)
        return plan

    return import_


@pytest.fixture
def occurrences() -> Iterator[list[Occurrence]]:
    """Collect everything that is told while the test runs."""
    heard: list[Occurrence] = []

    def hear(occurrences: list[Occurrence], **kwargs: object) -> None:
        heard.extend(occurrences)

    event_occurred.connect(hear)
    yield heard
    event_occurred.disconnect(hear)
