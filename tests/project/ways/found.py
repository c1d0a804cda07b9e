"""Every way of writing that the registries know."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.management import get_commands
from django.test import RequestFactory
from django.urls import get_resolver

from organizations.models import Membership, Organization
from organizations.roles import Role
from people_hr.celery import app as celery_app

OURS = (
    "organizations",
    "employees",
    "leave",
    "attendance",
    "integrations",
    "people_hr",
)


WRITING_METHODS = ("post", "put", "patch", "delete")


def owners_request() -> Any:
    """Return a request of an owner, who may do everything."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    membership = Membership(organization=Organization(), role=Role.OWNER)
    request.access = Everything(membership)
    return request


class Everything:
    """An access that allows every scope, to see every action."""

    def __init__(self, membership: Membership) -> None:
        self.organization = membership.organization

    def allows(self, scope: str) -> bool:
        return True


def admin_ways() -> Iterator[str]:
    request = owners_request()
    for model, model_admin in admin.site._registry.items():
        name = model._meta.label_lower
        for url in model_admin.get_urls():
            if url.name:
                yield f"admin {url.name}"
        for action in model_admin.get_actions(request):
            yield f"admin {name} action {action}"
        for inline in model_admin.inlines:
            yield f"admin {name} inline {inline.model._meta.label_lower}"
        if model_admin.list_editable:
            yield f"admin {name} editable list"


def routes(resolver: Any, namespace: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            if entry.namespace != "admin":
                yield from routes(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry.callback


def api_methods(view: Any) -> list[str]:
    if hasattr(view, "actions"):
        return [method for method in view.actions if method in WRITING_METHODS]
    return [name for name in WRITING_METHODS if hasattr(view.cls, name)]


def url_ways() -> Iterator[str]:
    for name, view in routes(get_resolver()):
        if name.startswith("api:"):
            yield from (f"{method.upper()} {name}" for method in api_methods(view))
        else:
            yield f"page {name}"


def command_ways() -> Iterator[str]:
    for name, app in get_commands().items():
        if str(getattr(app, "name", app)).startswith(OURS):
            yield f"command {name}"


def _service_files(app: Path) -> list[Path]:
    """Return an app's services: a file, or the files of a package."""
    inside = [file for file in app.rglob("services/*.py") if file.stem != "__init__"]
    return [*app.rglob("services.py"), *inside]


def service_ways() -> Iterator[str]:
    for config in apps.get_app_configs():
        if not config.name.startswith(OURS):
            continue
        for path in _service_files(Path(config.path)):
            inside = path.relative_to(config.path).with_suffix("").parts
            module = importlib.import_module(".".join([config.name, *inside]))
            for name, function in vars(module).items():
                is_own = getattr(function, "__module__", "") == module.__name__
                if is_own and inspect.isroutine(function) and not name.startswith("_"):
                    yield f"service {module.__name__}.{name}"


def task_ways() -> Iterator[str]:
    celery_app.loader.import_default_modules()
    for name in celery_app.tasks:
        if name.startswith(OURS):
            yield f"task {name}"


def every_way() -> set[str]:
    return {
        *admin_ways(),
        *url_ways(),
        *command_ways(),
        *service_ways(),
        *task_ways(),
    }
