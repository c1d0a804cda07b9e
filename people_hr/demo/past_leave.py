"""The demo's last year of leave, as a company moves it over: taken, sick, half days."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from employees.models import Employee
from leave.calendar import Portion, days_of
from leave.models import LeaveDay, LeaveType
from leave.services import GrantedLeave, record_leave
from leave.working_time import Holidays, holidays_by_location
from organizations.models import User
from organizations.roles import Role

#: Annual leave of last year and this that is moved over for one person; less than is
#: granted, so that there is something left.
MOST_A_YEAR = 18
FRIDAY = 4
#: Days before today, around which one takes leave, and how many weekdays.
HABITS = ((345, 4), (285, 3), (230, 5), (150, 9), (110, 2), (75, 4), (45, 1))
ASKED_BEFORE = dt.timedelta(days=24)
DECIDED_AFTER = dt.timedelta(hours=27)


@dataclass
class _Year:
    """One person's year, in which no day is taken twice."""

    employee: Employee
    today: dt.date
    taken: set[dt.date]
    holidays: Holidays
    decided_by: User | None = None
    leaves: list[GrantedLeave] = field(default_factory=list)
    spent: Counter[int] = field(default_factory=Counter)

    def take(
        self,
        leave_type: LeaveType,
        first_on: dt.date,
        weekdays: int,
        portion: Portion = Portion.FULL,
    ) -> None:
        """Take that many weekdays on end, if they are free and lie behind."""
        while first_on.weekday() > FRIDAY:
            first_on += dt.timedelta(days=1)
        last_on = _after(first_on, weekdays)
        if weekdays == 1 and first_on in self.holidays:
            return
        days = set(days_of(first_on, last_on))
        is_employed = self.employee.hired_on <= first_on
        if days & self.taken or last_on >= self.today or not is_employed:
            return
        if leave_type.is_limited and not self._can_spend(first_on, last_on, weekdays):
            return
        self.taken |= days
        asked_at = dt.datetime.combine(first_on, dt.time(8, 40), dt.UTC)
        asked_at -= ASKED_BEFORE if leave_type.is_limited else dt.timedelta(hours=1)
        self.leaves.append(
            GrantedLeave(
                self.employee,
                leave_type,
                first_on,
                last_on,
                first_portion=portion,
                asked_at=asked_at,
                decided_at=asked_at + DECIDED_AFTER,
                decided_by=self.decided_by,
            )
        )

    def _can_spend(self, first_on: dt.date, last_on: dt.date, weekdays: int) -> bool:
        years = {first_on.year, last_on.year}
        if any(self.spent[year] + weekdays > MOST_A_YEAR for year in years):
            return False
        self.spent.update(dict.fromkeys(years, weekdays))
        return True


def load_past_leave(
    everybody: Sequence[Employee], types: Sequence[LeaveType], today: dt.date
) -> None:
    """Move a year of leave over: of everybody, spread over the year."""
    kept = LeaveDay.objects.live().filter(employee__in=everybody)
    taken: dict[object, set[dt.date]] = {}
    for employee_id, on in kept.values_list("employee", "on"):
        taken.setdefault(employee_id, set()).add(on)
    holidays = holidays_by_location(
        everybody[0].organization, today - dt.timedelta(days=400), today
    )
    leaves: list[GrantedLeave] = []
    hr = User.objects.get(
        memberships__organization=everybody[0].organization_id,
        memberships__role=Role.HR_ADMIN,
    )
    for employee in everybody:
        closed = holidays.get(employee.location_id, holidays[None])
        year = _Year(
            employee,
            today,
            taken.get(employee.pk, set()),
            closed,
            _decider(employee, hr),
        )
        _live(year, types, random.Random(employee.number))  # noqa: S311 (no secret)
        leaves += year.leaves
    record_leave(leaves)


def _live(year: _Year, types: Sequence[LeaveType], chance: random.Random) -> None:
    annual, sickness, parental, lieu = types
    if chance.random() < 0.03:
        year.take(parental, _ago(year, 190), 40)
    for portion in (Portion.MORNING, Portion.AFTERNOON):
        if chance.random() < 0.6:
            first_on = _ago(year, chance.randint(20, 320))
            year.take(annual, first_on, 1, portion)
    for days_ago, weekdays in HABITS:
        first_on = _ago(year, days_ago + chance.randint(-14, 14))
        year.take(annual, first_on, weekdays)
    for days_ago in _illnesses(chance):
        year.take(sickness, _ago(year, days_ago), chance.choice((1, 1, 2, 2, 3, 6)))
    if chance.random() < 0.3:
        year.take(lieu, _ago(year, chance.randint(8, 200)), 1, Portion.AFTERNOON)


def _decider(employee: Employee, hr: User) -> User | None:
    """Return the manager's login, else HR's; nobody decides about their own."""
    manager = employee.manager
    if manager is not None and manager.user is not None:
        return manager.user
    return None if employee.user_id == hr.pk else hr


def _illnesses(chance: random.Random) -> Iterator[int]:
    """Yield how many days ago somebody fell ill."""
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
        yield chance.randint(6, 360)


def _ago(year: _Year, days: int) -> dt.date:
    return year.today - dt.timedelta(days=days)


def _after(first_on: dt.date, weekdays: int) -> dt.date:
    """Return the last of that many weekdays from ``first_on`` on."""
    on = first_on
    for _ in range(weekdays - 1):
        on += dt.timedelta(days=3 if on.weekday() == FRIDAY else 1)
    return on
