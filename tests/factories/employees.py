import datetime as dt

import factory
from factory.django import DjangoModelFactory

from employees.models import Department, Employee, Location, Position
from tests.factories.organizations import OrganizationFactory


class DepartmentFactory(DjangoModelFactory[Department]):
    class Meta:
        model = Department

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Department {n}")


class PositionFactory(DjangoModelFactory[Position]):
    class Meta:
        model = Position

    organization = factory.SubFactory(OrganizationFactory)
    title = factory.Sequence(lambda n: f"Position {n}")


class LocationFactory(DjangoModelFactory[Location]):
    class Meta:
        model = Location

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Location {n}")
    country = "DE"
    time_zone = "Europe/Berlin"


def _beside(target: str) -> factory.SubFactory:
    """Return a sub-factory whose record belongs to the same organization."""
    organization = factory.SelfAttribute("..organization")
    return factory.SubFactory(target, organization=organization)


class EmployeeFactory(DjangoModelFactory[Employee]):
    class Meta:
        model = Employee

    organization = factory.SubFactory(OrganizationFactory)
    number = factory.Sequence(lambda n: f"E{n:04}")
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Lovelace {n:04}")
    work_email = factory.LazyAttribute(
        lambda employee: f"{employee.number}@example.com".lower()
    )
    hired_on = dt.date(2024, 1, 15)

    class Params:
        #: An employee whose manager works in the same organization.
        managed = factory.Trait(manager=_beside("tests.factories.EmployeeFactory"))
        #: An employee who has a department, a position and a location.
        placed = factory.Trait(
            department=_beside("tests.factories.DepartmentFactory"),
            position=_beside("tests.factories.PositionFactory"),
            location=_beside("tests.factories.LocationFactory"),
        )
        #: A former employee.
        terminated = factory.Trait(
            status=Employee.Status.TERMINATED, terminated_on=dt.date(2025, 6, 30)
        )
