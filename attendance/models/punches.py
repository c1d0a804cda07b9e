"""What was punched, and who is clocked in."""

import datetime as dt
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance import timesheet
from attendance.models.queries import whose
from attendance.timesheet import TimedPunch
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import INTERNAL, PERSONAL, PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord, RecordQuerySet
from organizations.models.fence import FencedManager
from organizations.models.organizations import validate_time_zone


class PunchQuerySet(RecordQuerySet["Punch"]):
    """Punches, as days ask for them."""

    def visible_to(self, access: OrganizationAccess) -> Self:
        """Return one's own, those of whom one manages, or all: by the scopes."""
        return self.filter(whose(access))

    def live(self) -> Self:
        """Return those that count: all that are not voided."""
        return self.filter(voided_at__isnull=True)

    def between(self, first_on: dt.date, last_on: dt.date) -> Self:
        """Return those of a span of UTC dates, both ends included."""
        start = dt.datetime.combine(first_on, dt.time(), dt.UTC)
        end = dt.datetime.combine(last_on, dt.time(), dt.UTC) + dt.timedelta(days=1)
        return self.filter(punched_at__gte=start, punched_at__lt=end)


PunchManager = FencedManager.from_queryset(PunchQuerySet)


class Punch(OrganizationRecord):
    """One press of the clock. It is never edited: a trigger refuses; it can be voided.

    ``punched_at`` is the moment; ``time_zone`` is where the clock showed it.
    """

    class Direction(models.TextChoices):
        """The words of ``attendance.timesheet.Direction``."""

        IN = timesheet.Direction.IN.value, _("Clock in")
        OUT = timesheet.Direction.OUT.value, _("Clock out")
        BREAK_START = timesheet.Direction.BREAK_START.value, _("Break begins")
        BREAK_END = timesheet.Direction.BREAK_END.value, _("Break ends")

    class Source(models.TextChoices):
        """Where a punch comes from."""

        WEB = "web", _("Web")
        API = "api", _("API")
        CORRECTION = "correction", _("Correction")

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="punches",
        db_constraint=False,
        db_index=False,
        verbose_name=_("employee"),
    )
    punched_at = models.DateTimeField(_("punched"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, validators=[validate_time_zone]
    )
    direction = models.CharField(
        _("direction"), max_length=12, choices=Direction.choices
    )
    source = models.CharField(_("source"), max_length=12, choices=Source.choices)
    device = models.CharField(_("device"), max_length=100, blank=True)
    device_sequence = models.BigIntegerField(
        _("number on the device"), null=True, blank=True
    )
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
        verbose_name=_("voided by"),
    )
    void_reason = models.CharField(_("reason of the void"), max_length=500, blank=True)

    subject_type = "punch"
    api_path = "attendance/punches"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": PUBLIC,
        "punched_at": PUBLIC,
        "time_zone": PUBLIC,
        "direction": PUBLIC,
        "source": PUBLIC,
        "device": PUBLIC,
        "device_sequence": PUBLIC,
        "voided_at": PUBLIC,
        "voided_by": INTERNAL,
        "void_reason": PERSONAL,
    }

    objects = PunchManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["-punched_at", "-id"]
        verbose_name = _("punch")
        verbose_name_plural = _("punches")
        indexes = [
            models.Index(
                fields=["organization", "-punched_at", "-id"], name="punch_latest"
            ),
            models.Index(fields=["employee", "punched_at"], name="punch_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "punched_at", "direction"],
                condition=Q(voided_at__isnull=True),
                name="punch_once",
                violation_error_message=_("This punch is recorded already."),
            ),
            models.UniqueConstraint(
                fields=["organization", "device", "device_sequence"],
                condition=Q(device_sequence__isnull=False),
                name="punch_of_device_once",
                violation_error_message=_("The device sent this punch already."),
            ),
            models.CheckConstraint(
                condition=Q(direction__in=["in", "out", "break_start", "break_end"]),
                name="punch_direction_known",
                violation_error_message=_("In, out, or a break's start or end."),
            ),
            models.CheckConstraint(
                condition=Q(device_sequence__isnull=True) | ~Q(device=""),
                name="punch_sequence_has_device",
                violation_error_message=_("A number on a device needs the device."),
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="punch_void_has_reason",
                violation_error_message=_("Say why the punch is voided."),
            ),
            SameOrganization(field="employee", name="punch_employee_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()}, {self.local:%Y-%m-%d %H:%M}"

    @property
    def local(self) -> dt.datetime:
        """The moment as the clock showed it."""
        return self.punched_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def is_voided(self) -> bool:
        return self.voided_at is not None

    @property
    def rule(self) -> TimedPunch:
        """The punch as a value for :mod:`attendance.timesheet`."""
        direction = timesheet.Direction(self.direction)
        return TimedPunch(self.punched_at, direction, self.pk)


class OpenSession(OrganizationOwned):
    """Somebody is clocked in. The row goes when they clock out.

    Its unique employee is what makes one of two clock-ins at once win.
    """

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="open_sessions",
        db_constraint=False,
        db_index=False,
        verbose_name=_("employee"),
    )
    clocked_in_at = models.DateTimeField(_("in since"))
    break_started_at = models.DateTimeField(_("on a break since"), null=True)
    ends_before = models.DateTimeField(
        help_text=_("From then on its clock-out counts as missing.")
    )

    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": PUBLIC,
        "clocked_in_at": PERSONAL,
        "break_started_at": PERSONAL,
        "ends_before": INTERNAL,
    }

    class Meta:
        verbose_name = _("open session")
        verbose_name_plural = _("open sessions")
        indexes = [
            models.Index(fields=["organization", "ends_before"], name="session_ends")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee"],
                name="open_session_one_per_person",
                violation_error_message=_("Clocked in already."),
            ),
            SameOrganization(field="employee", name="open_session_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.clocked_in_at:%Y-%m-%d %H:%M}"
