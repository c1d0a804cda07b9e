"""Write a file of N employees with BambooHR's headers.

    script/bench employees_file 5000 > employees.csv

The same number always gives the same people. Reports stand before their managers as
often as after them, and managers are called by name, as BambooHR does.
"""

import csv
import datetime as dt
import random
import sys
from collections.abc import Iterator
from typing import TextIO

HEADER = (
    "Employee #",
    "First Name",
    "Middle Name",
    "Last Name",
    "Preferred Name",
    "Status",
    "Hire Date",
    "Birth Date",
    "Gender",
    "Mobile Phone",
    "Work Phone",
    "Work Email",
    "Home Email",
    "Job Title",
    "Reporting to",
    "Department",
    "Division",
    "Location",
    "Employment Status",
    "Employment Status: Date",
    "Pay rate",
)
FIRST_NAMES = (  # noqa: SIM905 (a name a line would be no easier to read)
    "Ada Amara Ana Anjali Bao Björn Carlos Chloé Dalia Darius Elif Emeka Fatima Femke "
    "Goran Grace Haruto Hana Ingrid Ivan Jada João Kiran Kwame Layla Lars Mei Miriam "
    "Nadia Noah Olga Omar Priya Paweł Quinn Rania Rafael Sana Søren Tomás Thandi Uma "
    "Viktor Wanjiru Ximena Yuki Yusuf Zanele Zoë"
).split()
LAST_NAMES = (  # noqa: SIM905
    "Abe Adeyemi Almeida Andersen Banerjee Bauer Castro Chen Costa Dube Dvořák Eriksen "
    "Fernández Fischer García Gupta Haddad Hansen Ito Ivanova Jensen Jones Kamau Khan "
    "Kowalska Kumar Lee Lopes Mbeki Meyer Moreau Müller Ng Novak Okafor Oliveira Park "
    "Patel Petrov Quist Rossi Sato Schmidt Silva Suzuki Tanaka Usman Varga Wang Weber "
    "Xu Yilmaz Zhang Zulu"
).split()
DEPARTMENTS = (
    "Engineering",
    "Product",
    "Design",
    "Sales",
    "Support",
    "Finance",
    "People",
    "Operations",
)
TITLES = ("Engineer", "Analyst", "Specialist", "Coordinator", "Lead", "Advisor")
LOCATIONS = ("Berlin", "Lisbon", "New York", "Bengaluru")
REPORTS_PER_MANAGER = 8
TODAY = dt.date(2026, 11, 1)


def employees(count: int) -> Iterator[tuple[str, ...]]:
    """Give the rows of `count` employees, in an order that mixes the levels."""
    chance = random.Random(count)
    names = [_name(number, chance) for number in range(count)]
    order = list(range(count))
    chance.shuffle(order)
    for number in order:
        manager = (number - 1) // REPORTS_PER_MANAGER
        yield _row(number, names[number], names[manager] if number else "", chance)


def write_employees(file: TextIO, count: int) -> None:
    """Write header and rows as CSV."""
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(employees(count))


def _name(number: int, chance: random.Random) -> str:
    """Make a name that nobody else has: managers are found by it."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return f"{first} {last}-{LAST_NAMES[number % len(LAST_NAMES)]} {number}"


def _row(
    number: int, name: str, manager: str, chance: random.Random
) -> tuple[str, ...]:
    first_name, _space, last_name = name.partition(" ")
    hired_on = TODAY - dt.timedelta(days=chance.randrange(30, 3300))
    born_on = hired_on - dt.timedelta(days=chance.randrange(20 * 365, 45 * 365))
    department = DEPARTMENTS[number % len(DEPARTMENTS)]
    return (
        str(10_001 + number),
        first_name,
        "",
        last_name,
        "",
        "Active",
        f"{hired_on:%m/%d/%Y}",
        f"{born_on:%m/%d/%Y}",
        chance.choice(("Female", "Male", "Non-binary")),
        f"+49 151 {number:07}",
        f"+49 30 {number:06}",
        f"employee.{number}@example.com",
        f"home.{number}@example.net",
        f"{department} {chance.choice(TITLES)}",
        manager,
        department,
        "",
        chance.choice(LOCATIONS),
        chance.choice(("Full-Time", "Full-Time", "Part-Time", "Contractor")),
        f"{hired_on:%m/%d/%Y}",
        str(chance.randrange(40_000, 120_000)),
    )


if __name__ == "__main__":
    write_employees(sys.stdout, int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
