"""The employee's form, and those of the decisions about employees."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from employees.models import Employee
from organizations.admin import RecordForm


class LoginField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A member, named by e-mail address: a list of all would be long."""

    widget = UnfoldAdminEmailInputWidget
    default_error_messages = {
        "invalid_choice": _("No member has this e-mail address. Invite them first.")
    }

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        super().__init__(queryset, **{**kwargs, "to_field_name": "email"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, UUID):
            assert self.queryset is not None
            found = self.queryset.filter(pk=value).values_list("email", flat=True)
            return found.first()
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.strip().lower() if value else value)


class EmployeeForm(RecordForm):
    """Who they are, where they work; decisions are not taken here."""

    class Meta:
        model = Employee
        fields = "__all__"

    def _get_validation_exclusions(self) -> set[str]:
        excluded = super()._get_validation_exclusions()
        if self.instance._state.adding and not self.cleaned_data.get("number"):
            excluded.add("number")  # the service gives the next one
        return excluded


class TerminationForm(forms.Form):
    terminated_on = forms.DateField(
        label=_("Last day"),
        initial=timezone.localdate,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_(
            "A day that has come ends the employment at once; a later one is noted "
            "and ends it when it has passed."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For HR and the person alone."),
    )


class RehiringForm(forms.Form):
    hired_on = forms.DateField(
        label=_("First day"),
        initial=timezone.localdate,
        widget=UnfoldAdminSingleDateWidget,
    )


class NewManagerForm(forms.Form):
    manager = forms.ModelChoiceField(
        queryset=Employee.objects.none(),
        required=False,
        label=_("New manager"),
        help_text=_("Left empty, they report to nobody."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["manager"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Employee.objects.active()
        field.widget = AutocompleteSelect(
            Employee._meta.get_field("manager"), admin.site, choices=field.choices
        )
