"""What people may ask of the directory and change about themselves."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from employees.models import Department, Employee, EmployeeQuerySet, Location
from employees.tree import descendants, in_order

RECENT_DAYS = 90
AHEAD_DAYS = 30


class Group(TextChoices):
    """Whom the directory shows, besides everybody."""

    TEAM = "team", _("My team")
    JOINED = "joined", _("Joined lately or joining")
    ANNIVERSARY = "anniversary", _("Work anniversary soon")
    FORMER = "former", _("Former employees")


class DirectoryForm(forms.Form):
    """The directory's search and filters; a wrong value filters nothing."""

    q = forms.CharField(required=False, max_length=100, label=_("Search"))

    def __init__(
        self,
        query: Any,
        *,
        groups: Iterable[Group],
        today: dt.date,
        me: Employee | None,
    ) -> None:
        super().__init__(query)
        self.today = today
        self.me = me
        self.departments = list(Department.objects.all())
        self._offer("department", _("All departments"), self._departments())
        self._offer("location", _("All locations"), self._locations())
        self._offer("show", _("Everybody"), [(g.value, g.label) for g in groups])
        self.full_clean()

    def _offer(self, name: str, everything: Any, choices: list[Any]) -> None:
        self.fields[name] = forms.ChoiceField(
            choices=[("", everything), *choices],
            label=everything,
            required=False,
            widget=forms.Select({"class": "input", "aria-label": everything}),
        )

    def _departments(self) -> list[tuple[str, str]]:
        return [
            (str(department.pk), "\N{EM SPACE}" * depth + department.name)
            for department, depth in in_order(self.departments)
        ]

    def _locations(self) -> list[tuple[str, str]]:
        return [
            (str(location.pk), location.name) for location in Location.objects.all()
        ]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything at all is asked for."""
        return any(self._asked(name) for name in self.fields)

    def _asked(self, name: str) -> str:
        value: str = self.cleaned_data.get(name, "")
        return value

    def found(self) -> EmployeeQuerySet:
        """Return the employees that are asked for, in the order of their names."""
        employees = self._group().search(self._asked("q"))
        if department_id := self._asked("department"):
            within = descendants(self.departments, department_id)
            employees = employees.filter(department__in=within)
        if location_id := self._asked("location"):
            employees = employees.filter(location=UUID(location_id))
        return employees

    def _group(self) -> EmployeeQuerySet:
        active: EmployeeQuerySet = Employee.objects.active()
        match self._asked("show"):
            case Group.TEAM:
                return active.filter(manager=self.me)
            case Group.JOINED:
                return active.joined_since(self.today - dt.timedelta(days=RECENT_DAYS))
            case Group.ANNIVERSARY:
                last = self.today + dt.timedelta(days=AHEAD_DAYS)
                return active.with_anniversary(self.today, last)
            case Group.FORMER:
                return Employee.objects.filter(status=Employee.Status.TERMINATED)
        return active


class MyProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person keeps up to date about themselves."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Employee
        fields = [
            "preferred_name",
            "work_phone",
            "mobile_phone",
            "home_email",
            "gender",
        ]
        widgets = {
            "preferred_name": forms.TextInput({"autocomplete": "nickname"}),
            "work_phone": forms.TextInput({"type": "tel", "autocomplete": "off"}),
            "mobile_phone": forms.TextInput({"type": "tel", "autocomplete": "tel"}),
            "home_email": forms.EmailInput({"autocomplete": "home email"}),
        }
