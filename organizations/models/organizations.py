from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

LATEST_WORK_WEEK = 0b1111111


#: The names of the IANA database; reading them takes milliseconds, so: once.
known_time_zones = cache(available_timezones)


def validate_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in known_time_zones():
        raise ValidationError(
            _("“%(name)s” is no time zone. Use an IANA name such as Europe/Berlin."),
            code="time_zone",
            params={"name": name},
        )


class Organization(models.Model):
    """A tenant. Organizations live side by side and never see each other.

    An organization is closed, not deleted: a deletion would take with it the endpoints
    that its own deletion events are for.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(
        _("slug"), unique=True, help_text=_("Its short name in commands and addresses.")
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, as DE."))],
        help_text=_("ISO 3166-1 code of two letters, such as DE."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("IANA name, such as Europe/Berlin."),
    )
    locale = models.CharField(_("locale"), max_length=20, default="en-us")
    work_week = models.PositiveSmallIntegerField(
        _("work week"),
        default=0b0011111,
        help_text=_("Working days as bits: 1 Monday, 2 Tuesday, 4 … 64 Sunday."),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(work_week__lte=LATEST_WORK_WEEK),
                name="organization_work_week_has_seven_days",
                violation_error_message=_("A week has seven days."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that its dates are told in."""
        return ZoneInfo(self.time_zone)
