"""Health for load balancers: open to everybody, so without names and numbers."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.monitoring.health import check_parts
from integrations.monitoring.metrics import exposition

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOPBACK = {"127.0.0.1", "::1"}


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as this web process runs."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with numbers for Prometheus, to whoever holds ``METRICS_TOKEN``.

    Without such a token, to this machine alone, and not through a proxy.
    """
    if not _may_read_metrics(request):
        raise PermissionDenied
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


def _may_read_metrics(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN:
        is_right = constant_time_compare(token.strip(), settings.METRICS_TOKEN)
        return scheme.lower() == "bearer" and is_right
    is_forwarded = "X-Forwarded-For" in request.headers
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works, 503 when one does not; name each."""
    parts = check_parts()
    is_ready = all(part.is_ok for part in parts)
    words = {part.name: "ok" if part.is_ok else part.reason for part in parts}
    return JsonResponse(
        {
            "status": "ready" if is_ready else "unavailable",
            "parts": {"web": "ok", **words},
        },
        status=200 if is_ready else 503,
    )
