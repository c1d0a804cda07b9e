"""The pages: who sees what, what each list costs, what a broken rule looks like."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from employees.models import Employee, EmployeeImport
from organizations.models import Organization
from organizations.roles import Role
from tests.factories import (
    DepartmentFactory,
    EmployeeFactory,
    LocationFactory,
    MembershipFactory,
    OrganizationFactory,
    PositionFactory,
    UserFactory,
)

HOME = reverse("employees:home")
DIRECTORY = reverse("employees:directory")
CHART = reverse("employees:org_chart")
ME = reverse("employees:my_profile")
EDIT = reverse("employees:my_profile_edit")
PAGES = [HOME, DIRECTORY, CHART, ME, EDIT]
#: The session, the user, the membership, the others' names.
FRAME_QUERIES = 4


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory()


@pytest.fixture
def employee_client(member_client, organization):
    """Return a client of an employee, and the employee as ``client.employee``."""
    client = member_client(Role.EMPLOYEE, organization)
    client.employee = EmployeeFactory(
        organization=organization, user=client.membership.user, first_name="Me"
    )
    return client


def address_of(employee: Employee) -> str:
    return reverse("employees:profile", args=[employee.pk])


def names_shown(response) -> list[str]:
    return [employee.name for employee in response.context["employees"]]


# --- Who may open a page ------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_asked_to_log_in(client, db, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={address}"


@pytest.mark.parametrize("address", PAGES)
def test_users_without_an_organization_are_told_so(client, db, address):
    client.force_login(UserFactory())

    response = client.get(address)

    assert response.status_code == 302
    assert response.url == reverse("organizations:choose")


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_the_directory(member_client, role):
    assert member_client(role).get(DIRECTORY).status_code == 200


def test_another_organizations_person_is_as_missing_as_nobody(employee_client):
    stranger = EmployeeFactory()
    nobody = "00000000-0000-7000-8000-000000000000"

    answers = [
        employee_client.get(reverse(name, args=[pk]))
        for name in ("employees:profile", "employees:reports")
        for pk in (stranger.pk, nobody)
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert "Lovelace" not in "".join(answer.content.decode() for answer in answers)


# --- Directory ----------------------------------------------------------------------


def test_directory_shows_the_active_people_of_this_organization_alone(
    employee_client, organization
):
    colleague = EmployeeFactory(organization=organization)
    EmployeeFactory(organization=organization, terminated=True)
    EmployeeFactory()

    response = employee_client.get(DIRECTORY)

    assert names_shown(response) == sorted(
        [employee_client.employee.name, colleague.name], key=lambda n: n.split()[-1]
    )


def test_directory_finds_people_in_whose_fields_every_word_occurs(
    employee_client, organization
):
    position = PositionFactory(organization=organization, title="Platform Engineer")
    location = LocationFactory(organization=organization, name="Lisbon")
    found = EmployeeFactory(
        organization=organization, position=position, location=location
    )
    EmployeeFactory(organization=organization, position=position)

    response = employee_client.get(DIRECTORY, {"q": "engin LISB"})

    assert names_shown(response) == [found.name]


def test_department_filter_includes_the_departments_below(
    employee_client, organization
):
    above = DepartmentFactory(organization=organization)
    below = DepartmentFactory(organization=organization, parent=above)
    deepest = DepartmentFactory(organization=organization, parent=below)
    inside = EmployeeFactory(organization=organization, department=deepest)
    EmployeeFactory(
        organization=organization,
        department=DepartmentFactory(organization=organization),
    )

    response = employee_client.get(DIRECTORY, {"department": above.pk})

    assert names_shown(response) == [inside.name]


@pytest.mark.parametrize("value", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_unknown_filter_value_filters_nothing(employee_client, value):
    response = employee_client.get(DIRECTORY, {"department": value, "show": value})

    assert names_shown(response) == [employee_client.employee.name]


def test_another_organizations_department_is_no_choice(employee_client):
    foreign = DepartmentFactory(name="Secret department")

    page = employee_client.get(DIRECTORY, {"department": foreign.pk}).content.decode()

    assert "Secret department" not in page


def test_my_team_are_those_who_report_to_me(employee_client, organization):
    report = EmployeeFactory(
        organization=organization, manager=employee_client.employee
    )
    EmployeeFactory(organization=organization)

    response = employee_client.get(DIRECTORY, {"show": "team"})

    assert names_shown(response) == [report.name]


@time_machine.travel("2026-11-22 12:00+00:00", tick=False)
def test_groups_show_joiners_and_anniversaries(employee_client, organization):
    joined = EmployeeFactory(organization=organization, hired_on=dt.date(2026, 9, 1))
    joins = EmployeeFactory(organization=organization, hired_on=dt.date(2026, 12, 1))
    years = EmployeeFactory(organization=organization, hired_on=dt.date(2020, 12, 3))

    def shown(group: str) -> set[str]:
        return set(names_shown(employee_client.get(DIRECTORY, {"show": group})))

    assert shown("joined") == {joined.name, joins.name}
    assert shown("anniversary") == {years.name}


@pytest.mark.parametrize(
    ("role", "sees_former"), [(Role.HR, True), (Role.MANAGER, False)]
)
def test_former_employees_are_for_hr(member_client, organization, role, sees_former):
    former = EmployeeFactory(organization=organization, terminated=True)

    response = member_client(role, organization).get(DIRECTORY, {"show": "former"})

    assert names_shown(response) == ([former.name] if sees_former else [])


def test_directory_pages_by_name_until_everybody_was_shown_once(
    employee_client, organization
):
    EmployeeFactory.create_batch(120, organization=organization)

    shown, address = [], DIRECTORY
    while address:
        response = employee_client.get(address)
        shown += names_shown(response)
        address = response.context["more"] and DIRECTORY + response.context["more"]

    everybody = Employee.objects.for_organization(organization)
    assert shown == [employee.name for employee in everybody]


def test_page_after_a_person_of_another_organization_is_missing(employee_client):
    assert (
        employee_client.get(DIRECTORY, {"after": EmployeeFactory().pk}).status_code
        == 404
    )
    assert employee_client.get(DIRECTORY, {"after": "nonsense"}).status_code == 404


def test_live_search_gets_the_results_without_the_page_around(employee_client):
    live = employee_client.get(DIRECTORY, {"q": "Me"}, headers={"HX-Request": "true"})
    page = employee_client.get(DIRECTORY, {"q": "Me"})

    assert names_shown(live) == names_shown(page) == [employee_client.employee.name]
    assert "<html" not in live.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in live.headers["Vary"]


def test_going_back_gets_the_whole_page(employee_client):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "<html" in employee_client.get(DIRECTORY, headers=headers).content.decode()


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"), [(DIRECTORY, 5), (CHART, 2), (HOME, 17)]
)
def test_a_lists_cost_does_not_grow_with_its_rows(
    employee_client, organization, django_assert_num_queries, people, address, queries
):
    for _ in range(people):
        EmployeeFactory(
            organization=organization,
            manager=employee_client.employee,
            department=DepartmentFactory(organization=organization),
            position=PositionFactory(organization=organization),
            location=LocationFactory(organization=organization),
            hired_on=dt.date.today(),  # noqa: DTZ011 (any day that is recent)
        )
    employee_client.get(address)

    with django_assert_num_queries(FRAME_QUERIES + queries):
        employee_client.get(address)


# --- A person -----------------------------------------------------------------------


@pytest.fixture
def private(organization):
    """Return an employee with something to hide, below two managers."""
    top = EmployeeFactory(organization=organization, first_name="Top")
    middle = EmployeeFactory(organization=organization, manager=top)
    return EmployeeFactory(
        organization=organization,
        manager=middle,
        mobile_phone="+49 170 999",
        home_email="private@example.net",
        gender="female",
    )


def log_in_as(client, employee: Employee, role: Role):
    membership = MembershipFactory(organization=employee.organization, role=role)
    Employee.objects.filter(pk=employee.pk).update(user=membership.user)
    client.force_login(membership.user)
    return client


def hidden_fields_shown(response) -> list[bool]:
    page = response.content.decode()
    return [text in page for text in ("+49 170 999", "private@example.net", "Female")]


def test_colleagues_see_public_fields_alone(employee_client, private):
    response = employee_client.get(address_of(private))

    assert private.work_email in response.content.decode()
    assert hidden_fields_shown(response) == [False, False, False]


@pytest.mark.parametrize("distance", [1, 2])
def test_managers_above_see_personal_fields(client, private, distance):
    manager = private.manager if distance == 1 else private.manager.manager

    response = log_in_as(client, manager, Role.MANAGER).get(address_of(private))

    assert hidden_fields_shown(response) == [True, True, False]


def test_whoever_is_above_without_a_managers_role_sees_public_fields(client, private):
    response = log_in_as(client, private.manager, Role.EMPLOYEE).get(
        address_of(private)
    )

    assert hidden_fields_shown(response) == [False, False, False]


def test_managers_of_others_see_public_fields_alone(client, private, organization):
    elsewhere = EmployeeFactory(organization=organization)

    response = log_in_as(client, elsewhere, Role.MANAGER).get(address_of(private))

    assert hidden_fields_shown(response) == [False, False, False]


@pytest.mark.parametrize("role", [Role.HR, Role.HR_ADMIN, Role.OWNER, Role.AUDITOR])
def test_hr_sees_every_field(member_client, organization, private, role):
    response = member_client(role, organization).get(address_of(private))

    assert hidden_fields_shown(response) == [True, True, True]


def test_people_see_every_field_of_themselves(client, private):
    own = log_in_as(client, private, Role.EMPLOYEE)

    assert hidden_fields_shown(own.get(ME)) == [True, True, True]
    assert hidden_fields_shown(own.get(address_of(private))) == [True, True, True]


def test_profile_shows_the_line_of_managers_from_the_top(employee_client, private):
    response = employee_client.get(address_of(private))

    assert response.context["managers"] == [private.manager.manager, private.manager]


def test_my_profile_without_an_employee_says_what_to_do(member_client):
    response = member_client(Role.OWNER).get(ME)

    assert response.status_code == 200
    assert "No employee belongs to your login" in response.content.decode()


# --- Changing one's details ---------------------------------------------------------


def details(employee: Employee, **changes: str) -> dict[str, str]:
    return {
        "version": str(employee.version),
        "preferred_name": "Mimi",
        "work_phone": "",
        "mobile_phone": "+49 1",
        "home_email": "",
        "gender": "",
        **changes,
    }


def test_people_change_their_own_details(employee_client):
    me = employee_client.employee

    response = employee_client.post(EDIT, details(me))

    me.refresh_from_db()
    assert (response.status_code, response.url) == (302, ME)
    assert (me.preferred_name, me.mobile_phone, me.version) == ("Mimi", "+49 1", 2)


def test_nobody_changes_what_is_hrs_through_their_details(employee_client):
    me = employee_client.employee

    employee_client.post(
        EDIT, details(me, last_name="King", number="1", status="terminated")
    )

    changed = Employee.objects.get(pk=me.pk)
    assert changed.preferred_name == "Mimi"
    assert (changed.last_name, changed.number, changed.status) == (
        me.last_name,
        me.number,
        "active",
    )


def test_a_wrong_value_is_told_next_to_its_field(employee_client):
    me = employee_client.employee

    response = employee_client.post(EDIT, details(me, home_email="nowhere"))

    me.refresh_from_db()
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["home_email"]
    assert (me.preferred_name, me.version) == ("", 1)


def test_an_edit_over_somebody_elses_change_is_refused(employee_client):
    me = employee_client.employee
    before = details(me)
    me.preferred_name = "Changed by HR"
    me.save()

    response = employee_client.post(EDIT, before)

    me.refresh_from_db()
    assert "Someone else changed this" in response.content.decode()
    assert me.preferred_name == "Changed by HR"


# --- Chart and home -----------------------------------------------------------------


def test_chart_begins_with_who_reports_to_nobody(employee_client, organization):
    report = EmployeeFactory(
        organization=organization, manager=employee_client.employee
    )
    EmployeeFactory(organization=organization, manager=report)
    gone = EmployeeFactory(organization=organization, terminated=True)
    orphan = EmployeeFactory(organization=organization, manager=gone)

    branches = employee_client.get(CHART).context["branches"]

    assert branches == [(employee_client.employee, [report]), (orphan, [])]


def test_a_branch_of_the_chart_shows_the_team(employee_client, organization):
    report = EmployeeFactory(
        organization=organization, manager=employee_client.employee
    )
    address = reverse("employees:reports", args=[employee_client.employee.pk])

    response = employee_client.get(address)

    assert list(response.context["team"]) == [report]
    assert "<html" not in response.content.decode()


def facts_of(response) -> dict[str, object]:
    """Return what each card of the home page shows, by the card's name."""
    columns = response.context["columns"]
    return {shown.card.name: shown.facts for column in columns for shown in column}


