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


def _words(kind: EventType) -> str:
    """Say what an event means, and where no pattern takes it in."""
    words = f"{kind.name} · {kind.description}"
    return f"{words} {_('Only where it is chosen.')}" if kind.is_opt_in else words


def event_choices() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return all that an endpoint may ask for, in groups: all, by noun, by name."""
    groups: list[tuple[str, list[tuple[str, Any]]]] = [
        ("", [(EVERYTHING, _("* · Everything"))])
    ]
    for noun, declared in groupby(EventType.all(), key=_noun):
        kinds = list(declared)
        pattern = f"{noun}.{EVERYTHING}"
        choices = [(kind.name, _words(kind)) for kind in kinds]
        if not all(kind.is_opt_in for kind in kinds):
            choices.insert(0, (pattern, _("%s · All of these") % pattern))
        groups.append((noun.replace("_", " ").capitalize(), choices))
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
