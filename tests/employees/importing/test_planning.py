import datetime as dt

import pytest
import time_machine

from employees.importing.dates import DateOrder
from employees.importing.errors import UnusableFileError
from employees.importing.plan import Difference
from employees.importing.values import Refusal
from employees.models import Employee
from employees.services import terminate_employee
from tests.factories import DepartmentFactory, EmployeeFactory, PositionFactory

HEADER = "Number,First Name,Last Name,Email,Hire Date"
ADA = "1,Ada,Lovelace,ada@example.com,2024-03-01"
BEN = "2,Ben,Ng,ben@example.com,2024-04-01"


def outcomes(plan) -> dict[int, str]:
    """Say for every row what would happen to it."""
    return {
        **{row.number: "new" for row in plan.new},
        **{row.number: "changed" for row in plan.changed},
        **{row.number: "unchanged" for row in plan.unchanged},
        **{refusal.row: "refused" for refusal in plan.refusals},
    }


def differences(plan) -> list[Difference]:
    (row,) = plan.changed
    return row.differences


def managers(plan) -> dict[str, str]:
    """Name who reports to whom after the plan."""
    names = {row.employee.pk: row.employee.first_name for row in plan.rows}
    return {
        row.employee.first_name: names.get(row.employee.manager_id, "")
        for row in plan.rows
    }


@pytest.fixture
def ada(organization) -> Employee:
    return EmployeeFactory(
        organization=organization,
        number="1",
        first_name="Ada",
        last_name="Lovelace",
        work_email="ada@example.com",
        hired_on=dt.date(2024, 3, 1),
    )


def test_rows_are_new_changed_unchanged_or_refused(organization, ada, plan_file):
    EmployeeFactory(organization=organization, number="2", work_email="ben@example.com")

    plan = plan_file(
        HEADER, ADA, BEN, "3,Cleo,Ito,cleo@example.com,2024-05-01", "4,Dan,,,"
    )

    assert outcomes(plan) == {2: "unchanged", 3: "changed", 4: "new", 5: "refused"}
    assert plan.counts() == {"new": 1, "changed": 1, "unchanged": 1, "refused": 1}


@pytest.mark.parametrize(
    ("line", "field", "old", "new"),
    [
        ("1,Ada,Byron,ada@example.com,", "last_name", "Lovelace", "Byron"),
        ("1,,,ada@example.org,", "work_email", "ada@example.com", "ada@example.org"),
        ("1,,,,2024-03-02", "hired_on", "2024-03-01", "2024-03-02"),
        ("77,,,ADA@example.com,", "number", "1", "77"),
    ],
)
def test_an_employee_is_found_by_number_or_email_and_compared_field_by_field(
    ada, plan_file, line, field, old, new
):
    assert Difference(field, old, new) in differences(plan_file(HEADER, line))


def test_the_number_decides_before_the_email(organization, ada, plan_file):
    plan = plan_file("Number,Email", "1,new@example.com")

    assert differences(plan) == [
        Difference("work_email", "ada@example.com", "new@example.com")
    ]


def test_an_email_of_somebody_else_is_refused(organization, ada, plan_file):
    EmployeeFactory(organization=organization, number="2", work_email="ben@example.com")

    assert plan_file("Number,Email", "1,ben@example.com").refusals == [
        Refusal(
            2,
            "Email",
            (
                "“ben@example.com” belongs to "
                f"{Employee.objects.get(number='2').name} (2), the number 1 to "
                "Ada Lovelace"
            ),
        )
    ]


def test_a_number_that_another_system_gave_to_somebody_else_is_refused(ada, plan_file):
    (refusal,) = plan_file(HEADER, BEN.replace("2,", "1,", 1)).refusals
    married = plan_file(HEADER, "1,Ada,Byron,byron@example.com,2024-03-01")

    assert (refusal.row, refusal.column) == (2, "Number")
    assert refusal.reason.startswith("1 is Ada Lovelace here")
    assert outcomes(married) == {2: "changed"}


def test_employees_of_other_organizations_are_not_touched(plan_file):
    EmployeeFactory(number="1", work_email="ada@example.com")

    assert outcomes(plan_file(HEADER, ADA)) == {2: "new"}


