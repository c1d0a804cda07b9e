import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bench.employees_file import write_employees
from employees.models import Employee
from organizations.models import Organization
from tests.factories import EmployeeFactory, OrganizationFactory

HEADER = "Employee #,First Name,Last Name,Work Email,Hire Date,Department,Pay rate"
ADA = "1,Ada,Lovelace,ada@example.com,03/01/2024,Engines,100"


@pytest.fixture
def organization(db: None) -> Organization:
    return OrganizationFactory(slug="works")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{ADA}\n")
    return path


def run(file: Path, *options: str, slug: str = "works") -> str:
    out = io.StringIO()
    call_command(
        "import_employees", str(file), "--organization", slug, *options, stdout=out
    )
    return out.getvalue()


def test_a_dry_run_tells_everything_and_writes_nothing(organization, file):
    told = run(file, "--dry-run")

    assert "1 row, as BambooHR writes them." in told
    assert "“Hire Date” (hired on as MM/DD/YYYY)" in told
    assert "Not used: “Pay rate” (is not known)." in told
    assert "Added departments: Engines." in told
    assert "  Row 2, new: Ada Lovelace\n" in told
    assert "1 new, 0 changed, 0 unchanged, 0 refused." in told
    assert told.endswith("Nothing was written: this was a dry run.\n")
    assert Employee.objects.count() == 0


def test_the_file_is_imported_and_a_second_time_changes_nothing(organization, file):
    assert "Imported: 1 employees written" in run(file)
    assert "0 new, 0 changed, 1 unchanged, 0 refused." in run(file)
    assert Employee.objects.get().department.name == "Engines"


def test_differences_are_shown_old_and_new(organization, file):
    EmployeeFactory(
        organization=organization,
        number="1",
        first_name="Ada",
        last_name="Byron",
        work_email="ada@example.com",
    )

    told = run(file, "--dry-run")

    assert "  Row 2, changed: Ada Lovelace\n      last name: Byron → Lovelace" in told
    assert "      department: nothing → Engines" in told


def test_only_the_first_people_are_listed(organization, file):
    with file.open("a") as opened:
        opened.writelines(
            f"{n},Ada,No {n},{n}@example.com,03/01/2024,,\n" for n in range(2, 6)
        )

    told = run(file, "--dry-run", "--show", "2")

    assert told.count(", new: ") == 2
    assert "  … and 3 more." in told


def test_a_refused_row_is_told_and_the_command_fails(organization, file):
    with file.open("a") as opened:
        opened.write("2,Ben,,ben@example.com,03/01/2024,,\n")

    out = io.StringIO()
    with pytest.raises(CommandError, match="one refused row keeps everything out"):
        call_command(
            "import_employees", str(file), "--organization", "works", stdout=out
        )

    reason = "is needed for somebody who is not known yet"
    assert f"  Row 3, column “Last Name”, refused: {reason}.\n" in out.getvalue()
    assert Employee.objects.count() == 0


def test_the_report_holds_every_line_and_no_formulas(organization, file, tmp_path):
    with file.open("a") as opened:
        opened.write("2,=cmd(),Ng,ben@example.com,03/01/2024,,\n")
    report = tmp_path / "report.csv"

    run(file, "--dry-run", "--report", str(report))

    lines = list(csv.DictReader(report.open(encoding="utf-8-sig")))
    assert [line["New"] for line in lines if line["Field"] == "first name"] == [
        "Ada",
        "'=cmd()",
    ]
    assert {line["Outcome"] for line in lines} == {"new"}


@pytest.mark.parametrize(
    ("slug", "name", "sentence"),
    [
        ("nowhere", "people.csv", "No organization has the slug “nowhere”.*works"),
        ("works", "missing.csv", "missing.csv can not be read: No such file"),
        ("works", "", "can not be read: Is a directory"),
    ],
)
def test_what_can_not_be_found_is_told(organization, file, slug, name, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(file.parent / name, slug=slug)


def test_a_file_that_can_not_be_used_is_told(organization, file):
    file.write_text("Something,Else\n1,2\n")

    with pytest.raises(CommandError, match="No column says who is who"):
        run(file)


def test_the_date_format_and_the_first_day_can_be_told(organization, file):
    file.write_text(
        "email,lastname,name,department,birthday\n"
        "ada@example.com,Lovelace,Ada,Engines,03/04/1990\n"
    )

    with pytest.raises(CommandError, match="can be read in two ways"):
        run(file, "--hired-on", "2024-03-01")
    run(file, "--hired-on", "2024-03-01", "--date-format", "DD/MM/YYYY")

    ada = Employee.objects.get()
    assert (str(ada.hired_on), str(ada.born_on)) == ("2024-03-01", "1990-04-03")


def test_a_large_file_of_mixed_order_is_imported_whole(organization, tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w", newline="", encoding="utf-8") as opened:
        write_employees(opened, 500)

    told = run(path)

    assert "500 new, 0 changed, 0 unchanged, 0 refused." in told
    assert Employee.objects.filter(manager=None).count() == 1
