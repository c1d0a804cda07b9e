"""How an organization is built: departments, positions, locations."""

from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from organizations.classes import PUBLIC
from organizations.constraints import NoCycle, SameOrganization
from organizations.models import OrganizationRecord
from organizations.models.organizations import validate_time_zone
from organizations.reach import EVERYWHERE


class Department(OrganizationRecord):
    """A part of the organization; departments form a tree."""

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(
        _("code"),
        max_length=50,
        blank=True,
        help_text=_("A cost centre or short name, if there is one."),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="children",
        db_constraint=False,  # the composite key of SameOrganization is the one
        null=True,
        blank=True,
        verbose_name=_("part of"),
    )

    subject_type = "department"
    api_path = "departments"
    reached_by = {"departments": "pk", "locations": None}
    field_classes = {"name": PUBLIC, "code": PUBLIC, "parent": PUBLIC}

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            models.UniqueConstraint(
                "organization",
                "parent",
                Lower("name"),
                condition=models.Q(parent__isnull=False),
                name="department_name_once_in_its_parent",
                violation_error_message=_("There is a department of this name here."),
            ),
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                condition=models.Q(parent__isnull=True),
                name="department_name_once_at_the_top",
                violation_error_message=_("There is a department of this name."),
            ),
            SameOrganization(field="parent", name="department_parent_organization"),
            NoCycle(field="parent", name="department_no_cycle"),
        ]

    def __str__(self) -> str:
        return self.name


class Position(OrganizationRecord):
    """What somebody is employed as: a job title."""

    title = models.CharField(_("title"), max_length=200)

    subject_type = "position"
    api_path = "positions"
    reached_by = EVERYWHERE
    field_classes = {"title": PUBLIC}

    class Meta:
        ordering = ["title", "id"]
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("title"),
                name="position_title_once",
                violation_error_message=_("There is a position of this title."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Location(OrganizationRecord):
    """Where people work: it gives their holidays and their time zone."""

    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, as DE."))],
        help_text=_("ISO 3166-1 code of two letters, such as DE."),
    )
    subdivision = models.CharField(
        _("subdivision"),
        max_length=6,
        blank=True,
        validators=[
            RegexValidator(r"^[A-Z0-9]{1,3}\Z", _("One to three letters, as BE."))
        ],
        help_text=_("The part after the dash of the ISO 3166-2 code: BE for DE-BE."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        validators=[validate_time_zone],
        help_text=_("IANA name, such as Europe/Berlin."),
    )

    subject_type = "location"
    api_path = "locations"
    reached_by = {"departments": None, "locations": "pk"}
    field_classes = {
        "name": PUBLIC,
        "country": PUBLIC,
        "subdivision": PUBLIC,
        "time_zone": PUBLIC,
    }

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="location_name_once",
                violation_error_message=_("There is a location of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that people there live by."""
        return ZoneInfo(self.time_zone)
