"""Punches that come from elsewhere: each counts once, in whatever order they come."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from attendance.models import Punch
from attendance.services.inputs import zone_of
from attendance.services.locking import holding
from employees.models import Employee
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
    with holding(new.employee for new in punches) as people, gathered():
        return _Batch(people, source).record(punches)


class _Batch:
    """Punches that are recorded together, whatever their number, in few statements."""

    def __init__(self, people: Mapping[UUID, Employee], source: Source) -> None:
        self._people = people
        self._source = source
        self._same: dict[_Same, Punch] = {}
        self._numbered: dict[_Number, Punch] = {}

    def record(self, punches: Sequence[NewPunch]) -> list[Outcome]:
        """Return what became of each: those that are new are written, all at once."""
        refused = [self._refusal(new) for new in punches]
        self._learn(
            [new for new, error in zip(punches, refused, strict=True) if not error]
        )
        outcomes = [
            Outcome(Result.REFUSED, error=error) if error else self._outcome(new)
            for new, error in zip(punches, refused, strict=True)
        ]
        fresh = [
            each.punch
            for each in outcomes
            if each.punch and each.result is Result.RECORDED
        ]
        taken = _write(fresh)
        return [
            Outcome(Result.REFUSED, error=_number_taken())
            if each.punch and each.punch.pk in taken
            else each
            for each in outcomes
        ]

    def _refusal(self, new: NewPunch) -> ValidationError | None:
        try:
            _check_moment(new)
            check_employed(self._people[new.employee.pk], new.punched_at)
        except ValidationError as error:
            return error
        return None

    def _learn(self, punches: Sequence[NewPunch]) -> None:
        """Read which punches are known; of the same ones, one that counts."""
        for known in reversed(_known(punches)):
            self._take(known)

    def _take(self, punch: Punch) -> None:
        self._same[_same(punch.employee_id, punch)] = punch
        if punch.device_sequence is not None:
            self._numbered[punch.device, punch.device_sequence] = punch

    def _outcome(self, new: NewPunch) -> Outcome:
        """Return the punch that this one is, if it was delivered before; or a new one.

        One that was voided is known as well: delivered again, it stays void.
        """
        same = _same(new.employee.pk, new)
        if new.device_sequence is not None:
            numbered = self._numbered.get((new.device, new.device_sequence))
            if numbered and _same(numbered.employee_id, numbered) != same:
                return Outcome(Result.REFUSED, error=_number_of_another())
        if known := self._same.get(same):
            return Outcome(Result.DUPLICATE, known)
        try:
            punch = _made(new, self._people[new.employee.pk], self._source)
        except ValidationError as error:
            return Outcome(Result.REFUSED, error=error)
        self._take(punch)
        return Outcome(Result.RECORDED, punch)


#: What makes two punches the same: whose, when, and which direction.
_Same = tuple[UUID, dt.datetime, str]
#: A device, and the number that it gave.
_Number = tuple[str, int]


def _same(employee_id: UUID, punch: Punch | NewPunch) -> _Same:
    return employee_id, punch.punched_at, str(punch.direction)


_KNOWN = """
SELECT punch.id FROM attendance_punch AS punch
JOIN unnest(%(people)s::uuid[], %(moments)s::timestamptz[], %(directions)s::text[])
  AS given (employee_id, punched_at, direction)
USING (employee_id, punched_at, direction)
UNION
SELECT punch.id FROM attendance_punch AS punch
JOIN unnest(%(devices)s::text[], %(numbers)s::bigint[])
  AS given (device, device_sequence) USING (device, device_sequence)
WHERE organization_id = %(organization)s AND device_sequence IS NOT NULL
"""


def _known(punches: Sequence[NewPunch]) -> list[Punch]:
    """Return the punches that these are, or whose number they carry; live ones first.

    Also those of people whom the caller does not reach: a number is given once.
    """
    if not punches:
        return []
    numbered = [new for new in punches if new.device_sequence is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            _KNOWN,
            {
                "organization": punches[0].employee.organization_id,
                "people": [new.employee.pk for new in punches],
                "moments": [new.punched_at for new in punches],
                "directions": [str(new.direction) for new in punches],
                "devices": [new.device for new in numbered],
                "numbers": [new.device_sequence for new in numbered],
            },
        )
        keys = [key for (key,) in cursor.fetchall()]
    if not keys:
        return []
    return list(Punch._base_manager.filter(pk__in=keys).order_by(*LIVE_FIRST))


def _write(punches: Sequence[Punch]) -> set[UUID]:
    """Write new punches; return which could not be, their number being taken.

    That is so when the same number of a device comes for two people at once. In the
    order of their numbers, so that two who do that never wait for each other.
    """
    if not punches:
        return set()
    ordered = sorted(punches, key=lambda each: (each.device, each.device_sequence or 0))
    try:
        Punch.objects.bulk_create(ordered)
    except IntegrityError:
        return {punch.pk for punch in ordered if not _is_written(punch)}
    return set()


def _is_written(punch: Punch) -> bool:
    try:
        with transaction.atomic():
            punch.save()
    except IntegrityError:
        return False
    return True


def _number_taken() -> ValidationError:
    taken = ValidationError(_("The device sent this punch already."), "taken")
    return ValidationError({"device_sequence": taken})


def _number_of_another() -> ValidationError:
    another = ValidationError(
        _("The device gave this number to another punch."), code="another_punch"
    )
    return ValidationError({"device_sequence": another})


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


def _made(new: NewPunch, person: Employee, source: Source) -> Punch:
    """Return a punch to be written.

    Raises:
        ValidationError: on the field that is wrong.
    """
    punch = Punch(
        organization_id=person.organization_id,
        employee=person,
        punched_at=new.punched_at.astimezone(dt.UTC),
        time_zone=new.time_zone or zone_of(person).key,
        direction=new.direction,
        source=source,
        device=new.device,
        device_sequence=new.device_sequence,
    )
    punch.clean_fields(exclude={"organization", "employee"})
    return punch