def test_blank_cells_and_absent_columns_change_nothing(ada, plan_file):
    ada.preferred_name, ada.mobile_phone = "Countess", "+44 20 1234"
    ada.department = DepartmentFactory(organization=ada.organization)
    ada.save()

    plan = plan_file("Number,Preferred Name,Department,Gender", "1,,,")

    assert outcomes(plan) == {2: "unchanged"}


def test_a_full_name_that_we_know_in_another_split_changes_nothing(
    organization, plan_file
):
    EmployeeFactory(
        organization=organization, number="1", first_name="Ana", last_name="da Silva"
    )

    assert outcomes(plan_file("Number,Name", "1,Ana da Silva")) == {2: "unchanged"}
    assert differences(plan_file("Number,Name", "1,Ana Souza")) == [
        Difference("last_name", "da Silva", "Souza")
    ]


def test_what_a_new_person_needs_is_told_by_column(plan_file):
    assert plan_file("Number,First Name,Email", "1,,").refusals == [
        Refusal(2, "First Name", "is needed for somebody who is not known yet"),
        Refusal(2, "Last Name", "is needed for somebody who is not known yet"),
        Refusal(2, "Email", "is needed for somebody who is not known yet"),
        Refusal(2, "Hire Date", "is needed for somebody who is not known yet"),
    ]


def test_a_first_day_can_be_given_for_files_without_one(plan_file):
    plan = plan_file(
        "email,lastname,name,department",
        "ada@example.com,Lovelace,Ada,Engines",
        hired_on=dt.date(2024, 3, 1),
    )

    (row,) = plan.new
    assert (row.employee.first_name, row.employee.hired_on) == (
        "Ada",
        dt.date(2024, 3, 1),
    )


def test_a_row_without_number_and_email_is_refused(plan_file):
    plan = plan_file(
        "Number,First Name,Last Name,Email,Hire Date", ",Ada,Li,,2024-03-01"
    )

    assert plan.refusals == [
        Refusal(2, "Email", "is needed for somebody who is not known yet")
    ]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("1,Ben,Ng,ben@example.com,2024-04-01", "Number", "“1” stands in row 2"),
        ("2,Ben,Ng,ADA@example.com,2024-04-01", "Email", "“ada@example.com” stands"),
    ],
)
def test_duplicates_inside_the_file_are_refused(plan_file, line, column, reason):
    (refusal,) = plan_file(HEADER, ADA, line).refusals

    assert (refusal.row, refusal.column) == (3, column)
    assert refusal.reason.startswith(reason)


def test_two_rows_about_one_employee_are_refused(ada, plan_file):
    plan = plan_file("Number,Email", "1,", ",ada@example.com")

    assert plan.refusals == [Refusal(3, "Number", "is the same person as row 2")]


@pytest.mark.parametrize(
    "reference",
    ["2", "ben@example.com", "Ben Ng", "Ng, Ben", "Benny Ng", "Ben Ng (2)"],
)
def test_managers_are_found_whatever_they_are_called_and_wherever_they_stand(
    plan_file, reference
):
    plan = plan_file(
        f"{HEADER},Preferred Name,Reporting to",
        f'{ADA},,"{reference}"',
        f"{BEN},Benny,",
    )

    assert managers(plan) == {"Ada": "Ben", "Ben": ""}


def test_a_manager_may_be_known_already(ada, plan_file):
    plan = plan_file(f"{HEADER},Manager", f"{BEN},Ada Lovelace")

    assert plan.new[0].employee.manager_id == ada.pk


def test_a_manager_whom_the_file_renames_is_found_by_both_names(ada, plan_file):
    plan = plan_file(
        f"{HEADER},Manager",
        "1,Ada,Byron,ada@example.com,2024-03-01,",
        f"{BEN},Ada Byron",
        "3,Cleo,Ito,cleo@example.com,2024-05-01,Ada Lovelace",
    )

    assert managers(plan) == {"Ada": "", "Ben": "Ada", "Cleo": "Ada"}


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("Nemo", "“Nemo” is nobody's number, work e-mail or name"),
        ("Ada Lovelace", "“Ada Lovelace” may be 2 people (1, 3)"),
    ],
)
def test_a_manager_who_is_not_one_person_is_refused(plan_file, reference, reason):
    plan = plan_file(
        f"{HEADER},Manager",
        f"{ADA},",
        f"{BEN},{reference}",
        "3,Ada,Lovelace,ada.two@example.com,2024-05-01,",
    )

    (refusal,) = plan.refusals
    assert (refusal.row, refusal.column) == (3, "Manager")
    assert refusal.reason.startswith(reason)


