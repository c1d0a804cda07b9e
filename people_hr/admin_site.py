"""The admin site: who may come in, and what it finds."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

FOUND_OF_A_KIND = 6


class HRAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """Open to members whose role holds ``admin:access``, whoever else they are.

    Logging in, logging out and passwords are the pages' business: one form for all.
    """

    index_title = _("Today")

    def register(
        self, model_or_iterable: Any, admin_class: Any = None, **options: Any
    ) -> None:
        """Take fenced admins alone: those that say which scope shows their rows.

        What other packages register (logins, groups, sessions) knows no organization:
        it would show everybody's rows to everybody.
        """
        if hasattr(admin_class, "read_scope"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: Any) -> bool:
        return request.access is not None and request.access.allows("admin:access")

    def admin_view(
        self, view: Callable[..., Any], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Ask strangers to log in; tell members who may not enter that they may not."""
        inner = super().admin_view(view, cacheable)

        def entered(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if request.access is None:
                return redirect("organizations:choose")
            if not self.has_permission(request):
                raise PermissionDenied
            response: HttpResponseBase = inner(request, *args, **kwargs)
            return response

        return update_wrapper(entered, view)

    def get_urls(self) -> list[Any]:
        """Leave out the shortcut to a record's page: it looks past the fence."""
        return [
            url
            for url in super().get_urls()
            if getattr(url, "name", None) != "view_on_site"
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Find records by name, the first few of each kind.

        The theme's own search remembers by user what it found, whichever organization
        the user worked for.
        """
        text = request.GET.get("s", "").strip()
        if not text:
            return HttpResponse()
        return TemplateResponse(
            request,
            "unfold/helpers/search_results.html",
            {"results": list(self._found(request, text))},
        )

    def _found(self, request: HttpRequest, text: str) -> Iterator[SearchResult]:
        for model, model_admin in self._registry.items():
            if not (
                model_admin.get_search_fields(request)
                and model_admin.has_view_permission(request)
            ):
                continue
            records = model_admin.get_queryset(request)
            records, _many = model_admin.get_search_results(request, records, text)
            opts = model._meta
            for record in records[:FOUND_OF_A_KIND]:
                yield SearchResult(
                    title=str(record),
                    description=capfirst(str(opts.verbose_name)),
                    link=reverse(
                        f"admin:{opts.app_label}_{opts.model_name}_change",
                        args=[record.pk],
                    ),
                    icon=None,
                )