@time_machine.travel("2026-11-22 12:00+00:00", tick=False)
def test_home_counts_who_is_employed_today_and_who_joins(employee_client, organization):
    EmployeeFactory(organization=organization, hired_on=dt.date(2026, 12, 1))
    EmployeeFactory(organization=organization, terminated=True)
    EmployeeFactory()

    headcount = facts_of(employee_client.get(HOME))["people"]

    assert (headcount.now, headcount.joining) == (1, 1)


def test_home_of_an_empty_organization_says_how_to_begin(member_client):
    page = member_client(Role.OWNER).get(HOME).content.decode()

    assert "has no employees yet" in page


def test_home_shows_hr_tools_to_who_may_use_them(member_client, organization):
    hr = member_client(Role.HR, organization).get(HOME).content.decode()
    employee = member_client(Role.EMPLOYEE, organization).get(HOME).content.decode()

    assert "Open work" in hr
    assert "Open work" not in employee


def test_home_shows_the_last_import_to_who_may_import(member_client, organization):
    hr = member_client(Role.HR, organization)
    for name in ("first.csv", "last.csv"):
        EmployeeImport.objects.create(
            organization=organization,
            file_name=name,
            content=b"",
            status=EmployeeImport.Status.APPLIED,
            uploaded_by=hr.membership.user,
        )
    EmployeeImport.objects.create(
        organization=OrganizationFactory(),
        file_name="foreign.csv",
        content=b"",
        status=EmployeeImport.Status.APPLIED,
        uploaded_by=hr.membership.user,
    )
    employee = member_client(Role.EMPLOYEE, organization)

    shown = facts_of(hr.get(HOME))["open_work"]
    assert shown["last_import"].file_name == "last.csv"
    assert "open_work" not in facts_of(employee.get(HOME))
