"""Clients of the API, for tests of several areas."""

from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

from organizations.models import Membership, Organization
from organizations.roles import Role
from organizations.tokens import open_family
from tests.factories import MembershipFactory


class ApiClient(Client):
    """A member who calls the API with an access token and JSON bodies."""

    def __init__(self, membership: Membership) -> None:
        access = open_family(membership).access
        super().__init__(headers={"Authorization": f"Bearer {access}"})
        self.membership = membership

    def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> HttpResponse:
        """Call with a JSON body; ``if_match="…"`` becomes the header If-Match."""
        return self.generic(
            method,
            path,
            b"" if body is None else orjson.dumps(body),
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def api_client(
    role: Role = Role.OWNER, organization: Organization | None = None
) -> ApiClient:
    """Return the client of a new member; without an organization, of a new one."""
    belongs = {"organization": organization} if organization else {}
    return ApiClient(MembershipFactory(role=role, **belongs))


def shown(values: Any) -> Any:
    """Return values as they look after a trip through JSON."""
    return orjson.loads(orjson.dumps(values, option=orjson.OPT_UTC_Z))
