import pytest

from employees.importing.errors import UnusableFileError
from employees.importing.headers import HEADERS, Field, Source, map_headers

BAMBOOHR = (
    "Employee #, First Name, Middle Name, Last Name, Preferred Name, Status, "
    "Hire Date, Original Hire Date, Birth Date, Gender, Marital Status, "
    "Address Line 1, Address Line 2, City, State, Zip Code, Country, Home Phone, "
    "Mobile Phone, Work Phone, Work Email, Home Email, Job Title, Reporting to, "
    "Department, Division, Location, Employment Status, Employment Status: Date, "
    "Job Information: Date, Pay rate, Pay type, Paid per, Pay Schedule, "
    "Overtime Status, Standard Hours Per Week"
)
HORILLA = (
    "Badge ID, First Name, Last Name, Phone, Email, Gender, Department, Job Position, "
    "Job Role, Work Type, Shift, Employee Type, Reporting Manager, Company, Location, "
    "Date Joining, Contract End Date, Basic Salary, Salary Hour"
)
ORANGEHRM = (
    "first_name,middle_name,last_name,employee_id,other_id,driver's_license_no,"
    "license_expiry_date,gender,marital_status,nationality,date_of_birth,"
    "address_street_1,address_street_2,city,state/province,zip/postal_code,country,"
    "home_telephone,mobile,work_telephone,work_email,other_email"
)
TIMEOFF = "email,lastname,name,department"
SNAKE_CASE = (
    "employee_id, first_name, last_name, email, date_of_birth, hired_on, "
    "employment_type, position, department, division, location, reports_to"
)


def header(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def used(text: str) -> dict[str, str]:
    columns = map_headers(header(text)).columns
    return {field.value: column.header for field, column in columns.items()}


def ignored(text: str) -> dict[str, str]:
    mapping = map_headers(header(text))
    return {ignored.column.header: ignored.reason for ignored in mapping.ignored}


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        (
            BAMBOOHR,
            Source.BAMBOOHR,
            {
                "number": "Employee #",
                "first_name": "First Name",
                "middle_name": "Middle Name",
                "last_name": "Last Name",
                "preferred_name": "Preferred Name",
                "status": "Status",
                "hired_on": "Hire Date",
                "first_hired_on": "Original Hire Date",
                "born_on": "Birth Date",
                "gender": "Gender",
                "mobile_phone": "Mobile Phone",
                "work_phone": "Work Phone",
                "work_email": "Work Email",
                "home_email": "Home Email",
                "position": "Job Title",
                "manager": "Reporting to",
                "department": "Department",
                "location": "Location",
                "employment_status": "Employment Status",
                "employment_status_on": "Employment Status: Date",
            },
        ),
        (
            HORILLA,
            Source.HORILLA,
            {
                "number": "Badge ID",
                "first_name": "First Name",
                "last_name": "Last Name",
                "mobile_phone": "Phone",
                "work_email": "Email",
                "gender": "Gender",
                "department": "Department",
                "position": "Job Position",
                "employment_type": "Employee Type",
                "manager": "Reporting Manager",
                "location": "Location",
                "hired_on": "Date Joining",
            },
        ),
        (
            ORANGEHRM,
            Source.ORANGEHRM,
            {
                "first_name": "first_name",
                "middle_name": "middle_name",
                "last_name": "last_name",
                "number": "employee_id",
                "gender": "gender",
                "born_on": "date_of_birth",
                "mobile_phone": "mobile",
                "work_phone": "work_telephone",
                "work_email": "work_email",
                "home_email": "other_email",
            },
        ),
        (
            TIMEOFF,
            Source.TIMEOFF,
            {
                "work_email": "email",
                "last_name": "lastname",
                "first_name": "name",
                "department": "department",
            },
        ),
        (
            SNAKE_CASE,
            Source.OTHER,
            {
                "number": "employee_id",
                "first_name": "first_name",
                "last_name": "last_name",
                "work_email": "email",
                "born_on": "date_of_birth",
                "hired_on": "hired_on",
                "employment_type": "employment_type",
                "position": "position",
                "department": "department",
                "location": "location",
                "manager": "reports_to",
            },
        ),
    ],
    ids=["bamboohr", "horilla", "orangehrm", "timeoff", "snake_case"],
)
def test_the_columns_of_an_export_are_recognised(text, source, expected):
    assert map_headers(header(text)).source is source
    assert used(text) == expected


def test_our_own_field_names_are_recognised():
    not_ours = {"full_name", "job_role", "employment_status", "employment_status_on"}
    own = sorted(set(Field) - not_ours)

    assert used(",".join(own)) == {name: name for name in own}


def test_case_spaces_underscores_and_hyphens_do_not_matter():
    assert used("EMPLOYEE#,first-name,LAST_name") == {
        "number": "EMPLOYEE#",
        "first_name": "first-name",
        "last_name": "LAST_name",
    }


def test_columns_that_are_not_imported_are_told_with_the_reason():
    assert ignored("Employee #,Hire Date,Start Date,Pay rate,") == {
        "Start Date": "“Hire Date” is used instead",
        "Pay rate": "is not known",
        "": "has no header",
    }


@pytest.mark.parametrize("text", ["Status,Employee Status", "Employee Status,Status"])
def test_of_two_columns_for_one_field_the_documented_one_is_used(text):
    assert used(f"Number,{text}")["status"] == "Status"


def test_a_full_name_gives_way_to_first_and_last_name():
    assert ignored("Number,Name,First Name,Last Name") == {
        "Name": "“First Name” and “Last Name” are used instead"
    }
    assert used("Number,Name") == {"number": "Number", "full_name": "Name"}


def test_a_name_beside_a_last_name_is_the_first_name():
    assert used("email,lastname,name,birthday")["first_name"] == "name"
    assert used("email,lastname,fullname")["full_name"] == "fullname"


def test_a_job_role_gives_way_to_the_position():
    assert ignored("Number,Job Role,Job Position") == {
        "Job Role": "“Job Position” is used instead"
    }
    assert used("Number,Job Role") == {"number": "Number", "job_role": "Job Role"}


def test_an_original_hire_date_alone_is_the_hire_date():
    assert used("Number,Original Hire Date")["hired_on"] == "Original Hire Date"


def test_one_header_twice_is_refused_with_the_places():
    with pytest.raises(
        UnusableFileError, match=r"Department \(B\), department \(D\)"
    ) as e:
        map_headers(("Number", "Department", "City", "department"))

    assert e.value.code == "doubled_header"


def test_unknown_headers_may_stand_twice():
    assert used("Number,Note,Note") == {"number": "Number"}


def test_a_file_without_number_and_email_is_refused():
    with pytest.raises(UnusableFileError) as caught:
        map_headers(("First Name", "Last Name"))

    assert caught.value.code == "no_key"


def test_no_header_stands_for_two_fields():
    every = [name for headers in HEADERS.values() for name in headers]

    assert len({name.casefold().replace(" ", "") for name in every}) == len(every)
