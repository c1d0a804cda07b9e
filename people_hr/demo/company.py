"""Who works at Lindenhof GmbH, the company of the demo.

The people stand in ``people.csv``: first days as years and days from today, so that
the company always looks alive: somebody has just joined, somebody has an anniversary,
somebody is about to leave.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Name, code, and the department that it is part of.
DEPARTMENTS = (
    ("Management", "100", ""),
    ("Technology", "200", ""),
    ("Hardware", "210", "Technology"),
    ("Thermal Design", "211", "Hardware"),
    ("Electronics", "212", "Hardware"),
    ("Software", "220", "Technology"),
    ("Cloud", "221", "Software"),
    ("Device Software", "222", "Software"),
    ("Data", "223", "Software"),
    ("Quality", "230", "Technology"),
    ("Operations", "300", ""),
    ("Manufacturing", "310", "Operations"),
    ("Logistics", "320", "Operations"),
    ("IT", "330", "Operations"),
    ("Commercial", "400", ""),
    ("Sales", "410", "Commercial"),
    ("Sales Europe", "411", "Sales"),
    ("Sales Americas", "412", "Sales"),
    ("Sales Asia", "413", "Sales"),
    ("Customer Success", "420", "Commercial"),
    ("Marketing", "430", "Commercial"),
    ("Corporate", "500", ""),
    ("People", "510", "Corporate"),
    ("Finance", "520", "Corporate"),
    ("Legal", "530", "Corporate"),
)

#: Name, country, subdivision, time zone.
LOCATIONS = (
    ("Berlin", "DE", "BE", "Europe/Berlin"),
    ("Lisbon", "PT", "11", "Europe/Lisbon"),
    ("New York", "US", "NY", "America/New_York"),
    ("Bengaluru", "IN", "KA", "Asia/Kolkata"),
)

#: Number, name, title and e-mail of the second organization's few people.
SECOND_COMPANY = (
    ("1", "Katharina", "Vogt", "Chair"),
    ("2", "Samuel", "Adler", "Programme Manager"),
    ("3", "Nina", "Castellanos", "Grants Officer"),
    ("4", "Tomasz", "Zieliński", "Accountant"),
)

# German and American numbers that are kept for fiction.
PHONES = {"Berlin": "+49 30 23125 {:03}", "New York": "+1 212 555 01{:02}"}


@dataclass(frozen=True, slots=True)
class Person:
    """One row of people.csv; `left_on` may lie ahead."""

    number: str
    first_name: str
    last_name: str
    preferred_name: str
    gender: str
    born_on: dt.date
    title: str
    department: str
    location: str
    manager: str
    hired_on: dt.date
    employment_type: str
    left_on: dt.date | None
    reason: str

    @property
    def work_phone(self) -> str:
        return PHONES.get(self.location, "").format(int(self.number) % 100)


def people(today: dt.date) -> Iterator[Person]:
    """Give the people of the demo as of today, managers before their reports."""
    with Path(__file__).with_name("people.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            years, days = int(row.pop("years")), int(row.pop("days"))
            leaves = row.pop("leaves")
            yield Person(
                **{name: row[name] for name in row.keys() - {"born"}},
                born_on=dt.date.fromisoformat(row["born"]),
                hired_on=years_before(today, years) + dt.timedelta(days=days),
                left_on=today + dt.timedelta(days=int(leaves)) if leaves else None,
            )


def years_before(day: dt.date, years: int) -> dt.date:
    """Give the same day of an earlier year; 28 February for the 29th."""
    day_of_month = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=day_of_month)
