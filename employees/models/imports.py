"""A file of employees on its way in."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.classes import INTERNAL
from organizations.models import OrganizationRecord


class EmployeeImport(OrganizationRecord):
    """An uploaded file, what it would change, and what became of it.

    The file is kept in the database: the worker that applies it may run on another
    machine than the web server that took it.
    """

    class Status(models.TextChoices):
        """Where an import stands."""

        PLANNED = "planned", _("Ready to apply")
        REFUSED = "refused", _("Refused")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        FAILED = "failed", _("Failed")

    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    date_order = models.CharField(
        _("date format"),
        max_length=10,
        blank=True,
        choices=[("MM/DD/YYYY", "MM/DD/YYYY"), ("DD/MM/YYYY", "DD/MM/YYYY")],
    )
    hired_on = models.DateField(
        _("first day of new people"),
        null=True,
        blank=True,
        help_text=_("Where the file says none."),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    report = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    message = models.CharField(_("message"), max_length=500, blank=True)
    new_count = models.PositiveIntegerField(_("new"), default=0)
    changed_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    refused_count = models.PositiveIntegerField(_("refused"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("started"), null=True)
    applied_at = models.DateTimeField(_("applied"), null=True)

    subject_type = "employee_import"
    api_path = "imports"
    field_classes = dict.fromkeys(
        (
            "file_name",
            "content",
            "date_order",
            "hired_on",
            "status",
            "report",
            "digest",
            "message",
            "new_count",
            "changed_count",
            "unchanged_count",
            "refused_count",
            "uploaded_by",
            "started_by",
            "started_at",
            "applied_at",
        ),
        INTERNAL,
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(
                fields=["organization", "-created_at"], name="employee_import_latest"
            )
        ]

    def __str__(self) -> str:
        return self.file_name
