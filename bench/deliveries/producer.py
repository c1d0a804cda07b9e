# Django has to be set up before models are imported.
# ruff: noqa: E402
"""Make things happen in People HR, as `bench.deliveries.producing` asks."""

import datetime as dt
import sys

import django

django.setup()

from bench.deliveries.producing import NOTE, serve
from employees.models import Employee
from integrations.webhooks.models import Endpoint
from integrations.webhooks.services import create_endpoint
from organizations.models import Organization


class PeopleHR:
    """Employees are added to an organization with one endpoint."""

    def __init__(self, url: str) -> None:
        self.organization, _ = Organization.objects.get_or_create(
            slug="bench",
            defaults={"name": "Bench", "country": "DE", "time_zone": "Europe/Berlin"},
        )
        Endpoint.objects.all().delete()
        create_endpoint(self.organization, name="Sink", url=url, events=["*"])

    def happen(self, marks: list[int]) -> None:
        """Add employees in one transaction, each with its event."""
        employees = [self._employee(mark) for mark in marks]
        if len(employees) == 1:
            employees[0].save()
        else:
            Employee.objects.bulk_create(employees)

    def _employee(self, mark: int) -> Employee:
        return Employee(
            organization=self.organization,
            number=f"mark-{mark}",
            first_name=NOTE[:100],
            last_name=NOTE[:100],
            work_email=f"mark-{mark}@example.com",
            hired_on=dt.date(2024, 1, 15),
        )


if __name__ == "__main__":
    serve(PeopleHR(sys.argv[1]).happen)
