"""HR's side of people: list, form, decisions, structure."""

import datetime as dt

import pytest

from employees.models import Department, Employee, Location, Position
from organizations.models import Membership
from organizations.roles import ROLE_SCOPES, Role
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    LocationFactory,
    MembershipFactory,
    PositionFactory,
)

LIST = "/admin/employees/employee/"
NEW = {
    "first_name": "Grace",
    "last_name": "Hopper",
    "work_email": "grace@example.com",
    "hired_on": "2026-01-05",
    "employment_type": "full_time",
}


def shown_messages(response):
    return [str(message) for message in response.context["messages"]]


def form_of(employee, **changes):
    """Return what the browser sends when the form of an employee is saved."""
    kept = {
        "number": employee.number,
        "first_name": employee.first_name,
        "last_name": employee.last_name,
        "work_email": employee.work_email,
        "hired_on": employee.hired_on.isoformat(),
        "employment_type": employee.employment_type,
        "version": employee.version,
        "reports-TOTAL_FORMS": 0,
        "reports-INITIAL_FORMS": 0,
    }
    return kept | changes


def change(employee):
    return f"{LIST}{employee.pk}/change/"


def decide(client, action, employees, **answer):
    return client.post(
        LIST,
        {
            "action": action,
            "_selected_action": [employee.pk for employee in employees],
            "decided": "yes",
            **answer,
        },
        follow=True,
    )


@pytest.fixture
def client(member_client):
    return member_client(Role.HR_ADMIN)


@pytest.fixture
def mine(client):
    """What belongs to the organization of the client: keywords for factories."""
    return {"organization": client.membership.organization}


def test_hiring_needs_four_fields_and_gives_a_number(client, mine):
    client.post(f"{LIST}add/", NEW)

    employee = Employee.objects.get()
    assert employee.organization == mine["organization"]
    assert (employee.name, employee.number) == ("Grace Hopper", "1")
    assert employee.status == Employee.Status.ACTIVE


def test_hiring_places_a_person_in_what_belongs_to_the_organization(client, mine):
    work = {
        "manager": EmployeeFactory(**mine),
        "department": DepartmentFactory(**mine),
        "position": PositionFactory(**mine),
        "location": LocationFactory(**mine),
    }

    client.post(f"{LIST}add/", NEW | {name: row.pk for name, row in work.items()})

    employee = Employee.objects.get(work_email="grace@example.com")
    assert {name: getattr(employee, name) for name in work} == work


@pytest.mark.parametrize("field", ["manager", "department", "position", "location"])
def test_another_organizations_row_is_no_choice(client, field):
    factory = {
        "manager": EmployeeFactory,
        "department": DepartmentFactory,
        "position": PositionFactory,
        "location": LocationFactory,
    }[field]
    theirs = factory()

    response = client.post(f"{LIST}add/", NEW | {field: theirs.pk})

    errors = response.context["adminform"].form.errors.as_data()
    assert [(name, [e.code for e in told]) for name, told in errors.items()] == [
        (field, ["invalid_choice"])
    ]
    assert not Employee.objects.filter(work_email="grace@example.com").exists()


def test_duplicate_address_is_an_error_of_its_field(client, mine):
    EmployeeFactory(**mine, work_email="GRACE@example.com")

    response = client.post(f"{LIST}add/", NEW)

    assert response.context["adminform"].form.errors["work_email"] == [
        "This work e-mail is taken."
    ]


def test_same_address_may_work_for_two_organizations(client):
    EmployeeFactory(work_email="grace@example.com")

    client.post(f"{LIST}add/", NEW)

    assert Employee.objects.filter(work_email="grace@example.com").count() == 2


def test_form_changes_an_employee(client, mine):
    employee = EmployeeFactory(**mine)

    client.post(change(employee), form_of(employee, preferred_name="Lady"))

    employee.refresh_from_db()
    assert (employee.preferred_name, employee.version) == ("Lady", 2)


def test_saving_without_a_change_writes_nothing(client, mine):
    employee = EmployeeFactory(**mine, managed=True, placed=True)
    work = {
        name: getattr(employee, f"{name}_id")
        for name in ("manager", "department", "position", "location")
    }

    client.post(change(employee), form_of(employee, **work))

    employee.refresh_from_db()
    assert employee.version == 1