def test_managers_in_a_circle_are_refused_with_the_chain(ada, plan_file):
    Employee.objects.filter(pk=ada.pk).update(
        manager=EmployeeFactory(
            organization=ada.organization, first_name="Zed", last_name="Zu", number="9"
        )
    )

    plan = plan_file("Number,Manager", "9,Ada Lovelace")

    assert plan.refusals == [
        Refusal(
            2,
            "Manager",
            ("would close a circle: Zed Zu reports to Ada Lovelace reports to Zed Zu"),
        )
    ]


def test_nobody_manages_themself(ada, plan_file):
    (refusal,) = plan_file("Number,Manager", "1,1").refusals

    assert refusal.reason == (
        "would close a circle: Ada Lovelace reports to Ada Lovelace"
    )


def test_missing_departments_positions_and_locations_are_planned_once(
    organization, plan_file
):
    PositionFactory(organization=organization, title="Engineer")
    DepartmentFactory(name="Engines")  # another organization's

    plan = plan_file(
        f"{HEADER},Department,Job Title,Location",
        f"{ADA},Engines,ENGINEER,Lisbon",
        f"{BEN},engines,Clerk,Lisbon",
    )

    assert [part.name for part in plan.departments] == ["Engines"]
    assert [part.title for part in plan.positions] == ["Clerk"]
    assert [(part.name, part.time_zone) for part in plan.locations] == [
        ("Lisbon", "Europe/Berlin")
    ]
    assert {row.employee.department_id for row in plan.new} == {plan.departments[0].pk}


def test_a_department_name_that_two_have_is_refused(organization, plan_file):
    for parent in DepartmentFactory.create_batch(2, organization=organization):
        DepartmentFactory(organization=organization, name="Sales", parent=parent)

    (refusal,) = plan_file(f"{HEADER},Department", f"{ADA},sales").refusals

    assert refusal.column == "Department"
    assert refusal.reason.startswith("“sales” is the name of 2 different ones")


def test_text_that_is_too_long_is_refused(plan_file):
    (refusal,) = plan_file(HEADER, ADA.replace("Ada", "A" * 101)).refusals

    assert refusal.column == "First Name"
    assert refusal.reason.endswith("is longer than 100 characters")


def test_the_dates_of_bamboohr_have_the_month_first(plan_file):
    plan = plan_file(
        "Employee #,First Name,Last Name,Work Email,Hire Date",
        "1,Ada,Lovelace,ada@example.com,03/04/2024",
    )

    assert plan.new[0].employee.hired_on == dt.date(2024, 3, 4)


def test_dates_that_may_be_either_are_asked_about_and_can_be_told(plan_file):
    line = ADA.replace("2024-03-01", "03/04/2024")

    with pytest.raises(UnusableFileError, match="“Hire Date”"):
        plan_file(HEADER, line)

    told = plan_file(HEADER, line, date_order=DateOrder.DAY_FIRST)
    assert told.new[0].employee.hired_on == dt.date(2024, 4, 3)


@pytest.mark.parametrize("count", [1, 30])
def test_planning_takes_four_queries_for_any_number_of_rows(
    organization, plan_file, django_assert_num_queries, count
):
    EmployeeFactory.create_batch(3, organization=organization, placed=True)
    lines = [
        f"{n},Ada,No {n},{n}@example.com,2024-03-01,Engines,{max(1, n - 1)}"
        if n > 1
        else f"{n},Ada,No {n},{n}@example.com,2024-03-01,Engines,"
        for n in range(1, count + 1)
    ]

    with django_assert_num_queries(4):
        plan = plan_file(f"{HEADER},Department,Manager", *lines)

    assert len(plan.new) == count


