"""Actions of the admin that call a service for each selected record."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from leave.admin.pages import ReasonForm, form_page
from organizations.admin import tell_refusal

AT_ONCE = 500


def decide(
    request: Any, model_admin: Any, rows: Iterable[Any], take: Callable[[Any], object]
) -> None:
    """Decide about each separately; each refusal is told with its name."""
    for row in rows:
        try:
            with transaction.atomic():
                take(row)
        except ValidationError as error:
            tell_refusal(request, error, row)
        except PermissionDenied as error:
            messages.error(request, f"{row}: {error}")
        else:
            row.refresh_from_db()
            words = model_admin.words_of(row)
            model_admin.log_change(request, row, words)
            messages.success(request, f"{row}: {words}")


def decide_with_reason(
    request: Any,
    model_admin: Any,
    rows: QuerySet[Any],
    take: Callable[[Any, str], object],
    *,
    action: str,
    title: str,
) -> HttpResponse | None:
    """Ask for a reason; once it is given, decide about each and return None."""
    form = ReasonForm(request.POST if "answered" in request.POST else None)
    chosen = list(rows[:AT_ONCE])
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        decide(request, model_admin, chosen, lambda row: take(row, reason))
        return None
    opts = model_admin.opts
    return form_page(
        request,
        model_admin,
        form,
        title=title,
        button=title,
        back=reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
        facts=[str(row) for row in chosen],
        chosen=[row.pk for row in chosen],
        action=action,
        action_checkbox_name=helpers.ACTION_CHECKBOX_NAME,
    )