def test_lost_update_is_refused(client, mine):
    employee = EmployeeFactory(**mine)
    sent = form_of(employee, preferred_name="Lady")
    employee.work_phone = "+49 30 1"
    employee.save()

    response = client.post(change(employee), sent, follow=True)

    assert shown_messages(response) == [
        "Someone else changed this meanwhile. Reload it and try again."
    ]
    employee.refresh_from_db()
    assert (employee.preferred_name, employee.work_phone) == ("", "+49 30 1")


def test_first_day_after_the_last_is_an_error_of_the_form(client, mine):
    employee = EmployeeFactory(**mine, terminated=True)

    response = client.post(change(employee), form_of(employee, hired_on="2026-01-01"))

    assert response.context["adminform"].form.non_field_errors() == [
        "The last day cannot lie before the first day."
    ]


def test_decided_fields_are_not_fields_of_the_form(client, mine):
    employee = EmployeeFactory(**mine)

    client.post(
        change(employee),
        form_of(employee, status="terminated", terminated_on="2026-01-01"),
    )

    employee.refresh_from_db()
    assert (employee.status, employee.terminated_on) == ("active", None)


def test_manager_below_oneself_is_an_error_of_the_field(client, mine):
    report = EmployeeFactory(**mine, managed=True)

    response = client.post(
        change(report.manager), form_of(report.manager, manager=report.pk)
    )

    assert "circle" in response.context["adminform"].form.errors["manager"][0]


def test_login_is_named_by_the_address_of_a_member(client, mine):
    employee = EmployeeFactory(**mine)
    member = MembershipFactory(**mine, user__email="ada@example.com")
    stranger = MembershipFactory()

    client.post(change(employee), form_of(employee, user=" Ada@example.com"))
    employee.refresh_from_db()
    refused = client.post(change(employee), form_of(employee, user=stranger.user.email))

    assert employee.user == member.user
    assert "user" in refused.context["adminform"].form.errors
    page = client.get(change(employee))
    assert page.context["adminform"].form["user"].value() == "ada@example.com"


@pytest.mark.parametrize("count", [1, 3])
def test_list_shows_own_employees_with_constant_queries(
    client, mine, count, django_assert_num_queries
):
    employees = EmployeeFactory.create_batch(count, **mine, managed=True, placed=True)
    theirs = EmployeeFactory(placed=True, last_name="Stranger")

    client.get(LIST)  # the session's first request costs more
    with django_assert_num_queries(7):
        response = client.get(LIST)

    listed = {employee.pk for employee in response.context["cl"].result_list}
    assert listed == {
        pk for employee in employees for pk in (employee.pk, employee.manager_id)
    }
    page = response.content.decode()
    assert theirs.last_name not in page
    assert theirs.department.name not in page
    assert theirs.location.name not in page


@pytest.mark.parametrize("count", [1, 3])
def test_form_has_constant_queries(client, mine, count, django_assert_num_queries):
    manager = EmployeeFactory(**mine)
    EmployeeFactory.create_batch(count, **mine, manager=manager, placed=True)

    client.get(change(manager))  # the session's first request costs more
    with django_assert_num_queries(8):
        client.get(change(manager))


def test_department_filter_takes_in_what_lies_below(client, mine):
    top = DepartmentFactory(**mine)
    below = DepartmentFactory(**mine, parent=top)
    inside = EmployeeFactory(**mine, department=below)
    EmployeeFactory(**mine, department=DepartmentFactory(**mine))

    response = client.get(LIST, {"department": str(top.pk)})

    assert [employee.pk for employee in response.context["cl"].result_list] == [
        inside.pk
    ]


def test_department_filter_finds_nobody_in_another_organization(client, mine):
    EmployeeFactory(**mine, placed=True)
    theirs = EmployeeFactory(placed=True)

    for chosen in (str(theirs.department_id), "nonsense"):
        response = client.get(LIST, {"department": chosen})
        assert list(response.context["cl"].result_list) == []


