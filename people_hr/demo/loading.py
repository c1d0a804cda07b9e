"""Fill an installation with a company to try everything on."""

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from employees.models import Department, Employee, Location, Position
from employees.services import hire_employee, terminate_employee
from integrations.webhooks.models import Endpoint
from integrations.webhooks.services import create_endpoint, update_endpoint
from organizations.access import OrganizationAccess, acting
from organizations.encryption import decrypt
from organizations.models import Membership, Organization, User
from organizations.roles import Role
from organizations.services import add_member, create_organization
from people_hr.demo.attendance import load_attendance
from people_hr.demo.company import (
    DEPARTMENTS,
    LOCATIONS,
    SECOND_COMPANY,
    Person,
    people,
)
from people_hr.demo.integrations import load_integrations
from people_hr.demo.leave import load_leave

SLUG = "demo"
SECOND_SLUG = "demo-two"
PASSWORD = "demo"  # noqa: S105 (known to everybody, and only where demo mode is on)
ENDPOINT_NAME = "Demo receiver"
SECRET_FILE = Path("demo") / "receiver-secret"

# Letters that have no plain one inside.
PLAIN = str.maketrans(
    {
        "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)

#: Who logs in: e-mail, role, and the number of their employee.
ACCOUNTS = (
    ("owner@demo.example", Role.OWNER, "1001"),
    ("hr@demo.example", Role.HR_ADMIN, "1006"),
    ("manager@demo.example", Role.MANAGER, "1020"),
    ("employee@demo.example", Role.EMPLOYEE, "1021"),
)
OWNER = ACCOUNTS[0][0]


def load_demo() -> list[str]:
    """Load what is missing of the demo; say what was done.

    Raises:
        ImproperlyConfigured: where demo mode is off: the passwords are known to all.
    """
    if not settings.DEMO:
        raise ImproperlyConfigured(
            "The demo is for trying out alone: its passwords are known to everybody. "
            "Set PEOPLE_HR_DEMO=1 where nobody else can reach this installation."
        )
    done = []
    with transaction.atomic():
        if not Organization.objects.filter(slug=SLUG).exists():
            done.append(_load_company())
        if not Organization.objects.filter(slug=SECOND_SLUG).exists():
            done.append(_load_second_company())
    _meet_receiver(Organization.objects.get(slug=SLUG))
    return done


def _load_company() -> str:
    organization = create_organization(
        name="Lindenhof GmbH",
        slug=SLUG,
        country="DE",
        time_zone="Europe/Berlin",
        owner_email=OWNER,
    )
    with acting(OrganizationAccess(organization)):
        _add_endpoint(organization)
        users = {
            number: _add_account(organization, email, role)
            for email, role, number in ACCOUNTS
        }
        _Company(organization, users).hire_everybody()
        load_leave(organization)
        load_attendance(organization)
        load_integrations(
            organization,
            owner=_membership(organization, OWNER),
            employee=_membership(organization, ACCOUNTS[-1][0]),
        )
    count = Employee.objects.for_organization(organization).count()
    return f"Lindenhof GmbH ({SLUG}) with {count} people"


def _membership(organization: Organization, email: str) -> Membership:
    found: Membership = Membership.objects.select_related("organization", "user").get(
        organization=organization, user__email=email
    )
    return found


class _Company:
    """Hires people into departments, positions and locations, a batch for each kind."""

    def __init__(self, organization: Organization, users: dict[str, User]) -> None:
        self.organization = organization
        self.users = users
        self.people = list(people(timezone.localdate(timezone=organization.zone)))
        self.employees: dict[str, Employee] = {}
        self.departments: dict[str, Department] = {}
        for name, code, parent in DEPARTMENTS:
            self.departments[name] = Department(
                organization=organization,
                name=name,
                code=code,
                parent=self.departments.get(parent),
            )
        self.positions = {
            title: Position(organization=organization, title=title)
            for title in dict.fromkeys(person.title for person in self.people)
        }
        self.locations = {
            name: Location(
                organization=organization,
                name=name,
                country=country,
                subdivision=subdivision,
                time_zone=time_zone,
            )
            for name, country, subdivision, time_zone in LOCATIONS
        }

    def hire_everybody(self) -> None:
        """Hire managers first; some have left since, one is about to."""
        for person in self.people:
            self.employees[person.number] = self._employee(person)
        Department.objects.bulk_create(self.departments.values())
        Position.objects.bulk_create(self.positions.values())
        Location.objects.bulk_create(self.locations.values())
        Employee.objects.bulk_create(self.employees.values())
        for person in self.people:
            if person.left_on:
                terminate_employee(
                    self.employees[person.number],
                    terminated_on=person.left_on,
                    reason=person.reason,
                )
        for number, user in self.users.items():
            user.first_name = self.employees[number].first_name
            user.last_name = self.employees[number].last_name
            user.save()

    def _employee(self, person: Person) -> Employee:
        return Employee(
            organization=self.organization,
            number=person.number,
            first_name=person.first_name,
            last_name=person.last_name,
            preferred_name=person.preferred_name,
            work_email=email_of(person.first_name, person.last_name, "lindenhof"),
            work_phone=person.work_phone,
            born_on=person.born_on,
            gender=person.gender,
            hired_on=person.hired_on,
            employment_type=person.employment_type,
            manager=self.employees.get(person.manager),
            department=self.departments.get(person.department),
            position=self.positions[person.title],
            location=self.locations[person.location],
            user=self.users.get(person.number),
        )


def email_of(first_name: str, last_name: str, company: str) -> str:
    """Write an address of plain letters."""
    local = ".".join(slugify(name.translate(PLAIN)) for name in (first_name, last_name))
    return f"{local}@{company}.example"


def _add_account(organization: Organization, email: str, role: Role) -> User:
    """Give the organization a member who logs in with the known password."""
    if not User.objects.filter(email=email, memberships__organization=organization):
        add_member(organization, email=email, role=role)
    user = User.objects.get(email=email)
    # Once: another password, and be it the same, freezes the keys of whose it is.
    if not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save()
    return user


def _load_second_company() -> str:
    """A small organization of the same owner, so that switching shows."""
    organization = create_organization(
        name="Lindenhof Foundation",
        slug=SECOND_SLUG,
        country="CH",
        time_zone="Europe/Zurich",
        owner_email=OWNER,
    )
    with acting(OrganizationAccess(organization)):
        owner = _add_account(organization, OWNER, Role.OWNER)
        manager: Employee | None = None
        for number, first_name, last_name, title in SECOND_COMPANY:
            employee = hire_employee(
                organization,
                number=number,
                first_name=first_name,
                last_name=last_name,
                work_email=email_of(first_name, last_name, "lindenhof-foundation"),
                hired_on=dt.date(2021, int(number), 1),
                manager=manager,
                position=Position.objects.create(
                    organization=organization, title=title
                ),
                user=None if manager else owner,
            )
            manager = manager or employee
    return f"Lindenhof Foundation ({SECOND_SLUG}) with {len(SECOND_COMPANY)} people"


def _add_endpoint(organization: Organization) -> None:
    create_endpoint(
        organization,
        name=ENDPOINT_NAME,
        url=settings.WEBHOOK_RECEIVER_URL,
        events=["*"],
        description="Points at manage.py webhook_receiver, which prints what arrives.",
    )


def _meet_receiver(organization: Organization) -> None:
    """Point the demo's endpoint at where the receiver listens this time.

    An address that somebody changed to another machine stays. The receiver reads the
    secret from a file that only this account may read.
    """
    with acting(OrganizationAccess(organization)):
        endpoint = Endpoint.objects.filter(name=ENDPOINT_NAME).first()
        if endpoint is None:
            return
        is_ours = urlsplit(endpoint.url).hostname == "127.0.0.1"
        if is_ours and endpoint.url != settings.WEBHOOK_RECEIVER_URL:
            update_endpoint(endpoint, url=settings.WEBHOOK_RECEIVER_URL)
    file: Path = settings.VAR / SECRET_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(decrypt(endpoint.encrypted_secret))
