"""What people fill in about leave."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leave.calendar import Portion
from leave.models import LeaveType

BEGIN = [(Portion.FULL, _("whole day")), (Portion.AFTERNOON, _("from midday on"))]
SINGLE = [
    (Portion.FULL, _("whole day")),
    (Portion.MORNING, _("morning only")),
    (Portion.AFTERNOON, _("from midday on")),
]
END = [(Portion.FULL, _("whole day")), (Portion.MORNING, _("until midday"))]


class DayInput(forms.DateInput):
    """A day, chosen where the browser offers a calendar."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TypeField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A type of leave, with what is left of it beside its name."""

    remaining: dict[Any, str]

    def label_from_instance(self, obj: Any) -> str:
        left = self.remaining.get(obj.pk)
        return f"{obj} \N{EM DASH} {left}" if left else str(obj)


class LeaveRequestForm(forms.Form):
    """Which leave, from when to when."""

    leave_type = TypeField(LeaveType.objects.none(), label=_("Type"), empty_label=None)
    first_on = forms.DateField(label=_("First day"), widget=DayInput)
    first_portion = forms.ChoiceField(
        label=_("First day is"), choices=SINGLE, required=False
    )
    last_on = forms.DateField(label=_("Last day"), widget=DayInput, required=False)
    last_portion = forms.ChoiceField(
        label=_("Last day is"), choices=END, required=False
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        help_text=_("Whoever decides sees it, and HR."),
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, remaining: dict[Any, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Fenced here, within the request; the class was made outside of it.
        field: Any = self.fields["leave_type"]
        field.remaining = remaining
        field.queryset = LeaveType.objects.filter(is_active=True)

    def clean(self) -> dict[str, Any]:
        """Take one day for a leave of one day."""
        answers: dict[str, Any] = super().clean() or {}
        if "first_on" in answers:
            answers["last_on"] = answers.get("last_on") or answers["first_on"]
        for name in ("first_portion", "last_portion"):
            answers[name] = Portion(answers.get(name) or Portion.FULL)
        return answers

    @property
    def asked(self) -> dict[str, Any]:
        """The days and the type, as the services take them."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "note"}


class InboxForm(forms.Form):
    """Whose requests the inbox shows, and after which moment its part begins."""

    q = forms.CharField(required=False, max_length=100)
    after = forms.DateTimeField(required=False)


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class CancelForm(forms.Form):
    """From when on leave is given back; left empty, all that may be."""

    from_on = forms.DateField(label=_("From"), widget=DayInput, required=False)


class MonthForm(forms.Form):
    """Which month and whose, of the team calendar; a wrong value is passed over."""

    month = forms.DateField(input_formats=["%Y-%m"], required=False)
    department = forms.UUIDField(required=False)

    def shown(self, today: dt.date) -> dt.date:
        """Return the first day of the month that is asked for, or of this one."""
        self.full_clean()
        month: dt.date = self.cleaned_data.get("month") or today
        return month.replace(day=1)
