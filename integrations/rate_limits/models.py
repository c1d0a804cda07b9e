"""Limits that organizations set for themselves, and how far they may go."""

from collections.abc import Mapping
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.rate_limits.terms import QUOTA_MOST
from organizations.classes import PUBLIC, FieldClass
from organizations.models import OrganizationRecord


class Target(models.TextChoices):
    """Whose requests are counted together."""

    KEY = "key", _("each API key")
    USER = "user", _("each person")
    ENDPOINT = "endpoint", _("each caller, on one endpoint")
    ORGANIZATION = "organization", _("the whole organization")


class Window(models.IntegerChoices):
    """For how long requests count, in seconds."""

    MINUTE = 60, _("a minute")
    HOUR = 3600, _("an hour")
    DAY = 86_400, _("a day")


class Methods(models.TextChoices):
    """Which requests of an endpoint count."""

    ANY = "", _("all requests")
    READ = "read", _("reading (GET, HEAD, OPTIONS)")
    WRITE = "write", _("writing (all others)")


class Limit(OrganizationRecord):
    """So many requests in such a time."""

    target = models.CharField(_("for"), max_length=20, choices=Target.choices)
    quota = models.PositiveIntegerField(
        _("requests"), validators=[MinValueValidator(1), MaxValueValidator(QUOTA_MOST)]
    )
    window_seconds = models.PositiveIntegerField(
        _("in"), choices=Window.choices, default=Window.HOUR
    )

    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        ("target", "quota", "window_seconds"), PUBLIC
    )

    class Meta:
        abstract = True

    def rate_in_words(self) -> str:
        """Return such as “1000 requests in an hour”."""
        return rate_in_words(self.quota, self.window_seconds)


class LimitRule(Limit):
    """A limit that an organization sets: within what the installation allows."""

    credential = models.CharField(
        _("only"),
        max_length=64,
        blank=True,
        help_text=_(
            "The id of one API key (the twelve characters after phr_live_) or of one "
            "person. Empty: each of them has this limit."
        ),
    )
    route = models.CharField(
        _("endpoint"),
        max_length=100,
        blank=True,
        help_text=_("For “on one endpoint” only: its name, such as api:employee-list."),
    )
    methods = models.CharField(
        _("that are"), max_length=5, choices=Methods.choices, blank=True, default=""
    )

    subject_type = "limit_rule"
    api_path = "limits"
    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        ("credential", "route", "methods"), PUBLIC
    )

    class Meta:
        ordering = ["target", "route", "credential"]
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "credential", "route", "methods", "target"],
                name="limit_rule_once_per_target",
                violation_error_message=_("There is a limit for this already."),
            ),
            models.CheckConstraint(
                condition=models.Q(quota__range=(1, QUOTA_MOST)),
                name="limit_rule_allows_something",
                violation_error_message=_("A limit allows at least one request."),
            ),
            models.CheckConstraint(
                condition=models.Q(target=Target.ENDPOINT, route__gt="")
                | (~models.Q(target=Target.ENDPOINT) & models.Q(route="", methods="")),
                name="limit_rule_names_its_endpoint",
                violation_error_message=_(
                    "Name an endpoint where the limit is for one, and only there."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(target=Target.ORGANIZATION)
                | models.Q(credential=""),
                name="limit_rule_of_organization_names_no_caller",
                violation_error_message=_(
                    "A limit of the whole organization is not about one caller."
                ),
            ),
        ]

    def __str__(self) -> str:
        parts = [self.get_target_display(), self.credential, self.route, self.methods]
        return f"{' '.join(filter(None, parts))}: {self.rate_in_words()}"


class Allowance(Limit):
    """The most that an organization may set; written by the installation's operators.

    For the whole organization it is also what holds where it has set nothing.
    """

    subject_type = "limit_allowance"
    api_path = "allowances"

    class Meta:
        ordering = ["target"]
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "target"],
                name="allowance_once_per_target",
                violation_error_message=_("There is an allowance for this already."),
            ),
            models.CheckConstraint(
                condition=models.Q(quota__range=(1, QUOTA_MOST)),
                name="allowance_allows_something",
                violation_error_message=_("An allowance is at least one request."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_target_display()}: {self.rate_in_words()}"


def rate_in_words(quota: int, window_seconds: int) -> str:
    """Return such as “1000 requests in an hour”."""
    window: str | Promise = str(window_seconds)
    if window_seconds in Window.values:
        window = Window(window_seconds).label
    else:
        window = ngettext(
            "%(seconds)d second", "%(seconds)d seconds", window_seconds
        ) % {"seconds": window_seconds}
    return ngettext(
        "%(quota)d request in %(window)s", "%(quota)d requests in %(window)s", quota
    ) % {"quota": quota, "window": window}
