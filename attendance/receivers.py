"""What changes a day, heard from whoever says it: the days are computed anew.

Few days at once, in the transaction of the change; many are marked, and a task computes
them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min

from attendance import services, tasks
from attendance.models import AttendanceDay, Correction
from attendance.services.inputs import REACH
from employees.models import Employee
from organizations.events import Occurrence, event_occurred

#: So many people are computed in the transaction of the change; more wait for a task.
PEOPLE_AT_ONCE = 20
#: So many days of a person at once.
DAYS_AT_ONCE = 62

Span = tuple[dt.date, dt.date]
Spans = dict[UUID, Span]


def connect() -> None:
    """Listen to what the apps tell."""
    event_occurred.connect(_recompute, dispatch_uid="attendance-days")
    event_occurred.connect(
        mail_after_commit, sender=Correction, dispatch_uid="attendance-mail"
    )


def mail_after_commit(
    sender: type[Correction], occurrences: Sequence[Occurrence], **signal: object
) -> None:
    """Ask a worker for the mail about corrections once the change is kept.

    Robust: a broker that is away costs the mail, never the decision.
    """
    for occurrence in occurrences:
        if occurrence.subject_type == Correction.subject_type:
            send = partial(
                tasks.mail_about.apply_async,
                (str(occurrence.subject_id), occurrence.type),
                retry=False,
            )
            transaction.on_commit(send, robust=True)


def _recompute(
    sender: type, occurrences: Sequence[Occurrence], **signal: object
) -> None:
    by_subject: dict[str, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        if occurrence.subject_type in _AFFECTED:
            by_subject[occurrence.subject_type].append(occurrence)
    for subject, happened in by_subject.items():
        _AFFECTED[subject](happened)


# --- What is affected -----------------------------------------------------------------


def _by_punches(occurrences: Iterable[Occurrence]) -> None:
    if services.is_computed_here():
        return
    spans: Spans = {}
    for occurrence in occurrences:
        on = occurrence.data["punched_at"].astimezone(dt.UTC).date()
        # A date in UTC is at most one off the date where the person is.
        reach = REACH + dt.timedelta(days=1)
        _widen(spans, occurrence.data["employee"], on - reach, on + reach)
    _compute(spans)


def _by_leave(occurrences: Iterable[Occurrence]) -> None:
    spans: Spans = {}
    for occurrence in occurrences:
        if occurrence.type in LEAVE_DECISIONS:
            data = occurrence.data
            _widen(spans, data["employee"], data["first_on"], data["last_on"])
    _compute(spans)


LEAVE_DECISIONS = frozenset({"leave_request.approved", "leave_request.cancelled"})


def _by_holidays(occurrences: Iterable[Occurrence]) -> None:
    for occurrence in occurrences:
        days = occurrence.data["changed_days"]
        if days:
            _compute_all_of(occurrence.organization_id, min(days), max(days))


def _by_employment(occurrences: Iterable[Occurrence]) -> None:
    """An employment that ends or begins on another day, or is at another place."""
    changed = {
        occurrence.subject_id
        for occurrence in occurrences
        if EMPLOYMENT_FIELDS.intersection(occurrence.changes)
    }
    _compute_kept(changed)


EMPLOYMENT_FIELDS = frozenset({"hired_on", "terminated_on", "location"})


def _by_locations(occurrences: Iterable[Occurrence]) -> None:
    changed = [
        occurrence.subject_id
        for occurrence in occurrences
        if "time_zone" in occurrence.changes
    ]
    if changed:
        people = Employee.objects.filter(location__in=changed)
        _compute_kept(set(people.values_list("pk", flat=True)))


def _by_assignments(occurrences: Iterable[Occurrence]) -> None:
    _compute_kept({occurrence.data["employee"] for occurrence in occurrences})


def _by_schedules(occurrences: Iterable[Occurrence]) -> None:
    for occurrence in occurrences:
        if SCHEDULE_FIELDS.isdisjoint(occurrence.changes) and occurrence.changes:
            continue
        kept = AttendanceDay.objects.filter(organization=occurrence.organization_id)
        if not occurrence.data["is_default"] and "is_default" not in occurrence.changes:
            kept = kept.filter(
                employee__schedule_assignments__schedule=occurrence.subject_id
            )
        _compute_kept(
            set(kept.order_by().values_list("employee", flat=True).distinct())
        )


SCHEDULE_FIELDS = frozenset({"pattern", "is_default"})

_AFFECTED: dict[str, Callable[[list[Occurrence]], None]] = {
    "punch": _by_punches,
    "leave_request": _by_leave,
    "holiday_calendar": _by_holidays,
    "employee": _by_employment,
    "location": _by_locations,
    "schedule_assignment": _by_assignments,
    "work_schedule": _by_schedules,
}


# --- Now or later ---------------------------------------------------------------------


def _widen(
    spans: Spans, employee_id: UUID, first_on: dt.date, last_on: dt.date
) -> None:
    known = spans.get(employee_id, (first_on, last_on))
    spans[employee_id] = (min(known[0], first_on), max(known[1], last_on))


def _compute(spans: Spans) -> None:
    """Compute the days now, or mark them where they are many."""
    few = len(spans) <= PEOPLE_AT_ONCE
    by_span: dict[Span, set[UUID]] = defaultdict(set)
    for employee_id, span in spans.items():
        by_span[span].add(employee_id)
    for (first_on, last_on), employee_ids in sorted(by_span.items()):
        if few and (last_on - first_on).days <= DAYS_AT_ONCE:
            services.recompute_days(employee_ids, first_on, last_on)
        else:
            _mark(employee_ids, first_on, last_on)


def _compute_all_of(organization_id: UUID, first_on: dt.date, last_on: dt.date) -> None:
    """Compute the days of a span that are kept, of everybody."""
    kept = AttendanceDay.objects.filter(organization=organization_id).between(
        first_on, last_on
    )
    people = set(kept.order_by().values_list("employee", flat=True).distinct())
    _compute(dict.fromkeys(people, (first_on, last_on)))


def _compute_kept(employee_ids: set[UUID]) -> None:
    """Compute every day that is kept of these people."""
    kept = AttendanceDay.objects.filter(employee__in=employee_ids).order_by()
    spans = kept.values_list("employee").annotate(Min("on"), Max("on"))
    _compute({employee_id: (first, last) for employee_id, first, last in spans})


def _mark(employee_ids: set[UUID], first_on: dt.date, last_on: dt.date) -> None:
    """Leave the days to a task; without a broker, beat finds them as well."""
    people = Employee.objects.filter(pk__in=employee_ids).order_by("pk")
    if services.mark_stale(people, first_on, last_on):
        wake = partial(tasks.recompute_stale_days.apply_async, retry=False)
        transaction.on_commit(wake, robust=True)
