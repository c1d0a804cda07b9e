"""Punches that count no more."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from attendance.models import Punch
from attendance.services.conflict import Conflict
from attendance.services.locking import holding, lock_people_by_id
from organizations.access import current_access


@transaction.atomic
def void_punch(punch: Punch, *, reason: str) -> Punch:
    """Declare a punch void: it stays to be seen, and counts no more.

    Raises:
        Conflict: ``voided`` when it is void already.
        ValidationError: without a reason.
    """
    with holding(lock_people_by_id([punch.employee_id])):
        return _void(punch, reason)


def _void(punch: Punch, reason: str) -> Punch:
    locked = Punch.objects.select_for_update(of=("self",)).get(pk=punch.pk)
    if locked.is_voided:
        raise Conflict(
            _("This punch is void already: %(reason)s")
            % {"reason": locked.void_reason},
            code="voided",
        )
    if not reason.strip():
        raise ValidationError(
            {"reason": ValidationError(_("Say why."), code="required")}
        )
    access = current_access()
    locked.voided_at = timezone.now()
    locked.voided_by = access.user if access else None
    locked.void_reason = reason.strip()
    locked.clean_fields(exclude={"organization", "employee", "voided_by"})
    locked.save()
    return locked