@pytest.mark.parametrize(
    ("point", "fields"),
    [
        ("no_manager", {}),
        ("no_department", {"managed": True}),
        ("no_login", {"managed": True}),
        ("leaving", {"terminated_on": dt.date(2030, 1, 1), "managed": True}),
    ],
)
def test_open_points_find_who_lacks_something(client, mine, point, fields):
    found = EmployeeFactory(**mine, **fields)

    response = client.get(LIST, {"open": point})

    assert found in response.context["cl"].result_list


def test_people_who_lead_are_not_asked_for_a_manager(client, mine):
    report = EmployeeFactory(**mine, managed=True)

    response = client.get(LIST, {"open": "no_manager"})

    assert report.manager not in response.context["cl"].result_list


def test_search_is_the_directorys(client, mine):
    found = EmployeeFactory(**mine, first_name="Grace", last_name="Hopper")
    EmployeeFactory(**mine, first_name="Grace", last_name="Kelly")

    response = client.get(LIST, {"q": "hop grace"})

    assert list(response.context["cl"].result_list) == [found]


def test_count_stops_where_nobody_leafs_any_more(client, mine, monkeypatch):
    from organizations.admin.base import CappedPaginator

    monkeypatch.setattr(CappedPaginator, "most", 2)
    EmployeeFactory.create_batch(3, **mine)

    assert client.get(LIST).context["cl"].result_count == 2


def test_termination_shows_what_comes_of_it_before_it_is_decided(client, mine):
    report = EmployeeFactory(**mine, managed=True)

    response = client.post(
        LIST,
        {"action": "terminate", "_selected_action": report.manager_id, "index": 0},
    )

    assert response.context["chosen"] == [
        (
            report.manager,
            "1 people report to them and will need a new manager.",
        )
    ]
    report.manager.refresh_from_db()
    assert report.manager.status == Employee.Status.ACTIVE


def test_refusals_are_told_one_by_one_and_the_others_are_decided(client, mine):
    stays = EmployeeFactory(**mine, hired_on=dt.date(2026, 6, 1))
    left = EmployeeFactory(**mine, terminated=True)
    leaves = EmployeeFactory(**mine)

    response = decide(
        client,
        "terminate",
        [stays, left, leaves],
        terminated_on="2026-03-31",
        reason="Moved",
    )

    assert sorted(shown_messages(response)) == sorted(
        [
            f"{stays}: The last day cannot lie before the first day.",
            f"{left}: {left.name} left on 2025-06-30 already.",
            f"{leaves}: The employment ends, or has ended.",
        ]
    )
    assert set(
        Employee.objects.filter(status="terminated").values_list("pk", flat=True)
    ) == {left.pk, leaves.pk}


def test_rehiring_by_action(client, mine):
    left = EmployeeFactory(**mine, terminated=True)

    decide(client, "rehire", [left], hired_on="2026-02-01")

    left.refresh_from_db()
    assert (left.status, left.hired_on) == ("active", dt.date(2026, 2, 1))


def test_new_manager_for_the_selected(client, mine):
    people = EmployeeFactory.create_batch(2, **mine)
    manager = EmployeeFactory(**mine)

    response = decide(client, "change_manager", [*people, manager], manager=manager.pk)

    assert set(manager.reports.all()) == set(people)
    assert sum("circle" in told for told in shown_messages(response)) == 1


def test_another_organizations_manager_is_no_choice(client, mine):
    person = EmployeeFactory(**mine)
    theirs = EmployeeFactory()

    response = decide(client, "change_manager", [person], manager=theirs.pk)

    assert "manager" in response.context["form"].errors
    person.refresh_from_db()
    assert person.manager is None


@pytest.mark.parametrize("action", ["terminate", "rehire", "change_manager"])
def test_decisions_do_not_reach_another_organization(client, action):
    theirs = EmployeeFactory(terminated=action == "rehire")

    decide(client, action, [theirs], terminated_on="2026-03-31", hired_on="2026-03-31")

    version = theirs.version
    theirs.refresh_from_db()
    assert theirs.version == version


@pytest.mark.parametrize("page", ["terminate", "rehire"])
def test_decision_about_one_is_reached_from_their_page(client, mine, page):
    employee = EmployeeFactory(**mine, terminated=page == "rehire")
    theirs = EmployeeFactory()

    assert client.get(f"{LIST}{employee.pk}/{page}/").status_code == 200
    assert f"/{page}/" in client.get(change(employee)).content.decode()
    assert client.get(f"{LIST}{theirs.pk}/{page}/").status_code == 404


