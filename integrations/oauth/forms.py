"""The form of an app: addresses a line each, scopes to tick."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
)

from integrations.oauth.models import Application
from integrations.oauth.scopes import GRANTABLE
from organizations.admin import RecordForm


class LinesField(forms.CharField):
    """A list, a line each."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget({"rows": 3}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = super().to_python(value) or ""
        return [line.strip() for line in lines.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        before: list[str] = self.to_python(self.prepare_value(initial or []))
        after: list[str] = self.to_python(data)
        return before != after


def scope_choices() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return what an app may be allowed, in groups by subject."""
    grouped = groupby(GRANTABLE.items(), key=lambda entry: entry[0].split(":")[0])
    return [
        (_heading(subject), [(scope, words) for scope, words in entries])
        for subject, entries in grouped
    ]


def _heading(subject: str) -> str:
    return subject.replace("_", " ").capitalize().replace("Api", "API")


class ApplicationForm(RecordForm):
    """What an app is called, how it runs, where it answers and what it may do."""

    redirect_uris = LinesField(
        label=_("Redirect addresses"),
        required=False,
        help_text=Application._meta.get_field("redirect_uris").help_text,
    )
    post_logout_redirect_uris = LinesField(
        label=_("Addresses after logging out"),
        required=False,
        help_text=Application._meta.get_field("post_logout_redirect_uris").help_text,
    )
    allowed_scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=Application._meta.get_field("allowed_scopes").help_text,
    )

    class Meta:
        model = Application
        fields = [
            "name",
            "maker",
            "kind",
            "redirect_uris",
            "post_logout_redirect_uris",
            "allowed_scopes",
            "is_enabled",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["allowed_scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = scope_choices()

    def _get_validation_exclusions(self) -> set[str]:
        """Leave out what the service sets; the constraint on the secret goes along."""
        made = {"client_id", "owner", "secret_digest"}
        return super()._get_validation_exclusions() | made
