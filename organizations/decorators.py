"""Who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import redirect

Page = Callable[..., HttpResponseBase]


def scope_required(scope: str) -> Callable[[Page], Page]:
    """Open a page to members whose role carries the scope.

    Strangers are asked to log in, users without a membership are told so, members
    without the scope get 403.
    """

    def restrict(page: Page) -> Page:
        @wraps(page)
        def restricted(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.access is None:
                return redirect("organizations:choose")
            if not request.access.allows(scope):
                raise PermissionDenied
            return page(request, *args, **kwargs)

        return login_required(restricted)

    return restrict
