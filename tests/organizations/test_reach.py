"""A restricted key sees and changes its part of the organization, and nothing else."""

import pytest
from django.apps import apps
from django.db import transaction

from employees.models import Department, Employee
from integrations.webhooks.models import Event
from leave.models import LeaveRequest
from organizations.access import OrganizationAccess, acting
from organizations.models import OrganizationOwned
from organizations.reach import OutOfReach, Reach, dimensions
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    EndpointFactory,
    LocationFactory,
    OrganizationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    """Sales with its part Sales North, and Research; one person in each."""
    organization = OrganizationFactory()
    its = {"organization": organization}
    EndpointFactory(**its)
    sales = DepartmentFactory(**its, name="Sales")
    north = DepartmentFactory(**its, name="North", parent=sales)
    research = DepartmentFactory(**its, name="Research")
    for name, department in (("S", sales), ("N", north), ("R", research)):
        EmployeeFactory(**its, first_name=name, department=department)
    EmployeeFactory(**its, first_name="Nowhere")
    return organization


def access_to(organization, **chosen):
    ids = {name: [part.pk for part in parts] for name, parts in chosen.items()}
    return OrganizationAccess(organization, reach=Reach(organization.pk, ids))


def department(name):
    return Department.objects.get(name=name)


def test_people_of_a_department_and_those_below_are_seen(company):
    sales = department("Sales")

    with acting(access_to(company, departments=[sales])):
        names = set(Employee.objects.values_list("first_name", flat=True))
        parts = set(Department.objects.values_list("name", flat=True))
        searched = Employee.objects.search("Research").exists()
        related = department("North").employees.count()

    assert names == {"S", "N"}
    assert parts == {"Sales", "North"}
    assert not searched
    assert related == 1


def test_of_two_dimensions_both_must_fit(company):
    berlin = LocationFactory(organization=company)
    Employee.objects.filter(first_name="N").update(location=berlin)

    with acting(
        access_to(company, departments=[department("Sales")], locations=[berlin])
    ):
        names = set(Employee.objects.values_list("first_name", flat=True))

    assert names == {"N"}


def test_models_that_do_not_say_are_closed(company):
    with acting(access_to(company, departments=[department("Sales")])):
        assert not Event.objects.exists()
    assert Event.objects.exists()


def test_unknown_dimension_opens_nothing(company):
    with acting(access_to(company, planets=[department("Sales")])):
        assert not Employee.objects.exists()
        assert not LeaveRequest.objects.exists()


def test_removed_department_opens_nothing(company):
    empty = DepartmentFactory(organization=company)
    access = access_to(company, departments=[empty])
    empty.delete()

    with acting(access):
        assert not Employee.objects.exists()


def refuse(write):
    with pytest.raises(OutOfReach), transaction.atomic():
        write()


def test_nobody_is_moved_out_of_reach_or_into_it(company):
    research, sales = department("Research"), department("Sales")
    inside = Employee.objects.get(first_name="S")
    outside = Employee.objects.get(first_name="R")

    with acting(access_to(company, departments=[sales])):
        inside.department = research
        refuse(inside.save)
        outside.department = sales
        refuse(outside.save)
        refuse(outside.delete)
        refuse(lambda: Employee._base_manager.update(work_phone="1"))
        refuse(lambda: EmployeeFactory(organization=company, department=research))
        refuse(lambda: EmployeeFactory(organization=company))
        Employee.objects.get(first_name="N").delete()

    kept = dict(Employee.objects.values_list("first_name", "department__name"))
    assert kept == {"S": "Sales", "R": "Research", "Nowhere": None}
    assert not Employee.objects.filter(work_phone="1").exists()


def test_what_lies_below_is_looked_up_once(company, django_assert_num_queries):
    with acting(access_to(company, departments=[department("Sales")])):
        with django_assert_num_queries(2):
            list(Employee.objects.all())
        with django_assert_num_queries(1):
            list(Employee.objects.all())


def test_every_declared_lookup_exists():
    names = {dimension.name for dimension in dimensions()}
    for model in apps.get_models():
        if issubclass(model, OrganizationOwned) and model.reached_by:
            assert set(model.reached_by) == names, model
            for name in names:
                lookup = model.reached_by[name]
                if lookup:
                    str(
                        model._base_manager.filter(
                            **{f"{lookup}__in": [model().pk]}
                        ).query
                    )
