"""The ledger: what was granted and spent, line by line, never changed."""

from decimal import Decimal

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from employees.models import Employee
from leave.models.requests import LeaveRequest
from leave.models.types import LeaveType
from organizations.classes import INTERNAL, PERSONAL, PUBLIC
from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord


class LeaveAccount(OrganizationRecord):
    """What one person has of one type of leave.

    Its row is the lock that every posting takes, so that nothing is spent twice.
    ``balances`` holds each year's figures as the entries give them: granted, pending,
    taken, available.
    """

    employee = models.ForeignKey(
        Employee,
        models.PROTECT,
        related_name="leave_accounts",
        verbose_name=_("employee"),
        db_constraint=False,
    )
    leave_type = models.ForeignKey(
        LeaveType,
        models.PROTECT,
        related_name="accounts",
        verbose_name=_("leave type"),
        db_constraint=False,
    )
    balances = models.JSONField(
        _("balances"), default=dict, editable=False, encoder=DjangoJSONEncoder
    )
    entry_count = models.PositiveIntegerField(_("entries"), default=0, editable=False)

    subject_type = "leave_balance"
    api_path = "leave/balances"
    reached_by = {
        "departments": "employee__department",
        "locations": "employee__location",
    }
    field_classes = {
        "employee": PUBLIC,
        # Not public, as a request's type: what is spent of "Sick leave" says why
        # somebody is away, and so do its figures. Whoever may know reads the balance.
        "leave_type": PERSONAL,
        "balances": PERSONAL,
        "entry_count": PERSONAL,
    }

    class Meta:
        ordering = ["id"]
        verbose_name = _("leave balance")
        verbose_name_plural = _("leave balances")
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "leave_type"],
                name="leave_account_once",
                violation_error_message=_("This person has this account."),
            ),
            SameOrganization(
                field="employee", name="leave_account_employee_organization"
            ),
            SameOrganization(
                field="leave_type", name="leave_account_type_organization"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee}, {self.leave_type}"


class LeaveLedgerEntry(OrganizationOwned):
    """One line of an account. Append-only: a trigger refuses to change or remove it."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("Granted")
        RESERVATION = "reservation", _("Reserved")
        RELEASE = "release", _("Released")
        TAKEN = "taken", _("Taken")
        REVERSAL = "reversal", _("Given back")
        ADJUSTMENT = "adjustment", _("Adjusted")

    account = models.ForeignKey(
        LeaveAccount, models.PROTECT, related_name="entries", db_constraint=False
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    amount = models.DecimalField(_("amount"), max_digits=9, decimal_places=3)
    year = models.PositiveSmallIntegerField(
        _("year"), help_text=_("The year whose entitlement it is about.")
    )
    effective_on = models.DateField(
        _("effective on"), help_text=_("From when on it counts.")
    )
    request = models.ForeignKey(
        LeaveRequest,
        models.PROTECT,
        related_name="ledger_entries",
        null=True,
        db_constraint=False,
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    idempotency_key = models.CharField(max_length=200)
    posted_at = models.DateTimeField(_("posted"), default=timezone.now)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("posted by"),
    )

    reached_by = {
        "departments": "account__employee__department",
        "locations": "account__employee__location",
    }
    field_classes = {
        "account": PERSONAL,
        "number": PERSONAL,
        "kind": PERSONAL,
        "amount": PERSONAL,
        "year": PERSONAL,
        "effective_on": PERSONAL,
        "request": PERSONAL,
        "reason": PERSONAL,
        "idempotency_key": INTERNAL,
        "posted_at": PERSONAL,
        "posted_by": PERSONAL,
    }

    class Meta:
        ordering = ["account_id", "number"]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("leave ledger")
        indexes = [
            models.Index(
                fields=["account", "year"],
                include=["kind", "amount", "effective_on"],
                name="leave_entry_sum",
            ),
            models.Index(
                fields=["organization", "-posted_at", "-id"], name="leave_entry_latest"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "number"], name="leave_entry_number_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "idempotency_key"],
                name="leave_entry_posted_once",
                violation_error_message=_("This was posted already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["grant", "release", "reversal"], amount__gt=0)
                | Q(kind__in=["reservation", "taken"], amount__lt=0)
                | (Q(kind="adjustment") & ~Q(amount=Decimal(0))),
                name="leave_entry_sign",
                violation_error_message=_("The sign does not fit the kind."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="adjustment") | ~Q(reason=""),
                name="leave_entry_adjustment_reason",
                violation_error_message=_("An adjustment says why."),
            ),
            SameOrganization(field="account", name="leave_entry_account_organization"),
            SameOrganization(field="request", name="leave_entry_request_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
