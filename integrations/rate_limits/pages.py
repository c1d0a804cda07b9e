"""Limits of plain pages, such as logging in: django-ratelimit, with our settings.

Its fixed windows (so up to twice the quota around a window's edge) are enough where
passwords are guarded further: wrong ones are counted for each account.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django_ratelimit.core import get_usage

from integrations.rate_limits.addresses import address_subject, client_address
from integrations.rate_limits.security import attempt
from organizations.security import SecurityKind, tell

View = Callable[..., HttpResponseBase]


def page_limit(policy_name: str) -> Callable[[View], View]:
    """Limit how often an address may post to a page, by a policy of the settings.

    Beyond it the answer is a page with status 429 that says when to come back. Where
    the cache does not answer, the exact log of this process counts.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            wait = _wait_seconds(request, policy_name)
            if wait:
                return _come_back_later(request, wait)
            return view(request, *args, **kwargs)

        return limited

    return decorate


def _wait_seconds(request: HttpRequest, policy_name: str) -> int:
    """Count a post; return how long to wait, 0 where it may go on."""
    if request.method != "POST":
        return 0
    try:
        usage = get_usage(
            request,
            group=f"page:{policy_name}",
            key=_subject_of,
            rate=settings.RATE_LIMITS[policy_name],
            increment=True,
        )
    except redis.RedisError:
        return attempt(policy_name, _subject_of("", request)).retry_after_seconds
    if not usage or not usage["should_limit"]:
        return 0
    _tell_once(usage, policy_name, client_address(request))
    return max(1, int(usage["time_left"]))


def _subject_of(group: str, request: HttpRequest) -> str:
    return address_subject(client_address(request))


def _tell_once(usage: Mapping[str, int], policy_name: str, address: str) -> None:
    """A flood is one event in each window, not one for each request."""
    if usage["count"] == usage["limit"] + 1:
        tell(SecurityKind.LIMIT_EXCEEDED, reason=policy_name, address=address)


def _come_back_later(request: HttpRequest, wait: int) -> HttpResponseBase:
    response = render(request, "429.html", {"wait_seconds": wait}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
