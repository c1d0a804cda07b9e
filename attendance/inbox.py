"""Corrections in the inbox, beside requests for leave."""

from collections.abc import Sequence

from attendance.models import Correction
from leave.inbox import Item, Source, Wanted
from organizations.access import OrganizationAccess


def _waiting(access: OrganizationAccess, wanted: Wanted) -> Sequence[Item]:
    rows = (
        Correction.objects.to_decide(access)
        .select_related("employee__manager")
        .prefetch_related("punches")
    )
    return [
        Item(
            subject=correction,
            employee=correction.employee,
            asked_at=correction.created_at,
            first_on=correction.on,
            last_on=correction.on,
        )
        for correction in wanted.of(rows)
    ]


def _count(access: OrganizationAccess) -> int:
    return Correction.objects.to_decide(access).count()


CORRECTIONS = Source(
    name="corrections",
    template="attendance/inbox_correction.html",
    waiting=_waiting,
    count=_count,
)
