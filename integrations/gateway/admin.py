"""Where an organization says which pages may call the API."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from integrations.gateway.models import AllowedOrigin
from integrations.gateway.services import delete_origin, save_origin
from organizations.admin import OrganizationModelAdmin


@admin.register(AllowedOrigin)
class AllowedOriginAdmin(OrganizationModelAdmin):
    """Origins count within two seconds of being saved, and of being removed."""

    read_scope = "organization:read"
    write_scope = "organization:manage"
    list_display = ["origin", "note", "updated_at"]
    search_fields = ["origin", "note"]
    fieldsets = [
        (
            None,
            {
                "fields": ["origin", "note"],
                "description": _(
                    "Pages of these origins may call the API from a browser with your "
                    "organization's tokens. Programs that are no pages need no entry."
                ),
            },
        )
    ]

    def add_record(self, request: Any, form: Any) -> AllowedOrigin:
        return save_origin(form.instance)

    def change_record(self, request: Any, form: Any) -> None:
        save_origin(form.instance)

    def delete_model(self, request: Any, obj: AllowedOrigin) -> None:
        delete_origin(obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[AllowedOrigin]) -> None:
        for allowed in queryset:
            delete_origin(allowed)
