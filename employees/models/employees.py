from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from employees.models.queries import EmployeeQuerySet
from employees.models.structure import Department, Location, Position
from organizations.classes import INTERNAL, PERSONAL, PUBLIC, SENSITIVE
from organizations.constraints import NoCycle, SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord
from organizations.models.fence import FencedManager
from organizations.reach import EVERYWHERE

EmployeeManager = FencedManager.from_queryset(EmployeeQuerySet)


class Employee(OrganizationRecord):
    """A person who works, or worked, for the organization."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        TERMINATED = "terminated", _("Terminated")

    class EmploymentType(models.TextChoices):
        FULL_TIME = "full_time", _("Full time")
        PART_TIME = "part_time", _("Part time")
        TEMPORARY = "temporary", _("Temporary")
        INTERN = "intern", _("Intern")
        CONTRACTOR = "contractor", _("Contractor")

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNDISCLOSED = "undisclosed", _("Not disclosed")

    number = models.CharField(
        _("number"),
        max_length=32,
        blank=True,
        help_text=_("Unique in the organization; left empty, the next one is given."),
    )
    first_name = models.CharField(_("first name"), max_length=100)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100)
    preferred_name = models.CharField(
        _("preferred name"),
        max_length=100,
        blank=True,
        help_text=_("The first name that colleagues use, where it is another."),
    )
    work_email = models.EmailField(_("work e-mail"))
    work_phone = models.CharField(_("work phone"), max_length=50, blank=True)
    manager = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="reports",
        db_constraint=False,  # the composite key of SameOrganization is the one
        null=True,
        blank=True,
        verbose_name=_("manager"),
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="employees",
        db_constraint=False,  # the composite key of SameOrganization is the one
        null=True,
        blank=True,
        verbose_name=_("department"),
    )
    position = models.ForeignKey(
        Position,
        models.PROTECT,
        related_name="employees",
        db_constraint=False,  # the composite key of SameOrganization is the one
        null=True,
        blank=True,
        verbose_name=_("position"),
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        related_name="employees",
        db_constraint=False,  # the composite key of SameOrganization is the one
        null=True,
        blank=True,
        verbose_name=_("location"),
    )
    employment_type = models.CharField(
        _("employment type"),
        max_length=20,
        choices=EmploymentType.choices,
        default=EmploymentType.FULL_TIME,
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.ACTIVE
    )
    hired_on = models.DateField(_("hired on"))
    first_hired_on = models.DateField(
        _("first hired on"),
        null=True,
        blank=True,
        help_text=_("The start of an earlier employment, after a rehire."),
    )
    terminated_on = models.DateField(
        _("terminated on"),
        null=True,
        blank=True,
        help_text=_("The last day of the employment."),
    )
    termination_reason = models.CharField(
        _("reason of termination"), max_length=200, blank=True
    )
    mobile_phone = models.CharField(_("mobile phone"), max_length=50, blank=True)
    home_email = models.EmailField(_("home e-mail"), blank=True)
    born_on = models.DateField(_("born on"), null=True, blank=True)
    gender = models.CharField(
        _("gender"), max_length=20, choices=Gender.choices, blank=True
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="employees",
        null=True,
        blank=True,
        verbose_name=_("login"),
    )

    subject_type = "employee"
    api_path = "employees"
    reached_by = {"departments": "department", "locations": "location"}
    field_classes = {
        "number": PUBLIC,
        "name": PUBLIC,
        "first_name": PUBLIC,
        "middle_name": PUBLIC,
        "last_name": PUBLIC,
        "preferred_name": PUBLIC,
        "work_email": PUBLIC,
        "work_phone": PUBLIC,
        "manager": PUBLIC,
        "department": PUBLIC,
        "position": PUBLIC,
        "location": PUBLIC,
        "employment_type": PUBLIC,
        "status": PUBLIC,
        "hired_on": PUBLIC,
        "first_hired_on": PUBLIC,
        "terminated_on": PUBLIC,
        "termination_reason": SENSITIVE,
        "mobile_phone": PERSONAL,
        "home_email": PERSONAL,
        "born_on": PERSONAL,
        "gender": SENSITIVE,
        "user": INTERNAL,
    }

    field_sources = {"name": ("preferred_name", "first_name", "last_name")}

    objects = EmployeeManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        indexes = [
            models.Index(
                fields=["organization", "last_name", "first_name", "id"],
                name="employee_by_name",
            ),
            models.Index(
                fields=["organization", "status", "hired_on"], name="employee_by_status"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"],
                name="employee_number_once",
                violation_error_message=_("This number is taken."),
            ),
            models.UniqueConstraint(
                "organization",
                Lower("work_email"),
                name="employee_work_email_once",
                violation_error_message=_("This work e-mail is taken."),
            ),
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=Q(user__isnull=False),
                name="employee_user_once",
                violation_error_message=_("This login belongs to another employee."),
            ),
            models.CheckConstraint(
                condition=~Q(number=""),
                name="employee_has_number",
                violation_error_message=_("Every employee has a number."),
            ),
            models.CheckConstraint(
                condition=Q(terminated_on__isnull=True)
                | Q(terminated_on__gte=F("hired_on")),
                name="employee_terminated_after_hired",
                violation_error_message=_(
                    "The last day cannot lie before the first day."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(status="terminated") | Q(terminated_on__isnull=False),
                name="employee_terminated_has_day",
                violation_error_message=_("A terminated employee has a last day."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["active", "terminated"]),
                name="employee_status_known",
                violation_error_message=_("Active or terminated."),
            ),
            SameOrganization(field="manager", name="employee_manager_organization"),
            SameOrganization(
                field="department", name="employee_department_organization"
            ),
            SameOrganization(field="position", name="employee_position_organization"),
            SameOrganization(field="location", name="employee_location_organization"),
            NoCycle(field="manager", name="employee_no_manager_cycle"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name that colleagues use: preferred, or else first, and last."""
        return f"{self.preferred_name or self.first_name} {self.last_name}"

    @property
    def call_name(self) -> str:
        """The first name that colleagues use."""
        return self.preferred_name or self.first_name


class NumberSeries(OrganizationOwned):
    """The last employee number given by itself; its row is the lock of the series."""

    last = models.BigIntegerField(default=0)

    reached_by = EVERYWHERE
    field_classes = {"last": INTERNAL}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="number_series_once")
        ]

    def __str__(self) -> str:
        return str(self.last)
