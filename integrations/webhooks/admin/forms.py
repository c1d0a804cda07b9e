"""The form of an endpoint, with every event to choose from."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
)

from integrations.webhooks.matching import EVERYTHING
from integrations.webhooks.models import Endpoint
from organizations.admin import RecordForm
from organizations.events import EventType


def _noun(declared: EventType) -> str:
    return declared.name.partition(".")[0]


def event_choices() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return all that an endpoint may ask for, in groups: all, by noun, by name."""
    groups: list[tuple[str, list[tuple[str, Any]]]] = [
        ("", [(EVERYTHING, _("* · Everything"))])
    ]
    for noun, declared in groupby(EventType.all(), key=_noun):
        pattern = f"{noun}.{EVERYTHING}"
        whole = (pattern, _("%s · All of these") % pattern)
        each = [(kind.name, f"{kind.name} · {kind.description}") for kind in declared]
        groups.append((noun.replace("_", " ").capitalize(), [whole, *each]))
    return groups


class EndpointForm(RecordForm):
    """Where events go, and which; the secret is made for it and never typed."""

    events = forms.MultipleChoiceField(
        label=_("Events"), widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Endpoint
        fields = ["name", "url", "events", "description", "is_enabled"]
        widgets = {"description": UnfoldAdminTextareaWidget({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = self.fields["events"]
        assert isinstance(events, forms.MultipleChoiceField)
        events.choices = event_choices()

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"encrypted_secret"}
