"""The form of a record: of one organization, and of one version."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from organizations.models import Organization, StaleRecord


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """Give new records their organization before they are validated.

    So a unique constraint that names the organization is an error of the form, not of
    the database. A change carries the version that was shown: :meth:`refuse_stale`
    keeps it from undoing what someone else has saved meanwhile.
    """

    #: Set by the admin, on the class it makes for each request.
    organization: ClassVar[Organization]

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.organization = self.organization
            del self.fields["version"]
        else:
            self.initial["version"] = self.instance.version

    def refuse_stale(self) -> None:
        """Make sure that the record is still what the form was filled from.

        Raises:
            StaleRecord: when it was changed meanwhile.
        """
        shown = self.cleaned_data.get("version", self.instance.version)
        if shown != self.instance.version:
            raise StaleRecord

    def _get_validation_exclusions(self) -> set[str]:
        """Check the fields that are not in the form as well: constraints name them."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded & self.fields.keys()

    def _update_errors(self, errors: ValidationError) -> None:
        """Show what is wrong with a field that is not in the form above the form."""
        if hasattr(errors, "error_dict"):
            told: dict[str, list[ValidationError]] = {}
            for name, of_field in errors.error_dict.items():
                known = name if name in self.fields else NON_FIELD_ERRORS
                told.setdefault(known, []).extend(of_field)
            errors = ValidationError(told)
        super()._update_errors(errors)  # type: ignore[misc]
