"""Health for load balancers: open to everybody, so without names and numbers."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations.monitoring.health import check_parts


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as this web process runs."""
    return JsonResponse({"status": "ok"})


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
