"""What people fill in about their time."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from attendance.models import Punch
from attendance.overview import Day
from attendance.schedule import DAY, moment
from attendance.services import Asked, AskedPunch
from employees.models import Employee

ROWS = 4


class MonthForm(forms.Form):
    """Which month to show, as "2026-11"; anything else is the present one."""

    month = forms.DateField(input_formats=["%Y-%m"], required=False)

    def first_on(self, today: dt.date) -> dt.date:
        """Return the first day of the month that is asked for."""
        asked = self.cleaned_data.get("month") if self.is_valid() else None
        return asked or today.replace(day=1)


class DeclineForm(forms.Form):
    """Why a correction is declined."""

    reason = forms.CharField(max_length=500, label=_("Reason"))


class CorrectionForm(forms.Form):
    """Punches of a day to void, some to add, and why.

    ``day`` offers the punches that count. A row to add is empty, or has a time and a
    direction; its time is local, and on the next date where it says so.
    """

    reason = forms.CharField(
        label=_("What happened?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, employee: Employee, day: Day, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._employee = employee
        self._day = day
        self._live = {str(p.pk): p for p in day.punches if not p.is_voided}
        self.fields["void"] = forms.MultipleChoiceField(
            choices=[(key, key) for key in self._live], required=False
        )
        for row in range(ROWS):
            self._add_row(row)

    def _add_row(self, row: int) -> None:
        self.fields[f"time_{row}"] = forms.TimeField(
            label=_("Time"),
            required=False,
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        )
        self.fields[f"direction_{row}"] = forms.ChoiceField(
            label=_("What"),
            required=False,
            choices=[("", _("Choose")), *Punch.Direction.choices],
        )
        self.fields[f"next_{row}"] = forms.BooleanField(
            label=_("on the next day"), required=False
        )

    @property
    def punches(self) -> Sequence[tuple[Punch, bool]]:
        """The punches that could be voided, each with whether it is ticked."""
        ticked = set(self["void"].value() or ())
        return [(punch, key in ticked) for key, punch in self._live.items()]

    @property
    def rows(self) -> Iterator[tuple[Any, Any, Any]]:
        """The fields of each row to add: time, direction, next day."""
        for row in range(ROWS):
            yield self[f"time_{row}"], self[f"direction_{row}"], self[f"next_{row}"]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for yet."""
        times = [self[f"time_{row}"].value() for row in range(ROWS)]
        return not any(times) and not self["void"].value()

    def clean(self) -> None:
        for row in range(ROWS):
            time = self.cleaned_data.get(f"time_{row}")
            direction = self.cleaned_data.get(f"direction_{row}")
            if time is not None and not direction:
                self.add_error(
                    f"direction_{row}",
                    ValidationError(_("Choose what it was."), code="required"),
                )
            if direction and time is None and f"time_{row}" not in self.errors:
                self.add_error(
                    f"time_{row}",
                    ValidationError(_("Say at what time."), code="required"),
                )

    def asked(self) -> Asked:
        """Return what a valid form asks for."""
        keys = self.cleaned_data["void"]
        return Asked(
            self._employee,
            self._day.result.on,
            add=list(self._added()),
            void=[self._live[key] for key in keys],
        )

    def _added(self) -> Iterator[AskedPunch]:
        for row in range(ROWS):
            time = self.cleaned_data[f"time_{row}"]
            if time is None:
                continue
            on = self._day.result.on
            if self.cleaned_data[f"next_{row}"]:
                on += DAY
            yield AskedPunch(
                moment(on, time, self._day.zone),
                Punch.Direction(self.cleaned_data[f"direction_{row}"]),
            )


class TeamForm(forms.Form):
    """Whose day to show: one's reports, or the people of a department."""

    department = forms.UUIDField(required=False)

    def department_id(self) -> UUID | None:
        """Return the department that is asked for, if any."""
        if not self.is_valid():
            return None
        department_id: UUID | None = self.cleaned_data["department"]
        return department_id
