"""One question, closed by default. Stands alone: DRF imports it while it loads."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from organizations.access import OrganizationAccess


class HasScope(BasePermission):
    """Allow requests whose credentials carry the scope the view asks for.

    A view that declares no scope is closed, so forgetting one fails safe.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        access = request.auth
        if not isinstance(access, OrganizationAccess):
            return False
        kind = "read_scope" if request.method in SAFE_METHODS else "write_scope"
        return getattr(view, kind, None) in access.scopes
