import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from employees.importing.progress import ProgressNote
from employees.importing.services import apply_import
from employees.models import Employee, EmployeeImport
from organizations.roles import Role
from tests.factories import EmployeeFactory, OrganizationFactory

LIST = reverse("admin:employees_employeeimport_changelist")
ADD = reverse("admin:employees_employeeimport_add")
HEADER = "Number,First Name,Last Name,Email,Hire Date,Department"
FILE = f"""{HEADER}
1,Ada,Lovelace,ada@example.com,2024-03-01,Engines
2,Ben,Ng,ben@example.com,2024-04-01,Engines
"""


@pytest.fixture
def organization(db):
    return OrganizationFactory()


@pytest.fixture
def hr(member_client, organization):
    return member_client(Role.HR, organization)


def send(client, content: str | bytes = FILE, **answers: str):
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("people.csv", data)
    return client.post(ADD, {"file": file, **answers})


def address(name: str, upload: EmployeeImport) -> str:
    return reverse(f"admin:employees_employeeimport_{name}", args=[upload.pk])


def test_an_upload_leads_to_its_dry_run(hr, organization):
    EmployeeFactory(
        organization=organization, number="1", first_name="Ada", last_name="Byron"
    )

    response = send(hr)
    upload = EmployeeImport.objects.get()
    page = hr.get(address("change", upload))

    assert response.url == address("change", upload)
    assert (upload.organization, upload.uploaded_by) == (
        organization,
        hr.membership.user,
    )
    assert page.context["chosen"] == "changed"
    assert [tab.count for tab in page.context["tabs"]] == [0, 1, 1, 0]
    assert "<del>Byron</del>" in page.content.decode()
    assert "Import 2 people" in page.content.decode()
    assert Employee.objects.count() == 1


def test_each_kind_of_row_has_its_tab(hr):
    send(hr, f"{FILE}3,Cleo,,cleo@example.com,2024-05-01,\n")
    page = address("change", EmployeeImport.objects.get())

    refused = hr.get(page).content.decode()
    new = hr.get(page, {"show": "new"}).content.decode()

    assert "is needed for somebody who is not known yet" in refused
    assert "1 row cannot be imported" in refused
    assert "Import 2 people" not in refused
    assert "Ada Lovelace" in new


def test_a_workbook_is_taken_as_well(hr):
    book = openpyxl.Workbook()
    for line in FILE.strip().split("\n"):
        book.active.append(line.split(","))
    content = io.BytesIO()
    book.save(content)

    send(hr, content.getvalue())

    assert EmployeeImport.objects.get().new_count == 2


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        ("Something\n1\n", "file", "No column says who is who"),
        ("", "file", "The submitted file is empty."),
        (
            FILE.replace("2024-03-01", "03/04/2024"),
            "date_order",
            "can be read in two ways",
        ),
    ],
)
def test_what_is_wrong_with_the_file_stands_at_the_field_that_mends_it(
    hr, content, field, message
):
    response = send(hr, content)

    assert message in response.context["form"].errors[field][0]
    assert EmployeeImport.objects.count() == 0


def test_the_answers_of_the_form_are_used(hr):
    send(
        hr,
        FILE.replace("Hire Date", "Birth Date").replace("2024-03-01", "03/04/1990"),
        date_order="DD/MM/YYYY",
        hired_on="2024-03-01",
    )

    ada = EmployeeImport.objects.get().report["new"][0]
    values = {each["field"]: each["new"] for each in ada["differences"]}
    assert (values["born on"], values["hired on"]) == ("1990-04-03", "2024-03-01")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(hr, monkeypatch):
    monkeypatch.setattr("employees.admin.imports.MAX_BYTES", 10)

    response = send(hr)

    assert "larger than" in response.context["form"].errors["file"][0]


def test_a_worker_applies_it_and_the_page_follows(
    hr, django_capture_on_commit_callbacks
):
    send(hr)
    upload = EmployeeImport.objects.get()

    with django_capture_on_commit_callbacks() as callbacks:
        response = hr.post(address("apply", upload))
    assert response.url == address("change", upload)
    assert len(callbacks) == 1

    ProgressNote(upload.pk)(1, 2)
    running = hr.get(address("progress", upload))
    assert "1 of 2 people" in running.content.decode()
    assert "HX-Refresh" not in running

    apply_import(upload.pk)
    ended = hr.get(address("progress", upload))
    page = hr.get(address("change", upload)).content.decode()
    assert ended["HX-Refresh"] == "true"
    assert "2 people imported" in page
    assert reverse("admin:employees_employee_changelist") in page


def test_a_second_click_is_told_and_writes_nothing(hr):
    send(hr)
    upload = EmployeeImport.objects.get()
    hr.post(address("apply", upload))
    apply_import(upload.pk)

    response = hr.post(address("apply", upload), follow=True)

    messages = [str(message) for message in response.context["messages"]]
    assert len(messages) == 1
    assert messages[0].startswith("This import was applied already, started by")
    assert Employee.objects.count() == 2


def test_every_difference_can_be_downloaded_until_it_is_applied(hr):
    send(hr)
    upload = EmployeeImport.objects.get()

    response = hr.get(address("report", upload))
    lines = response.content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Row,Outcome,Number,Name,Field,Old,New,Reason"
    assert "2,new,1,Ada Lovelace,last name,,Lovelace," in lines

    hr.post(address("apply", upload))
    apply_import(upload.pk)
    assert hr.get(address("report", upload)).status_code == 404


def test_a_running_import_is_not_deleted(hr):
    send(hr)
    upload = EmployeeImport.objects.get()
    hr.post(address("apply", upload))

    assert hr.post(address("delete", upload), {"post": "yes"}).status_code == 403

    apply_import(upload.pk)
    assert hr.post(address("delete", upload), {"post": "yes"}).status_code == 302
    assert not EmployeeImport.objects.exists()
    assert Employee.objects.count() == 2


def test_imports_of_others_are_not_there(hr, member_client):
    theirs = member_client(Role.HR)
    send(theirs)
    upload = EmployeeImport.objects.get()

    for name in ("change", "progress", "report", "delete"):
        assert hr.get(address(name, upload)).status_code == 404
    assert hr.post(address("apply", upload)).status_code == 404
    assert "people.csv" not in hr.get(LIST).content.decode()
    upload.refresh_from_db()
    assert upload.status == "planned"


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.MANAGER, Role.AUDITOR])
def test_who_may_not_import_sees_and_starts_nothing(
    hr, member_client, organization, role
):
    send(hr)
    upload = EmployeeImport.objects.get()
    other = member_client(role, organization)

    asked = [
        other.get(LIST),
        other.get(ADD),
        other.post(ADD, {"file": SimpleUploadedFile("people.csv", FILE.encode())}),
        other.get(address("change", upload)),
        other.get(address("report", upload)),
        other.post(address("apply", upload)),
    ]

    assert all(response.status_code in {302, 403} for response in asked)
    assert "people.csv" not in "".join(r.content.decode() for r in asked)
    assert EmployeeImport.objects.count() == 1
    upload.refresh_from_db()
    assert upload.status == "planned"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    hr, django_assert_num_queries, count
):
    for _ in range(count):
        send(hr)

    with django_assert_num_queries(6):
        page = hr.get(LIST).content.decode()

    assert page.count(">people.csv<") == count
