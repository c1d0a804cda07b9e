"""One question, closed by default. Stands alone: DRF imports it while it loads."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from organizations.access import OrganizationAccess
from organizations.reach import OutOfReach, Reach


class MissingScope(exceptions.PermissionDenied):
    """The credentials are good, but lack one scope, which is named."""

    default_code = "missing_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(_("This needs the scope %(scope)s.") % {"scope": scope})
        self.scope = scope

    @property
    def problem_members(self) -> dict[str, str]:
        """What the problem document says beyond its usual members."""
        return {"missing_scope": self.scope}


class HasScope(BasePermission):
    """Allow requests whose credentials carry the scope the view asks for.

    A view that declares no scope is closed, so forgetting one fails safe.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the request may go on; strangers are asked who they are.

        Who asks for a method that the view does not have is told that (405): there is
        no scope to ask for.

        Raises:
            MissingScope: for a caller who is known, naming the scope that is missing.
        """
        access = request.auth
        if not isinstance(access, OrganizationAccess):
            return False
        if not hasattr(view, (request.method or "").lower()):
            return True
        scope = scope_asked(view, request.method or "")
        _refuse(access, scope, view)
        return scope is not None


def refuse_unscoped(request: Request, view: Any) -> None:
    """Refuse to read of another view's records along with one's own.

    Raises:
        MissingScope: naming the scope that is missing.
        OutOfReach: when a restricted credential sees nothing of them.
    """
    assert isinstance(request.auth, OrganizationAccess)
    _refuse(request.auth, view.read_scope, view)


def _refuse(access: OrganizationAccess, scope: str | None, view: Any) -> None:
    if scope is not None and scope not in access.scopes:
        raise MissingScope(scope)
    if access.reach is not None and not _lies_within(access.reach, view):
        raise OutOfReach


def _lies_within(reach: Reach, view: Any) -> bool:
    """Say whether a view shows nothing but rows that the fence has narrowed.

    A view of a model asks the model; another says so of itself, by ``within_reach``.
    """
    model = getattr(view, "model", None)
    if model is not None:
        return reach.opens(model)
    return bool(getattr(view, "within_reach", False))


def scope_asked(view: Any, method: str) -> str | None:
    """Return the scope that a view asks for, to be read, written or deleted from."""
    if method in SAFE_METHODS:
        kind = "read_scope"
    else:
        kind = "delete_scope" if method == "DELETE" else "write_scope"
    scope: str | None = getattr(view, kind, None)
    return scope
