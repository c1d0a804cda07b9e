"""One's own clock: in, out, and breaks, now.

Somebody waits at the button, and at nine o'clock everybody does: the person is locked,
all that the press rests on is read at once, the day is computed from it, and punch and
day are told in one batch.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from attendance.models import Punch
from attendance.services.computing import computing_here, keep_days
from attendance.services.conflict import Conflict
from attendance.services.inputs import REACH, Inputs, zone_of
from attendance.services.locking import lock_people
from attendance.services.punching import check_employed
from attendance.sessions import Session
from employees.models import Employee
from organizations.events import gathered

Direction = Punch.Direction
Source = Punch.Source
DAY = dt.timedelta(days=1)


def clock_in(employee: Employee, *, source: Source = Source.WEB) -> Punch:
    """Begin a session, now.

    The person is locked: of two clock-ins at once the second finds the first.

    Raises:
        Conflict: ``clocked_in`` when they are clocked in already.
    """
    with _pressing(employee, source) as clock:
        if session := clock.session:
            raise Conflict(
                _("You are clocked in since %(since)s.")
                % {"since": _told(clock.person, session.begun_at)},
                code="clocked_in",
            )
        return clock.punch(Direction.IN)


def clock_out(employee: Employee, *, source: Source = Source.WEB) -> Punch:
    """End the session, now; a break that is not ended ends with it.

    Raises:
        Conflict: ``not_clocked_in`` when there is none.
    """
    with _pressing(employee, source) as clock:
        if clock.session_or_conflict().is_on_break(clock.now):
            clock.punch(Direction.BREAK_END)
        return clock.punch(Direction.OUT)


def start_break(employee: Employee, *, source: Source = Source.WEB) -> Punch:
    """Begin a break, now.

    Raises:
        Conflict: ``not_clocked_in`` or ``on_break``.
    """
    with _pressing(employee, source) as clock:
        session = clock.session_or_conflict()
        if session.is_on_break(clock.now):
            raise Conflict(
                _("You are on a break since %(since)s.")
                % {"since": _told(clock.person, session.punches[-1].at)},
                code="on_break",
            )
        return clock.punch(Direction.BREAK_START)


def end_break(employee: Employee, *, source: Source = Source.WEB) -> Punch:
    """End the break, now.

    Raises:
        Conflict: ``not_clocked_in`` or ``not_on_break``.
    """
    with _pressing(employee, source) as clock:
        if not clock.session_or_conflict().is_on_break(clock.now):
            raise Conflict(_("You are not on a break."), code="not_on_break")
        return clock.punch(Direction.BREAK_END)


class _Clock:
    """Somebody's clock while they press it: they are locked, and read once."""

    def __init__(self, employee: Employee, source: Source) -> None:
        [self.person] = lock_people([employee])
        self.source = source
        self.now = timezone.now()
        today = self.now.astimezone(zone_of(self.person)).date()
        # A night's session may belong to the shift of the day before its own.
        self._inputs = Inputs([self.person], today - REACH - DAY, today + DAY)

    @property
    def session(self) -> Session | None:
        """The session that they are clocked in for, if any, as the punches say.

        One that was not ended in time is over: its clock-out is missing.
        """
        results = self._inputs.results(self.person, self.now).values()
        open_ones = (result.open_session(self.now) for result in results)
        return next((each for each in open_ones if each), None)

    def session_or_conflict(self) -> Session:
        session = self.session
        if session is None:
            raise Conflict(_("You are not clocked in."), code="not_clocked_in")
        return session

    def punch(self, direction: Direction) -> Punch:
        """Write a punch of now; nobody typed it, so there is nothing to validate."""
        check_employed(self.person, self.now)
        punch = Punch(
            organization_id=self.person.organization_id,
            employee=self.person,
            punched_at=self.now.astimezone(dt.UTC),
            time_zone=zone_of(self.person).key,
            direction=direction,
            source=self.source,
        )
        punch.save()
        self._inputs.add(self.person, punch.rule)
        return punch

    def keep(self) -> None:
        """Write what the punches made of the days, and who is clocked in."""
        keep_days(self._inputs, self.now)


@contextmanager
def _pressing(employee: Employee, source: Source) -> Iterator[_Clock]:
    """Hold somebody's clock for a press, in a transaction of one batch of events."""
    with computing_here(), gathered():
        clock = _Clock(employee, source)
        yield clock
        clock.keep()


def _told(employee: Employee, at: dt.datetime) -> str:
    """Return a moment as a person tells it: the time, with the date unless today's."""
    zone = zone_of(employee)
    local = at.astimezone(zone)
    if local.date() == timezone.localdate(timezone=zone):
        return time_format(local, "H:i")
    return date_format(local, "j F, H:i")
