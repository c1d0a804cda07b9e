"""The pages of API keys, for owners: make, watch, rotate and end them."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from integrations.api_keys.forms import (
    ChangeKeyForm,
    NewKeyForm,
    PolicyForm,
    RotationForm,
)
from integrations.api_keys.models import ApiKey, KeyPolicy
from integrations.api_keys.services import (
    CreatedKey,
    adopt_key,
    create_key,
    disable_key,
    enable_key,
    revoke_key,
    rotate_key,
    set_policy,
    update_key,
)
from integrations.audit.charts import HEIGHT, WIDTH, bars
from integrations.audit.usage import Bucket, Summary, summary_of
from organizations.decorators import scope_required
from organizations.models import StaleRecord
from organizations.roles import SCOPES

USAGE_SPAN = dt.timedelta(days=30)
UNUSED_DAYS = 90


@scope_required("api_keys:read")
@require_safe
def key_list(request: Any) -> HttpResponse:
    """List every key with its state and its last use, and what somebody should do."""
    rows = ApiKey.objects.select_related("owner", "use").order_by("name", "id")
    keys = list(rows)
    unused = set(ApiKey.objects.unused_for(UNUSED_DAYS).values_list("pk", flat=True))
    kept = KeyPolicy.objects.first() or KeyPolicy()
    return render(
        request,
        "api_keys/list.html",
        {
            "keys": keys,
            "frozen": [key for key in keys if key.state == ApiKey.State.FROZEN],
            "unused": [key for key in keys if key.pk in unused],
            "unused_days": UNUSED_DAYS,
            "policy": PolicyForm(
                initial={
                    "max_lifetime_days": kept.max_lifetime_days,
                    "outlives_password": kept.outlives_password,
                }
            ),
        },
    )


@scope_required("api_keys:manage")
@require_http_methods(["GET", "POST"])
def new_key(request: Any) -> HttpResponse:
    """Show the form; on a valid answer make the key and show it, this once."""
    form = NewKeyForm(
        request.POST or None,
        organization=request.organization,
        offered=request.access.scopes,
    )
    if request.method == "POST" and form.is_valid():
        try:
            created = create_key(request.organization, **form.settings_of_key())
        except ValidationError as error:
            _tell_on(form, error)
        else:
            return _show_once(request, created)
    return render(request, "api_keys/form.html", {"form": form})


@scope_required("api_keys:manage")
@require_http_methods(["GET", "POST"])
def change(request: Any, key_id: UUID) -> HttpResponse:
    """Show the form of a key's settings; a valid answer is kept."""
    key = get_object_or_404(ApiKey.objects, pk=key_id)
    form = ChangeKeyForm(
        request.POST or None,
        organization=request.organization,
        offered=request.access.scopes | set(key.scopes),
        initial=ChangeKeyForm.initial_of(key),
    )
    if request.method == "POST" and form.is_valid():
        try:
            _refuse_stale(key, form)
            update_key(key, **form.settings_of_key())
        except ValidationError as error:
            _tell_on(form, error)
        else:
            return redirect("api_keys:key", key.pk)
    return render(request, "api_keys/form.html", {"form": form, "key": key})


def _refuse_stale(key: ApiKey, form: ChangeKeyForm) -> None:
    if form.cleaned_data["version"] not in (None, key.version):
        raise StaleRecord


def _tell_on(form: Any, error: ValidationError) -> None:
    """Show what a service refuses at its field, or above the form."""
    fields = getattr(error, "error_dict", {})
    is_shown = bool(fields) and fields.keys() <= form.fields.keys()
    form.add_error(None, error if is_shown else error.messages)


@scope_required("api_keys:read")
@require_safe
def key_page(request: Any, key_id: UUID) -> HttpResponse:
    """Show a key: what it may do, how it was used in the last 30 days."""
    rows = ApiKey.objects.select_related("owner", "use", "replaced_by", "revoked_by")
    key = get_object_or_404(rows, pk=key_id)
    now = timezone.now()
    summary = summary_of(
        request.organization,
        since=now - USAGE_SPAN,
        until=now,
        bucket=Bucket.DAY,
        credential_id=key.key_id,
    )
    return render(
        request,
        "api_keys/key.html",
        {
            "key": key,
            "words": [(scope, SCOPES.get(scope, "")) for scope in key.scopes],
            "reached": key.reach,
            "rotation": RotationForm(),
            "is_open": key.state not in {"revoked", "expired"},
            "summary": summary,
            "chart": _chart(summary),
        },
    )


def _chart(summary: Summary) -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "bars": bars(summary.series),
        "most_calls": max((usage.calls for _at, usage in summary.series), default=0),
    }


@scope_required("api_keys:manage")
@require_POST
def rotate(request: Any, key_id: UUID) -> HttpResponse:
    """Make the key's successor and show it, this once."""
    key = get_object_or_404(ApiKey.objects, pk=key_id)
    form = RotationForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        created = rotate_key(key, overlap=form.overlap())
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("api_keys:key", key.pk)
    return _show_once(request, created)


def _show_once(request: HttpRequest, created: CreatedKey) -> HttpResponse:
    response = render(
        request, "api_keys/once.html", {"key": created.key, "text": created.text}
    )
    response["Cache-Control"] = "no-store"
    return response


ACTS: dict[str, Callable[[Any, ApiKey], object]] = {
    "revoke": lambda request, key: revoke_key(
        key, reason=request.POST.get("reason", "").replace("\0", "")[:200]
    ),
    "disable": lambda _request, key: disable_key(key),
    "enable": lambda _request, key: enable_key(key),
    "adopt": lambda request, key: adopt_key(key, request.user),
}


@scope_required("api_keys:manage")
@require_POST
def act(request: Any, key_id: UUID) -> HttpResponse:
    """Revoke a key, switch it off or on, or take it over."""
    key = get_object_or_404(ApiKey.objects, pk=key_id)
    chosen = ACTS.get(request.POST.get("act", ""))
    if chosen is None:
        raise Http404
    try:
        chosen(request, key)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Done: it holds from now on."))
    return redirect("api_keys:key", key.pk)


@scope_required("api_keys:manage")
@require_POST
def policy(request: Any) -> HttpResponse:
    """Keep how long new keys may live, and what a new password does."""
    form = PolicyForm(request.POST)
    if form.is_valid():
        set_policy(request.organization, **form.cleaned_data)
        messages.success(request, _("Kept: this holds from now on."))
    else:
        messages.error(request, str(form.errors["max_lifetime_days"][0]))
    return redirect("api_keys:list")
