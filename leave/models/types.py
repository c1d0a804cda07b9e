from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from leave import calendar
from organizations.classes import PUBLIC
from organizations.models import OrganizationRecord
from organizations.reach import EVERYWHERE


class LeaveType(OrganizationRecord):
    """A kind of leave, and how it is counted."""

    class Unit(models.TextChoices):
        DAYS = calendar.Unit.DAYS.value, _("Days")
        HOURS = calendar.Unit.HOURS.value, _("Hours")

    class Colour(models.TextChoices):
        """The tone of a type on calendars; its name always stands beside it."""

        TEAL = "teal", _("Teal")
        GREEN = "green", _("Green")
        AMBER = "amber", _("Amber")
        RED = "red", _("Red")
        VIOLET = "violet", _("Violet")
        GREY = "grey", _("Grey")

    name = models.CharField(_("name"), max_length=100)
    unit = models.CharField(
        _("counted in"), max_length=10, choices=Unit.choices, default=Unit.DAYS
    )
    is_paid = models.BooleanField(_("paid"), default=True)
    is_limited = models.BooleanField(
        _("spends a balance"),
        default=True,
        help_text=_("If not, such as for sickness, any number may be taken."),
    )
    counts_calendar_days = models.BooleanField(
        _("counts calendar days"),
        default=False,
        help_text=_("Weekends and holidays cost as much as working days."),
    )
    certificate_after_days = models.PositiveSmallIntegerField(
        _("certificate after days"),
        null=True,
        blank=True,
        help_text=_("A longer absence needs a certificate. Empty: never."),
    )
    yearly_grant = models.DecimalField(
        _("granted each year"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("What everybody gets who is granted nothing else."),
    )
    colour = models.CharField(
        _("colour"), max_length=10, choices=Colour.choices, default=Colour.TEAL
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Can be asked for.")
    )

    subject_type = "leave_type"
    api_path = "leave/types"
    reached_by = EVERYWHERE
    field_classes = {
        "name": PUBLIC,
        "unit": PUBLIC,
        "is_paid": PUBLIC,
        "is_limited": PUBLIC,
        "counts_calendar_days": PUBLIC,
        "certificate_after_days": PUBLIC,
        "yearly_grant": PUBLIC,
        "colour": PUBLIC,
        "is_active": PUBLIC,
    }

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("leave type")
        verbose_name_plural = _("leave types")
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="leave_type_name_once",
                violation_error_message=_("There is a leave type of this name."),
            ),
            models.CheckConstraint(
                condition=Q(unit__in=["days", "hours"]),
                name="leave_type_unit_known",
                violation_error_message=_("Days or hours."),
            ),
            models.CheckConstraint(
                condition=Q(yearly_grant__isnull=True) | Q(yearly_grant__gte=0),
                name="leave_type_grant_positive",
                violation_error_message=_("A grant is not below zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def needs_certificate(self, days: int) -> bool:
        """Say whether an absence of so many days on end, free ones too, needs one."""
        after = self.certificate_after_days
        return after is not None and days > after
