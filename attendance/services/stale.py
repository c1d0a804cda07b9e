"""Days that are computed anew later, by a task: a change of them touches many."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from attendance.models import StaleDays
from attendance.services.computing import CHUNK, recompute_days
from employees.models import Employee


def mark_stale(
    employees: Iterable[Employee], first_on: dt.date, last_on: dt.date
) -> int:
    """Note that days of many people are to be computed anew; return how many people."""
    rows = [
        StaleDays(
            organization_id=employee.organization_id,
            employee=employee,
            first_on=first_on,
            last_on=last_on,
        )
        for employee in employees
    ]
    return len(StaleDays.objects.bulk_create(rows, batch_size=1000))


def recompute_stale_days() -> int:
    """Compute what was marked; return how many days have changed.

    Several workers may do this at once: each takes other rows, and a row goes in the
    transaction in which its days are written.
    """
    changed = 0
    while (count := _recompute_some()) is not None:
        changed += count
    return changed


@transaction.atomic
def _recompute_some() -> int | None:
    """Compute the same span of many people; None when nothing is marked."""
    row = StaleDays.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if row is None:
        return None
    same = StaleDays.objects.select_for_update(skip_locked=True).filter(
        organization_id=row.organization_id, first_on=row.first_on, last_on=row.last_on
    )
    together = list(same.order_by("pk")[:CHUNK])
    changed = recompute_days(
        {each.employee_id for each in together}, row.first_on, row.last_on
    )
    StaleDays.objects.filter(pk__in=[each.pk for each in together]).delete()
    return changed
