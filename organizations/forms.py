"""What the pages' forms share."""

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


def show_broken_rule(form: forms.BaseForm, error: ValidationError) -> None:
    """Put a service's refusal on the fields it is about, or on the form as a whole."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        known = name != NON_FIELD_ERRORS and name in form.fields
        form.add_error(name if known else None, errors)
