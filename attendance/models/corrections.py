"""What somebody asks to be put right."""

import datetime as dt
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attendance.models.punches import Punch
from attendance.models.queries import whose
from employees.models import Employee
from organizations.access import OrganizationAccess
from organizations.classes import INTERNAL, PERSONAL, PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord, RecordQuerySet
from organizations.models.fence import FencedManager
from organizations.models.organizations import validate_time_zone

PENDING = "pending"


class CorrectionQuerySet(RecordQuerySet["Correction"]):
    """Corrections, as lists ask for them."""

    def visible_to(self, access: OrganizationAccess) -> Self:
        """Return one's own, those of whom one manages, or all: by the scopes."""
        return self.filter(whose(access))

    def to_decide(self, access: OrganizationAccess) -> Self:
        """Return the pending ones that this access may decide, the oldest first."""
        waiting = self.filter(status=PENDING).order_by("created_at", "id")
        others = waiting.exclude(employee__user=access.user) if access.user else waiting
        if access.allows("attendance:approve_all"):
            return others
        if access.user is None or not access.allows("attendance:approve"):
            return self.none()
        return others.filter(employee__manager__user=access.user)


CorrectionManager = FencedManager.from_queryset(CorrectionQuerySet)


class Correction(OrganizationRecord):
    """Punches that somebody asks to add to a day, or to void. Written by services.

    ``before`` and ``after`` are the day's figures as they were computed when it was
    asked for; ``applied`` holds both as they were when it was approved.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="corrections",
        verbose_name=_("employee"),
    )
    on = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    applied = models.JSONField(_("as applied"), default=dict, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decline_reason = models.CharField(
        _("reason of the decline"), max_length=500, blank=True
    )

    subject_type = "correction"
    api_path = "attendance/corrections"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": PUBLIC,
        "on": PUBLIC,
        "reason": PERSONAL,
        "status": PUBLIC,
        "before": PERSONAL,
        "after": PERSONAL,
        "applied": PERSONAL,
        "decided_by": PERSONAL,
        "decided_at": PUBLIC,
        "decline_reason": PERSONAL,
    }

    objects = CorrectionManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        indexes = [
            models.Index(
                fields=["organization", "-on", "-id"], name="correction_latest"
            ),
            models.Index(
                fields=["organization", "created_at"],
                condition=Q(status="pending"),
                name="correction_pending",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "on"],
                condition=Q(status="pending"),
                name="correction_one_pending_a_day",
                violation_error_message=_("A correction of this day is pending."),
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["pending", "approved", "declined", "withdrawn"]
                ),
                name="correction_status_known",
                violation_error_message=_("This is no status."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "declined"])
                | Q(decided_at__isnull=False),
                name="correction_decided_has_moment",
                violation_error_message=_("A decision has a moment."),
            ),
            SameOrganization(field="employee", name="correction_employee_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.on}"

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING


class CorrectedPunch(OrganizationOwned):
    """One line of a correction: a punch to add, or one to void."""

    class Action(models.TextChoices):
        ADD = "add", _("Add")
        VOID = "void", _("Void")

    correction = models.ForeignKey(
        Correction, models.CASCADE, related_name="punches", db_constraint=False
    )
    action = models.CharField(_("action"), max_length=4, choices=Action.choices)
    punch = models.ForeignKey(
        Punch,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        help_text=_("The punch to void, or the one that was added."),
    )
    punched_at = models.DateTimeField(_("punched"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, validators=[validate_time_zone]
    )
    direction = models.CharField(
        _("direction"), max_length=12, choices=Punch.Direction.choices
    )

    reached_by = {
        "departments": "correction__employee__department",
        "locations": "correction__employee__location",
    }
    field_classes = {
        "correction": INTERNAL,
        "action": PERSONAL,
        "punch": PERSONAL,
        "punched_at": PERSONAL,
        "time_zone": PERSONAL,
        "direction": PERSONAL,
    }

    class Meta:
        ordering = ["punched_at", "id"]
        verbose_name = _("corrected punch")
        verbose_name_plural = _("corrected punches")
        constraints = [
            models.CheckConstraint(
                condition=~Q(action="void") | Q(punch__isnull=False),
                name="corrected_punch_voids_one",
                violation_error_message=_("Say which punch is to be voided."),
            ),
            SameOrganization(
                field="correction", name="corrected_punch_correction_organization"
            ),
            SameOrganization(field="punch", name="corrected_punch_punch_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.get_direction_display()}"

    @property
    def local(self) -> dt.datetime:
        """The moment as the clock showed it."""
        return self.punched_at.astimezone(ZoneInfo(self.time_zone))
