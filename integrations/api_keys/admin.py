"""API keys, for whoever looks after all of them: found, stopped, ended together.

One key is made, changed and replaced on its own pages, which show its secret once.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from integrations.api_keys.models import ApiKey
from integrations.api_keys.services import (
    adopt_key,
    delete_key,
    disable_key,
    enable_key,
    revoke_key,
)
from organizations.admin import OrganizationModelAdmin, display, tell_refusal

#: How many keys one action ends or switches at most.
AT_ONCE = 100


class StateFilter(DropdownFilter):  # type: ignore[misc]
    """What a key is now."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ApiKey.State.choices)

    def queryset(self, request: Any, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset & ApiKey.objects.in_state(self.value())


class UnusedFilter(DropdownFilter):  # type: ignore[misc]
    """The report of keys that nobody uses."""

    title = gettext_lazy("unused for")
    parameter_name = "unused_days"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("30", gettext_lazy("30 days")),
            ("90", gettext_lazy("90 days")),
            ("365", gettext_lazy("a year")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() not in {"30", "90", "365"}:
            return queryset
        unused = ApiKey.objects.unused_for(int(self.value()))
        return queryset.filter(pk__in=unused.order_by().values("pk"))


@admin.register(ApiKey)
class ApiKeyAdmin(OrganizationModelAdmin):
    """Keys with state, end and last use; decisions are actions over the services."""

    read_scope = "api_keys:read"
    write_scope = "api_keys:manage"
    delete_scope = "api_keys:delete"
    form = ModelForm
    change_form_before_template = None
    change_form_outer_before_template = "admin/api_keys/key_buttons.html"
    list_display = ["named", "condition", "owner", "expires_at", "last_used"]
    list_filter = [StateFilter, "environment", UnusedFilter]
    list_select_related = ["owner", "use"]
    search_fields = ["name", "key_id", "owner__email"]
    search_help_text = gettext_lazy("A name, the key's id or its owner's address")
    actions = ["switch_off", "switch_on", "take_over", "revoke"]
    fields = [
        ("name", "public_part"),
        ("state_in_words", "owner"),
        "scopes",
        ("networks", "hourly_quota"),
        ("starts_at", "expires_at"),
        ("last_used", "last_used_from"),
        ("revoked_by", "revocation_reason"),
        ("is_canary", "replaced_by"),
    ]
    readonly_fields = [
        "name",
        "public_part",
        "state_in_words",
        "owner",
        "scopes",
        "networks",
        "hourly_quota",
        "starts_at",
        "expires_at",
        "last_used",
        "last_used_from",
        "revoked_by",
        "revocation_reason",
        "is_canary",
        "replaced_by",
    ]

    @display(description=gettext_lazy("key"), header=True)
    def named(self, key: ApiKey) -> list[str]:
        return [key.name, key.public_part]

    @display(
        description=gettext_lazy("state"),
        label={
            "active": "success",
            "frozen": "warning",
            "revoked": "danger",
            **dict.fromkeys(("disabled", "expired", "not_yet_valid"), "info"),
        },
    )
    def condition(self, key: ApiKey) -> tuple[str, str]:
        return key.state, str(ApiKey.State(key.state).label)

    @display(description=gettext_lazy("state"))
    def state_in_words(self, key: ApiKey) -> str:
        return str(ApiKey.State(key.state).label)

    @display(description=gettext_lazy("last used"), ordering="use__last_used_at")
    def last_used(self, key: ApiKey) -> str:
        use = getattr(key, "use", None)
        return _("%s ago") % timesince(use.last_used_at) if use else _("never")

    @display(description=gettext_lazy("from, for"))
    def last_used_from(self, key: ApiKey) -> str:
        use = getattr(key, "use", None)
        return f"{use.address}, {use.endpoint}" if use else "-"

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """Keys are acted on in the list; one key's settings change on its own page."""
        return obj is None and super().has_change_permission(request)

    def add_view(
        self, request: Any, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Go to the form of the page, which shows the new key once.

        Raises:
            PermissionDenied: for whoever may not make keys.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("api_keys:new")

    def delete_model(self, request: Any, obj: ApiKey) -> None:
        delete_key(obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            delete_key(key)

    @admin.action(
        description=gettext_lazy("Switch selected keys off"), permissions=["change"]
    )
    def switch_off(self, request: Any, keys: QuerySet[ApiKey]) -> None:
        self._act(request, keys, disable_key)

    @admin.action(
        description=gettext_lazy("Switch selected keys on"), permissions=["change"]
    )
    def switch_on(self, request: Any, keys: QuerySet[ApiKey]) -> None:
        self._act(request, keys, enable_key)

    @admin.action(
        description=gettext_lazy("Take selected keys over"), permissions=["change"]
    )
    def take_over(self, request: Any, keys: QuerySet[ApiKey]) -> None:
        self._act(request, keys, lambda key: adopt_key(key, request.user))

    @admin.action(
        description=gettext_lazy("Revoke selected keys for good"),
        permissions=["change"],
    )
    def revoke(self, request: Any, keys: QuerySet[ApiKey]) -> None:
        self._act(request, keys, lambda key: revoke_key(key, reason=_("in the admin")))

    def _act(
        self, request: Any, keys: QuerySet[ApiKey], act: Callable[[ApiKey], ApiKey]
    ) -> None:
        """Act on each by itself; each refusal is told with the key's name."""
        for key in keys[:AT_ONCE]:
            try:
                with transaction.atomic():
                    acted = act(key)
            except ValidationError as error:
                tell_refusal(request, error, key)
            else:
                self.log_change(request, acted, str(ApiKey.State(acted.state).label))