class TestTermination:
    HEADER = f"{HEADER},Status,Termination Date,Termination Reason"

    @pytest.fixture(autouse=True)
    def _today(self):
        with time_machine.travel("2026-06-15T12:00:00Z", tick=False):
            yield

    @pytest.mark.parametrize(
        ("cells", "status", "ended"),
        [
            ("Terminated,2026-06-14,Moved", "terminated", "2026-06-14"),
            ("Terminated,2026-06-15,", "terminated", "2026-06-15"),
            (",2026-06-14,", "terminated", "2026-06-14"),
            ("Terminated,2026-06-16,", "active", "2026-06-16"),
            ("Active,2026-06-16,", "active", "2026-06-16"),
            ("Active,,", "active", "None"),
        ],
    )
    def test_somebody_new_comes_with_the_end_of_their_employment(
        self, plan_file, cells, status, ended
    ):
        (row,) = plan_file(self.HEADER, f"{ADA},{cells}").new

        assert row.employee.status == status
        assert str(row.employee.terminated_on) == ended

    def test_bamboohr_says_the_last_day_as_the_date_of_its_status(self, plan_file):
        plan = plan_file(
            "Employee #,First Name,Last Name,Work Email,Hire Date,Status,"
            "Employment Status,Employment Status: Date",
            "1,Ada,Lovelace,ada@example.com,03/01/2024,Inactive,Terminated,05/31/2026",
            "2,Ben,Ng,ben@example.com,03/01/2024,Active,Full-Time,03/01/2024",
        )

        assert [
            (row.employee.status, row.employee.terminated_on) for row in plan.new
        ] == [("terminated", dt.date(2026, 5, 31)), ("active", None)]

    @pytest.mark.parametrize(
        ("cells", "column", "reason"),
        [
            ("Terminated,,", "Termination Date", "needs the last day"),
            (",2024-02-28,", "Termination Date", "2024-02-28 lies before the first"),
            ("Active,2026-06-01,", "Termination Date", "is active, but 2026-06-01"),
        ],
    )
    def test_contradictions_are_refused(self, plan_file, cells, column, reason):
        (refusal,) = plan_file(self.HEADER, f"{ADA},{cells}").refusals

        assert refusal.column == column
        assert refusal.reason.startswith(reason)

    def test_two_columns_that_contradict_each_other_are_refused(self, plan_file):
        (refusal,) = plan_file(
            f"{HEADER},Status,Employment Status,Termination Date",
            f"{ADA},Active,Terminated,2026-07-01",
        ).refusals

        assert refusal.column == "Employment Status"
        assert refusal.reason == "contradicts the column “Status”"

    def test_the_end_of_an_employment_is_a_difference(self, ada, plan_file):
        plan = plan_file(self.HEADER, f"{ADA},Terminated,2026-05-31,Moved")

        assert differences(plan) == [
            Difference("status", "active", "terminated"),
            Difference("terminated_on", "", "2026-05-31"),
            Difference("termination_reason", "", "Moved"),
        ]

    def test_an_end_that_is_known_is_no_difference(self, ada, plan_file):
        terminate_employee(ada, terminated_on=dt.date(2026, 5, 31))

        plan = plan_file(self.HEADER, f"{ADA},Terminated,2026-05-31,")

        assert outcomes(plan) == {2: "unchanged"}

    def test_another_last_day_of_somebody_who_left_is_refused(self, ada, plan_file):
        terminate_employee(ada, terminated_on=dt.date(2026, 5, 31))

        (refusal,) = plan_file(self.HEADER, f"{ADA},Terminated,2026-05-30,").refusals

        assert refusal.reason == "Ada Lovelace left on 2026-05-31 already"

    def test_somebody_who_left_is_employed_again_by_a_later_hire_date(
        self, ada, plan_file
    ):
        terminate_employee(ada, terminated_on=dt.date(2026, 5, 31))

        again = plan_file(
            self.HEADER, "1,Ada,Lovelace,ada@example.com,2026-06-10,Active,,"
        )
        (refusal,) = plan_file(self.HEADER, f"{ADA},Active,,").refusals

        assert differences(again) == [
            Difference("status", "terminated", "active"),
            Difference("hired_on", "2024-03-01", "2026-06-10"),
            Difference("terminated_on", "2026-05-31", ""),
        ]
        assert refusal.reason.startswith("Ada Lovelace left on 2026-05-31; to employ")

    def test_a_hire_date_after_the_end_is_refused(self, ada, plan_file):
        terminate_employee(ada, terminated_on=dt.date(2026, 5, 31))

        (refusal,) = plan_file("Number,Hire Date", "1,2026-06-10").refusals

        assert refusal.reason == "lies after the last day, 2026-05-31"
