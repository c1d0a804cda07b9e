"""A page of the admin that asks for a few words and then calls a service."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from employees.models import Employee
from leave.calendar import Portion
from leave.forms import END, SINGLE
from leave.models import LeaveAccount, LeaveType


def form_page(
    request: Any,
    model_admin: Any,
    form: forms.Form,
    *,
    title: Any,
    button: Any,
    back: str,
    template: str = "admin/leave/form.html",
    **context: Any,
) -> TemplateResponse:
    """Show a form with a title, a button that says what happens, and a way back."""
    return TemplateResponse(
        request,
        template,
        {
            **model_admin.admin_site.each_context(request),
            "title": title,
            "opts": model_admin.opts,
            "form": form,
            "media": model_admin.media + form.media,
            "button": button,
            "back": back,
            **context,
        },
    )


def this_year() -> int:
    """Return the year, where the organization is."""
    return timezone.localdate().year


class YearForm(forms.Form):
    """Which year."""

    year = forms.IntegerField(
        label=_("Year"),
        min_value=1900,
        max_value=2100,
        initial=this_year,
        widget=UnfoldAdminIntegerFieldWidget,
    )


class PersonForm(forms.Form):
    """Whom, and of what."""

    employee = forms.ModelChoiceField(Employee.objects.none(), label=_("Employee"))
    leave_type = forms.ModelChoiceField(
        LeaveType.objects.none(),
        label=_("Type"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Fenced here, within the request; the class was made outside of it.
        people: Any = self.fields["employee"]
        people.queryset = Employee.objects.active().select_related("organization")
        people.widget = AutocompleteSelect(
            LeaveAccount._meta.get_field("employee"),
            admin.site,
            choices=people.choices,
        )
        types: Any = self.fields["leave_type"]
        types.queryset = LeaveType.objects.filter(is_active=True)


class EnterForm(PersonForm):
    """Whose leave, of what type, and when."""

    first_on = forms.DateField(label=_("First day"), widget=UnfoldAdminSingleDateWidget)
    first_portion = forms.ChoiceField(
        label=_("First day is"), choices=SINGLE, widget=UnfoldAdminSelectWidget
    )
    last_on = forms.DateField(label=_("Last day"), widget=UnfoldAdminSingleDateWidget)
    last_portion = forms.ChoiceField(
        label=_("Last day is"), choices=END, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The person and whoever decides see it."),
    )

    def clean(self) -> dict[str, Any]:
        """Return the portions as the services take them."""
        answers: dict[str, Any] = super().clean() or {}
        for name in {"first_portion", "last_portion"} & answers.keys():
            answers[name] = Portion(answers[name])
        return answers


class GrantForm(PersonForm, YearForm):
    """Whom, of what, for which year, how much."""

    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=7,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("In the unit of the type."),
    )
    effective_on = forms.DateField(
        label=_("Counts from"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Left empty, from the beginning of the year or the employment."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the statement."),
    )
    field_order = ("employee", "leave_type", "year", "amount")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The person who asked reads it."),
    )


class AdjustmentForm(YearForm):
    """How much more or less of which year, from when on, and why."""

    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=7,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("Below zero takes away."),
    )
    effective_on = forms.DateField(
        label=_("Counts from"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Left empty, from the beginning of the year."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the statement."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
