"""Where ways of writing are tried, and the two tables that hold them."""

import datetime as dt
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client

from employees.models import Employee
from organizations.models import Organization
from tests.api import ApiClient
from tests.factories import (
    EmployeeFactory,
)

ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "work_email": "ada@example.com",
    "hired_on": "2026-01-05",
}


PAYROLL = {"name": "Payroll", "url": "http://127.0.0.1:9/", "events": ["employee.*"]}


TODAY = dt.date(2026, 3, 2)


@dataclass
class Stage:
    """An organization with its owner, who acts by browser and by API."""

    organization: Organization
    browser: Client
    api: ApiClient
    folder: Path

    @property
    def mine(self) -> dict[str, Any]:
        return {"organization": self.organization}

    def employee(self, **fields: Any) -> Employee:
        made: Employee = EmployeeFactory(**self.mine, **fields)
        return made

    def file(self, employee: Employee) -> bytes:
        """Return an import: one new employee, one changed, one as they are."""
        same = self.employee()
        rows = [
            ("Employee #", "First Name", "Last Name", "Work Email", "Hire Date"),
            ("9001", "New", "Person", "new@example.com", "2026-01-05"),
            (employee.number, "Changed", employee.last_name, employee.work_email, ""),
            (same.number, same.first_name, same.last_name, same.work_email, ""),
        ]
        return "\n".join(",".join(row) for row in rows).encode()


@dataclass
class Write:
    """What to do once all is prepared, and the types of events that it must tell."""

    do: Callable[[], Any]
    tells: list[str]


Way = Callable[[Stage], Write]


WRITES: dict[str, Way] = {}

#: Names, or patterns of names, and why they write no record that speaks.
SILENT: dict[str, str] = {}


def way(*names: str) -> Callable[[Callable[..., Write]], Callable[..., Write]]:
    """Register a way of writing; with several names, each is passed to it."""

    def register(prepare: Callable[..., Write]) -> Callable[..., Write]:
        for name in names:
            assert name not in WRITES
            takes_name = len(inspect.signature(prepare).parameters) == 2
            WRITES[name] = (
                (lambda stage, name=name: prepare(stage, name))
                if takes_name
                else prepare
            )
        return prepare

    return register


def select(
    stage: Stage, admin_path: str, action: str, records: list[Any], **answer: Any
) -> Any:
    """Run an admin's action on the selected records."""
    chosen = {"action": action, "_selected_action": [str(r.pk) for r in records]}
    return stage.browser.post(f"/admin/{admin_path}/", chosen | answer)
