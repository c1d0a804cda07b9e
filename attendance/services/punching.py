"""Punches that come from elsewhere, and punches that count no more."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attendance.models import Punch
from attendance.services.computing import holding
from attendance.services.conflict import Conflict
from attendance.services.inputs import zone_of
from employees.models import Employee
from organizations.access import current_access
from organizations.events import gathered

Direction = Punch.Direction
Source = Punch.Source

#: A device's clock may be so much ahead of ours.
AHEAD = dt.timedelta(minutes=5)
MOST_AT_ONCE = 1000
LIVE_FIRST = (F("voided_at").asc(nulls_first=True), "pk")


@dataclass(frozen=True, slots=True)
class NewPunch:
    """A punch to be recorded; without a zone, it is the one where the person works."""

    employee: Employee
    punched_at: dt.datetime
    direction: Direction
    time_zone: str = ""
    device: str = ""
    device_sequence: int | None = None


class Result(StrEnum):
    """What became of a punch that was sent."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one punch: the record, new or known, or why there is none."""

    result: Result
    punch: Punch | None = None
    error: ValidationError | None = None


def record_punch(new: NewPunch, *, source: Source = Source.API) -> Outcome:
    """Record one punch; one that was delivered before counts once.

    Raises:
        ValidationError: on the field that breaks a rule.
    """
    outcome = record_punches([new], source=source)[0]
    if outcome.error:
        raise outcome.error
    return outcome


@transaction.atomic
def record_punches(
    punches: Sequence[NewPunch], *, source: Source = Source.API
) -> list[Outcome]:
    """Record punches in whatever order they come, each with an outcome of its own.

    What is refused does not keep the others from being recorded.

    Raises:
        ValidationError: ``too_many`` for more than :data:`MOST_AT_ONCE`.
    """
    if len(punches) > MOST_AT_ONCE:
        raise ValidationError(
            _("At most %(most)d punches at once; these are %(count)d.")
            % {"most": MOST_AT_ONCE, "count": len(punches)},
            code="too_many",
        )
    # The days of each person are computed once, at the end.
    with holding({new.employee.pk for new in punches}) as people, gathered():
        return [_record(new, people[new.employee.pk], source) for new in punches]


def _record(new: NewPunch, person: Employee, source: Source) -> Outcome:
    try:
        _check_moment(new)
        check_employed(person, new.punched_at)
        known = _known(new)
        if known:
            return Outcome(Result.DUPLICATE, known)
        with transaction.atomic():
            return Outcome(Result.RECORDED, _save(new, person, source))
    except ValidationError as error:
        return Outcome(Result.REFUSED, error=error)
    except IntegrityError:
        # The same number of the same device for two people, at once.
        taken = ValidationError(_("The device sent this punch already."), "taken")
        return Outcome(
            Result.REFUSED, error=ValidationError({"device_sequence": taken})
        )


def _known(new: NewPunch) -> Punch | None:
    """Return the punch that this one is, if it was delivered before.

    One that was voided is known as well: delivered again, it stays void.

    Raises:
        ValidationError: when the device gave the number to another punch.
    """
    same = Q(employee=new.employee, punched_at=new.punched_at, direction=new.direction)
    if new.device_sequence is None:
        return Punch.objects.filter(same).order_by(*LIVE_FIRST).first()
    numbered = Q(
        organization_id=new.employee.organization_id,
        device=new.device,
        device_sequence=new.device_sequence,
    )
    found = Punch.objects.filter(numbered | same).order_by(*LIVE_FIRST)
    first = next(iter(found), None)
    for punch in found:
        if (punch.employee_id, punch.punched_at, punch.direction) != (
            new.employee.pk,
            new.punched_at,
            new.direction,
        ):
            raise ValidationError(
                {
                    "device_sequence": ValidationError(
                        _("The device gave this number to another punch."),
                        code="another_punch",
                    )
                }
            )
    return first


def _check_moment(new: NewPunch) -> None:
    if timezone.is_naive(new.punched_at):
        raise _wrong_moment(_("Say the moment with its offset from UTC."), "naive")
    if new.punched_at > timezone.now() + AHEAD:
        raise _wrong_moment(_("This moment lies ahead."), "future")


def check_employed(person: Employee, at: dt.datetime) -> None:
    """Refuse a punch outside the employment; a night may end a day after it."""
    on = at.astimezone(zone_of(person)).date()
    first_on = person.first_hired_on or person.hired_on
    last_on = person.terminated_on
    too_late = last_on is not None and on > last_on + dt.timedelta(days=1)
    if on < first_on - dt.timedelta(days=1) or too_late:
        raise _wrong_moment(
            _("%(name)s is not employed on %(day)s.")
            % {"name": person.name, "day": date_format(on, "j F Y")},
            "not_employed",
        )


def _wrong_moment(message: str, code: str) -> ValidationError:
    return ValidationError({"punched_at": ValidationError(message, code=code)})


def _save(new: NewPunch, person: Employee, source: Source) -> Punch:
    """Write a punch; what listens to its event computes the days anew."""
    punch = Punch(
        organization=person.organization,
        employee=person,
        punched_at=new.punched_at.astimezone(dt.UTC),
        time_zone=new.time_zone or zone_of(person).key,
        direction=new.direction,
        source=source,
        device=new.device,
        device_sequence=new.device_sequence,
    )
    punch.clean_fields(exclude={"organization", "employee"})
    punch.save()
    return punch


@transaction.atomic
def void_punch(punch: Punch, *, reason: str) -> Punch:
    """Declare a punch void: it stays to be seen, and counts no more.

    Raises:
        Conflict: ``voided`` when it is void already.
        ValidationError: without a reason.
    """
    with holding([punch.employee_id]):
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
