from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from employees.models import Employee
from leave import calendar
from leave.models.calendars import Portion
from leave.models.queries import LeaveDayQuerySet, LeaveRequestQuerySet
from leave.models.types import LeaveType
from organizations.classes import INTERNAL, PERSONAL, PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord
from organizations.models.fence import FencedManager

LeaveRequestManager = FencedManager.from_queryset(LeaveRequestQuerySet)
LeaveDayManager = FencedManager.from_queryset(LeaveDayQuerySet)

SPAN = "{} \N{EN DASH} {}"


class LeaveRequest(OrganizationRecord):
    """What somebody asked for, and what was decided. Written by services alone."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CANCELLED = "cancelled", _("Cancelled")

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="leave_requests",
        verbose_name=_("employee"),
        db_constraint=False,
    )
    leave_type = models.ForeignKey(
        LeaveType,
        models.PROTECT,
        related_name="requests",
        verbose_name=_("leave type"),
        db_constraint=False,
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    first_portion = models.CharField(
        _("first day is"),
        max_length=10,
        choices=Portion.choices,
        default=Portion.FULL,
    )
    last_portion = models.CharField(
        _("last day is"), max_length=10, choices=Portion.choices, default=Portion.FULL
    )
    charge = models.DecimalField(
        _("charge"),
        max_digits=9,
        decimal_places=3,
        help_text=_("What it costs, in the unit of its type."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    note = models.CharField(_("note"), max_length=1000, blank=True)
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
    cancelled_from = models.DateField(
        _("cancelled from"),
        null=True,
        blank=True,
        help_text=_("The first day that was given back."),
    )

    subject_type = "leave_request"
    api_path = "leave/requests"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": PUBLIC,
        "leave_type": PERSONAL,
        "first_on": PUBLIC,
        "last_on": PUBLIC,
        "first_portion": PUBLIC,
        "last_portion": PUBLIC,
        "charge": PERSONAL,
        "status": PUBLIC,
        "note": PERSONAL,
        "decided_by": PERSONAL,
        "decided_at": PUBLIC,
        "decline_reason": PERSONAL,
        "cancelled_from": PUBLIC,
    }

    objects = LeaveRequestManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["-first_on", "-id"]
        verbose_name = _("leave request")
        verbose_name_plural = _("leave requests")
        indexes = [
            models.Index(
                fields=["organization", "-first_on", "-id"], name="leave_request_by_day"
            ),
            models.Index(
                fields=["employee", "-first_on", "-id"], name="leave_request_of_person"
            ),
            models.Index(
                fields=["organization", "created_at"],
                condition=Q(status="pending"),
                name="leave_request_pending",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="leave_request_ends_after_start",
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "pending",
                        "approved",
                        "declined",
                        "withdrawn",
                        "cancelled",
                    ]
                ),
                name="leave_request_status_known",
                violation_error_message=_("This is no status."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "declined", "cancelled"])
                | Q(decided_at__isnull=False),
                name="leave_request_decided_has_moment",
                violation_error_message=_("A decision has a moment."),
            ),
            models.CheckConstraint(
                condition=Q(
                    first_portion__in=Portion.values, last_portion__in=Portion.values
                ),
                name="leave_request_portions_known",
                violation_error_message=_("The whole day, its morning or afternoon."),
            ),
            SameOrganization(
                field="employee", name="leave_request_employee_organization"
            ),
            SameOrganization(
                field="leave_type", name="leave_request_type_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.span}"

    @property
    def span(self) -> str:
        """The days in words: the first, or both with a dash between."""
        if self.first_on == self.last_on:
            return calendar.shown(self.first_on)
        return SPAN.format(calendar.shown(self.first_on), calendar.shown(self.last_on))

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    @property
    def is_approved(self) -> bool:
        return self.status == self.Status.APPROVED


class LeaveDay(OrganizationOwned):
    """One day of a request, as it was charged when it was asked for.

    Days of requests that are declined, withdrawn or cancelled are not live. Of the live
    ones, the database keeps a morning and an afternoon from being taken twice.
    """

    class Reason(models.TextChoices):
        """Why a day costs what it costs; the words of ``leave.calendar.Reason``."""

        WORKING_DAY = calendar.Reason.WORKING_DAY.value, _("Working day")
        CALENDAR_DAY = calendar.Reason.CALENDAR_DAY.value, _("Calendar day")
        MORNING_OFF = calendar.Reason.MORNING_OFF.value, _("Morning off")
        AFTERNOON_OFF = calendar.Reason.AFTERNOON_OFF.value, _("Afternoon off")
        HOLIDAY = calendar.Reason.HOLIDAY.value, _("Holiday")
        WEEKEND = calendar.Reason.WEEKEND.value, _("Weekend")
        DAY_OFF = calendar.Reason.DAY_OFF.value, _("No working day")

    request = models.ForeignKey(
        LeaveRequest, models.PROTECT, related_name="days", db_constraint=False
    )
    employee = models.ForeignKey(
        Employee, models.PROTECT, related_name="leave_days", db_constraint=False
    )
    on = models.DateField(_("day"))
    portion = models.CharField(_("part"), max_length=10, choices=Portion.choices)
    charge = models.DecimalField(_("charge"), max_digits=9, decimal_places=3)
    year = models.PositiveSmallIntegerField(_("year"))
    reason = models.CharField(_("why"), max_length=20, choices=Reason.choices)
    holiday = models.CharField(_("holiday"), max_length=200, blank=True)
    is_live = models.BooleanField(_("counts"), default=True)

    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "request": PUBLIC,
        "employee": PUBLIC,
        "on": PUBLIC,
        "portion": PUBLIC,
        "charge": PERSONAL,
        "year": PUBLIC,
        "reason": PERSONAL,
        "holiday": PUBLIC,
        "is_live": INTERNAL,
    }

    objects = LeaveDayManager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["on", "id"]
        verbose_name = _("day of leave")
        verbose_name_plural = _("days of leave")
        indexes = [
            models.Index(
                fields=["organization", "on"],
                condition=Q(is_live=True),
                name="leave_day_live",
            ),
            models.Index(fields=["request", "on"], name="leave_day_of_request"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "on"],
                condition=Q(is_live=True, portion__in=["full", "morning"]),
                name="leave_day_morning_once",
                violation_error_message=_("That morning is taken already."),
            ),
            models.UniqueConstraint(
                fields=["employee", "on"],
                condition=Q(is_live=True, portion__in=["full", "afternoon"]),
                name="leave_day_afternoon_once",
                violation_error_message=_("That afternoon is taken already."),
            ),
            models.CheckConstraint(
                condition=Q(charge__gte=0),
                name="leave_day_charge_positive",
                violation_error_message=_("A day costs nothing or something."),
            ),
            SameOrganization(field="request", name="leave_day_request_organization"),
            SameOrganization(field="employee", name="leave_day_employee_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_portion_display()}"

    @property
    def words(self) -> str:
        """Why the day costs what it costs, for a person."""
        return calendar.explain(self.on, self.reason, self.holiday)
