"""What the door keeps: answers for retries, and origins that pages may call from."""

from collections.abc import Mapping
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.gateway.origins import MOST_LETTERS, validate_origin
from organizations.classes import INTERNAL, PUBLIC, FieldClass
from organizations.models import OrganizationOwned, OrganizationRecord
from organizations.reach import EVERYWHERE


class KeptAnswer(OrganizationOwned):
    """What a POST with an ``Idempotency-Key`` answered, for whoever sends it again.

    Written in the transaction of the change that it tells of. ``digest`` stands for
    who sent which key where, ``fingerprint`` for what was sent, ``rights`` for what
    the caller might do then; all are SHA-256 in hexadecimal digits.
    """

    digest = models.CharField(max_length=64, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    rights = models.CharField(max_length=64, editable=False)
    status = models.SmallIntegerField(_("status"), editable=False)
    #: Headers and body, encrypted: they may hold secrets that are shown once.
    answer = models.TextField(editable=False)
    created_at = models.DateTimeField(_("kept at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"), editable=False, db_index=True)

    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        (
            "digest",
            "fingerprint",
            "rights",
            "status",
            "answer",
            "created_at",
            "expires_at",
        ),
        INTERNAL,
    )
    # The digest names the caller: nobody finds an answer that was not theirs.
    reached_by = EVERYWHERE

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "digest"], name="kept_answer_once_per_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.digest[:12]}"


class AllowedOrigin(OrganizationRecord):
    """An origin whose pages may call the API with the organization's credentials."""

    origin = models.CharField(
        _("origin"),
        max_length=MOST_LETTERS,
        help_text=_(
            "Exactly as browsers send it: scheme, host and, if it is not the usual "
            "one, port, such as https://portal.example.com. No path, no wildcard."
        ),
    )
    note = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("What runs there.")
    )

    subject_type = "allowed_origin"
    api_path = "organization/origins"
    field_classes: ClassVar[Mapping[str, FieldClass]] = dict.fromkeys(
        ("origin", "note"), PUBLIC
    )

    class Meta:
        ordering = ["origin"]
        verbose_name = _("allowed origin")
        verbose_name_plural = _("allowed origins")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "origin"],
                name="allowed_origin_once",
                violation_error_message=_("This origin is allowed already."),
            ),
        ]

    def __str__(self) -> str:
        return self.origin

    def clean(self) -> None:
        """Refuse what no browser would send.

        Raises:
            ValidationError: on the origin, with how to write it.
        """
        try:
            validate_origin(self.origin)
        except ValidationError as error:
            raise ValidationError({"origin": error}) from error