def test_giving_a_login_makes_a_member_and_links_them(client, mine):
    employee = EmployeeFactory(**mine)

    client.post(LIST, {"action": "give_logins", "_selected_action": employee.pk})

    employee.refresh_from_db()
    membership = Membership.objects.get(user=employee.user)
    assert membership.organization == mine["organization"]
    assert (membership.role, membership.user.email) == (
        Role.EMPLOYEE,
        employee.work_email,
    )


def test_logins_are_given_by_those_who_manage_members(member_client):
    client = member_client(Role.HR)
    employee = EmployeeFactory(organization=client.membership.organization)

    client.post(LIST, {"action": "give_logins", "_selected_action": employee.pk})

    employee.refresh_from_db()
    assert employee.user is None


def test_selection_that_is_no_id_is_a_sentence(client, mine):
    EmployeeFactory(**mine)

    response = client.post(
        LIST, {"action": "terminate", "_selected_action": "x", "index": 0}, follow=True
    )

    assert shown_messages(response) == ["“x” is not a valid UUID."]


def test_departments_are_shown_as_a_tree(client, mine):
    engineering = DepartmentFactory(**mine, name="Engineering")
    DepartmentFactory(**mine, name="Administration")
    DepartmentFactory(**mine, name="Zoology")
    backend = DepartmentFactory(**mine, name="Backend", parent=engineering)
    DepartmentFactory(**mine, name="Alpha", parent=backend)

    rows = client.get("/admin/employees/department/").context["cl"].result_list

    assert [(row.name, row.depth) for row in rows] == [
        ("Administration", 0),
        ("Engineering", 0),
        ("Backend", 1),
        ("Alpha", 2),
        ("Zoology", 0),
    ]


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        (Department, {"name": "Research", "code": "R"}),
        (Position, {"title": "Engineer"}),
        (Location, {"name": "Berlin", "country": "DE", "time_zone": "Europe/Berlin"}),
    ],
)
def test_structure_is_added_to_the_own_organization(client, mine, model, sent):
    client.post(f"/admin/employees/{model._meta.model_name}/add/", sent)

    assert model.objects.get().organization == mine["organization"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("factory", "name"),
    [
        (DepartmentFactory, "department"),
        (PositionFactory, "position"),
        (LocationFactory, "location"),
    ],
)
def test_structure_lists_have_constant_queries(
    client, mine, count, factory, name, django_assert_num_queries
):
    for row in factory.create_batch(count, **mine):
        EmployeeFactory(**mine, **{name: row})
    factory()

    client.get(f"/admin/employees/{name}/")  # the session's first request costs more
    with django_assert_num_queries(6):
        response = client.get(f"/admin/employees/{name}/")

    assert [row.people_count for row in response.context["cl"].result_list] == (
        [1] * count
    )


def test_history_of_a_record_names_who_changed_what(client, mine):
    employee = EmployeeFactory(**mine)
    client.post(change(employee), form_of(employee, preferred_name="Lady"))

    page = client.get(f"{LIST}{employee.pk}/history/").content.decode()

    assert "Changed Preferred name." in page
    assert client.membership.user.email in page


def test_confidential_fields_are_for_those_who_may_read_them(client, mine, monkeypatch):
    without = ROLE_SCOPES[Role.HR_ADMIN] - {"employees:read_personal"}
    employee = EmployeeFactory(**mine, mobile_phone="+49 170 1", gender="other")
    seen = client.get(change(employee)).content.decode()
    monkeypatch.setitem(ROLE_SCOPES, Role.HR_ADMIN, without)

    hidden = client.get(change(employee)).content.decode()
    client.post(change(employee), form_of(employee, mobile_phone="+49 170 2"))

    for name in ("mobile_phone", "home_email", "born_on", "gender"):
        assert f'name="{name}"' in seen
        assert f'name="{name}"' not in hidden
    assert "Reason of termination" not in hidden
    employee.refresh_from_db()
    assert employee.mobile_phone == "+49 170 1"
