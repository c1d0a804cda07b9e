"""Days that settle by themselves: a shift ends, and nobody was there."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from attendance.models import OpenSession, Settlement
from attendance.services.computing import CHUNK, recompute_days
from attendance.services.inputs import REACH, Inputs
from employees.models import Employee
from leave.calendar import days_of
from organizations.models import Organization

#: After a longer standstill, older days stay as they are.
LONGEST_CATCH_UP = dt.timedelta(days=31)
#: A shift of 24 hours that began on a date ends at most two dates later, anywhere.
LONGEST_SHIFT = dt.timedelta(days=2)


def mark_absences() -> int:
    """Settle the days whose shift has ended since the last time; return how many.

    Who has no punch by then is absent, on leave or on a holiday; who has not clocked
    out in time lacks a punch. What is cut short is done again by the next run.
    """
    open_organizations = Organization.objects.filter(closed_at__isnull=True)
    return sum(_settle(organization) for organization in open_organizations)


def _settle(organization: Organization) -> int:
    now = timezone.now()
    settlement = Settlement.objects.filter(organization=organization).first()
    since = settlement.settled_until if settlement else now - dt.timedelta(days=1)
    since = max(since, now - LONGEST_CATCH_UP)
    changed = _settle_shifts(organization, since, now)
    changed += _settle_sessions(organization, now)
    Settlement.objects.update_or_create(
        organization=organization, defaults={"settled_until": now}
    )
    return changed


def _settle_shifts(
    organization: Organization, since: dt.datetime, now: dt.datetime
) -> int:
    employed = (
        Employee.objects.for_organization(organization)
        .active()
        .select_related("location", "organization")
        .order_by("pk")
    )
    people = list(employed)
    changed = 0
    for start in range(0, len(people), CHUNK):
        changed += _settle_people(people[start : start + CHUNK], since, now)
    return changed


def _settle_people(
    people: Sequence[Employee], since: dt.datetime, now: dt.datetime
) -> int:
    first_on = since.date() - LONGEST_SHIFT
    last_on = now.date() + dt.timedelta(days=1)
    inputs = Inputs(people, first_on, last_on)
    ended: dict[dt.date, set[UUID]] = defaultdict(set)
    for person in people:
        for on in days_of(first_on, last_on):
            shift = inputs.shift_on(person, on)
            if shift and since < shift.ends_at <= now:
                ended[on].add(person.pk)
    return sum(
        recompute_days(ids, on, on, settles=True) for on, ids in sorted(ended.items())
    )


@transaction.atomic
def _settle_sessions(organization: Organization, now: dt.datetime) -> int:
    """Compute anew the days of those who have not clocked out in time."""
    overdue = OpenSession.objects.for_organization(organization).filter(
        ends_before__lte=now
    )
    changed = 0
    for employee_id, clocked_in_at in overdue.values_list(
        "employee_id", "clocked_in_at"
    ):
        on = clocked_in_at.date()
        changed += recompute_days([employee_id], on - REACH, on + REACH)
    overdue.delete()
    return changed
