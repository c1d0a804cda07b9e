"""What people fill in about API keys."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.api_keys import networks
from integrations.api_keys.models import MAX_HOURLY_QUOTA, MAX_LIFETIME_DAYS, ApiKey
from organizations.models import Organization
from organizations.reach import dimensions
from organizations.roles import SCOPES

OVERLAPS = [
    (0, _("at once")),
    (1, _("in an hour")),
    (24, _("in a day")),
    (72, _("in three days")),
    (168, _("in seven days")),
]
REACH = "reach_"


def scope_choices(offered: Iterable[str]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return scopes in groups of their subject, in the order of the table of roles."""
    wanted = set(offered)
    shown = [scope for scope in SCOPES if scope in wanted]
    return [
        (
            subject.replace("_", " ").capitalize(),
            [(scope, SCOPES[scope]) for scope in scopes],
        )
        for subject, scopes in groupby(shown, key=lambda scope: scope.split(":")[0])
    ]


class MomentInput(forms.DateTimeInput):
    """A moment, chosen where the browser offers a calendar."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class ChangeKeyForm(forms.Form):
    """What can be said of a key that exists."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Which program uses it, and what for."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    networks = forms.CharField(
        label=_("From which networks"),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        required=False,
        max_length=5000,
        help_text=_("One on each line, as 203.0.113.0/24. Empty: from anywhere."),
    )
    starts_at = forms.DateTimeField(
        label=_("Valid from"), widget=MomentInput, required=False
    )
    expires_at = forms.DateTimeField(
        label=_("Valid until"), widget=MomentInput, required=False
    )
    hourly_quota = forms.IntegerField(
        label=_("Calls an hour"),
        min_value=1,
        max_value=MAX_HOURLY_QUOTA,
        required=False,
        help_text=_("Empty: what the installation allows each key."),
    )

    def __init__(
        self, *args: Any, organization: Organization, offered: Iterable[str], **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = scope_choices(offered)
        for dimension in dimensions():
            self.fields[REACH + dimension.name] = forms.ModelMultipleChoiceField(
                dimension.model.objects.for_organization(organization),
                label=dimension.label,
                required=False,
                help_text=_("None chosen: all."),
            )

    def clean_networks(self) -> list[str]:
        """Return the networks in their one form."""
        return networks.normalize(self.cleaned_data["networks"].split())

    def settings_of_key(self) -> dict[str, Any]:
        """Return what was filled in, as the services take it."""
        answers = {
            name: value
            for name, value in self.cleaned_data.items()
            if not name.startswith(REACH) and name != "version"
        }
        chosen = {
            name.removeprefix(REACH): [str(part.pk) for part in parts]
            for name, parts in self.cleaned_data.items()
            if name.startswith(REACH) and parts
        }
        return answers | {"reach": chosen}

    @staticmethod
    def initial_of(key: ApiKey) -> dict[str, Any]:
        """Return what a key says, as the form shows it."""
        return {
            "version": key.version,
            "name": key.name,
            "scopes": key.scopes,
            "networks": "\n".join(key.networks),
            "starts_at": key.starts_at,
            "expires_at": key.expires_at,
            "hourly_quota": key.hourly_quota,
            **{f"{REACH}{name}": parts for name, parts in key.reach.items()},
        }


class NewKeyForm(ChangeKeyForm):
    """What is said of a new key."""

    environment = forms.ChoiceField(
        label=_("Environment"), choices=ApiKey.Environment.choices, initial="live"
    )
    is_canary = forms.BooleanField(
        label=_("A canary"),
        required=False,
        help_text=_("A trap: it opens nothing, and whoever tries it raises an alarm."),
    )

    field_order = ("name", "environment", "scopes")


class RotationForm(forms.Form):
    """When a key that is replaced ends."""

    overlap_hours = forms.TypedChoiceField(
        label=_("The old key ends"), choices=OVERLAPS, coerce=int, initial=24
    )

    def overlap(self) -> dt.timedelta:
        """Return the overlap that was chosen."""
        return dt.timedelta(hours=self.cleaned_data["overlap_hours"])


class PolicyForm(forms.Form):
    """What the organization asks of its keys."""

    max_lifetime_days = forms.IntegerField(
        label=_("Longest life of new keys, in days"),
        min_value=1,
        max_value=MAX_LIFETIME_DAYS,
        required=False,
        help_text=_("Empty: they need not end."),
    )
    outlives_password = forms.BooleanField(
        label=_("Keys go on when their owner gets another password"),
        required=False,
        help_text=_("Otherwise they are frozen, until somebody takes them over."),
    )
