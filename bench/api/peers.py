"""What others put before the same list: their keys, tokens, throttles and log.

Each view is ours, with their check in place of our door; whom it finds acts for the
one organization of the benchmark, at no further cost.
"""

import time
from typing import Any

import bcrypt
from knox.auth import TokenAuthentication as Knox
from rest_framework import authentication, permissions, throttling
from rest_framework.request import Request
from rest_framework_api_key.permissions import HasAPIKey
from rest_framework_simplejwt.authentication import JWTAuthentication

from bench.api.models import UsualCall
from employees.api import EmployeeViewSet
from organizations.access import OrganizationAccess
from organizations.authentication import admit

#: Filled by the benchmark: for whom everybody acts, and the hash of the usual key.
ACCESS: dict[str, OrganizationAccess] = {}
HASHES: dict[str, bytes] = {}


def _act(request: Request) -> tuple[Any, OrganizationAccess]:
    return admit(request, ACCESS["owner"])


class Nobody(authentication.BaseAuthentication):
    """No check at all."""

    def authenticate(self, request: Request) -> Any:
        return _act(request)


class KnoxAuthentication(Knox):
    def authenticate(self, request: Request) -> Any:
        return super().authenticate(request) and _act(request)


class StatelessToken(JWTAuthentication):
    """simplejwt with its query for the user."""

    def authenticate(self, request: Request) -> Any:
        return super().authenticate(request) and _act(request)


class PlainBcrypt(authentication.BaseAuthentication):
    """bcrypt at each request, as first thoughts would have it."""

    def authenticate(self, request: Request) -> Any:
        key = request.headers["X-API-Key"].encode()
        assert bcrypt.checkpw(key, HASHES["bcrypt"])
        return _act(request)


class PerCaller(throttling.SimpleRateThrottle):
    rate = "1000000/hour"
    scope = "caller"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"throttle_{self.scope}_one"


class PerEndpoint(PerCaller):
    scope = "endpoint"


class Global(PerCaller):
    scope = "global"


class Listing(EmployeeViewSet):
    """The list of employees, open to whom the check lets in."""

    authentication_classes = (Nobody,)


class ByBcrypt(Listing):
    authentication_classes = (PlainBcrypt,)


class ByKnox(Listing):
    authentication_classes = (KnoxAuthentication,)


class BySimpleJwt(Listing):
    authentication_classes = (StatelessToken,)


class ByApiKey(Listing):
    permission_classes = (HasAPIKey, permissions.AllowAny)


class ByApiKeyThrottled(ByApiKey):
    throttle_classes = (PerCaller, PerEndpoint, Global)


class ByApiKeyThrottledLogged(ByApiKeyThrottled):
    """With the synchronous log of the usual middleware."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        response = super().dispatch(request, *args, **kwargs)
        UsualCall.objects.create(
            method=request.method,
            path=request.path,
            status=response.status_code,
            address=request.META.get("REMOTE_ADDR", ""),
            agent=request.META.get("HTTP_USER_AGENT", ""),
            duration_ms=int((time.perf_counter() - begun) * 1000),
        )
        return response


PEERS: dict[str, type[Listing]] = {
    "no-check": Listing,
    "bcrypt": ByBcrypt,
    "knox": ByKnox,
    "simplejwt": BySimpleJwt,
    "drf-api-key": ByApiKey,
    "drf-api-key-throttled": ByApiKeyThrottled,
    "drf-api-key-throttled-logged": ByApiKeyThrottledLogged,
}
