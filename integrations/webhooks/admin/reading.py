"""What the logs share: they are read, never written; ids are found as one has them."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib.admin.utils import flatten
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from organizations.admin import OrganizationModelAdmin
from organizations.events import EventType

STATUS_LABELS = {
    "delivered": "success",
    "failed": "danger",
    "retrying": "warning",
    "pending": "info",
}


class LogAdmin(OrganizationModelAdmin):
    """Rows that the product writes and people read."""

    form = ModelForm
    change_form_before_template = None
    list_filter_submit = True
    show_add_link = False

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return flatten(self.fields)


def searched_id(text: str) -> UUID | None:
    """Return the id that was typed: a UUID, or an event's with its prefix."""
    try:
        return UUID(text.strip().removeprefix("evt_"))
    except ValueError:
        return None


def pretty(body: str) -> SafeString:
    """Return an event's body as people read JSON."""
    indented = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    return format_html(
        '<pre class="overflow-x-auto whitespace-pre text-xs leading-relaxed">{}</pre>',
        indented,
    )


class EventTypeFilter(DropdownFilter):  # type: ignore[misc]
    """One of the declared types; ``lookup`` says where the type is found."""

    title = _("event")
    parameter_name = "type"
    lookup = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(declared.name, declared.name) for declared in EventType.all()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value():
            return queryset.filter(**{self.lookup: self.value()})
        return queryset
