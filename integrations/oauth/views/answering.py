"""What the endpoints have in common."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from oauth2_provider.http import OAuth2ResponseRedirect
from oauth2_provider.views.mixins import OAuthLibMixin
from oauthlib.common import add_params_to_uri

from integrations.audit.repeated import Repeated, tally
from integrations.oauth import identity
from integrations.oauth.models import Application
from integrations.oauth.redirects import origin_of, scheme_of
from integrations.oauth.validation.clients import calling
from integrations.rate_limits.addresses import address_subject, client_address
from integrations.rate_limits.headers import QuotaExceeded
from integrations.rate_limits.limiter import take
from integrations.rate_limits.policies import BAD_PROOFS, layers_before
from integrations.rate_limits.security import attempt
from organizations.access import (
    Credential,
    CredentialKind,
    OrganizationAccess,
    acting,
)
from organizations.security import SecurityKind

#: Parameters that may be repeated (RFC 8707, section 2).
REPEATABLE = frozenset({"resource"})
PREFLIGHT_SECONDS = 600


class OAuthError(Exception):
    """A refusal in the words of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def refuse_repeated(parameters: Any) -> None:
    """Refuse parameters that stand twice: readers differ in which one counts.

    Raises:
        OAuthError: naming the first.
    """
    for name, values in parameters.lists():
        if len(values) > 1 and name not in REPEATABLE:
            raise OAuthError("invalid_request", f"Duplicate {name[:40]} parameter.")
        if any("\0" in value for value in values):
            raise OAuthError("invalid_request", f"NUL in {name[:40]}.")


def with_form_target(response: HttpResponse, address: str | None) -> HttpResponse:
    """Let the page's form lead to an app: browsers hold redirects against the policy.

    Chromium applies ``form-action`` to every redirect that follows a form.
    """
    if address:
        target = origin_of(address) or f"{scheme_of(address)}:"
        response._csp_update = {"form-action": [target]}  # type: ignore[attr-defined]
    return response


def answer_app(
    application: Application, address: str, parameters: Mapping[str, str | None]
) -> HttpResponse:
    """Send the browser back to an app, and say who sends it (RFC 9207)."""
    told = {**parameters, "iss": identity.issuer()}
    pairs = [(name, value) for name, value in told.items() if value]
    response: HttpResponse = OAuth2ResponseRedirect(
        add_params_to_uri(address, pairs), application.get_allowed_schemes()
    )
    return response


class Unfenced(OAuthLibMixin, View):  # type: ignore[misc]
    """A view that is of no organization until an app or a token has named one.

    A browser that happens to be logged in elsewhere must not change what apps get.
    """

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        with acting(None):
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


@method_decorator(csrf_exempt, name="dispatch")
class Endpoint(Unfenced):
    """An endpoint that apps call, not people: JSON, no cookies, CORS by app.

    Where apps prove who they are, an address that failed too often waits.
    """

    http_method_names = ["post", "options"]
    apps_prove_themselves = True

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = self._limited(request, *args, **kwargs)
        origin = request.headers.get("Origin")
        if origin and request.method != "OPTIONS":
            response.headers["Vary"] = "Origin"
            if self.may_read(request, origin):
                response.headers["Access-Control-Allow-Origin"] = origin
        return response

    def _limited(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Answer, unless the address asks too fast or has failed too often."""
        address = client_address(request)
        proves = self.apps_prove_themselves and request.method == "POST"
        verdict = take(
            layers_before(address, shows_credential=False, asks_for_token=proves)
        )
        if not verdict.is_allowed:
            return _too_often(QuotaExceeded(verdict), address)
        calling.set(None)
        response = super().dispatch(request, *args, **kwargs)
        application = calling.get()
        if application is not None and response.status_code < HTTPStatus.BAD_REQUEST:
            request.answered_as = access_of(application)  # type: ignore[attr-defined]
        if proves and response.status_code == HTTPStatus.UNAUTHORIZED:
            attempt(BAD_PROOFS, address_subject(address))
        return response

    def may_read(self, request: HttpRequest, origin: str) -> bool:
        """Say whether pages of an origin may read the answer."""
        application = Application._base_manager.filter(
            client_id=request.POST.get("client_id", "").replace("\0", "")
        ).first()
        return application is not None and application.origin_allowed(origin)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let pages ask; whether they may read the answer is decided with it."""
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        origin = request.headers.get("Origin", "")
        if urlsplit(origin).scheme in {"http", "https"} and "," not in origin:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Methods"] = "GET, POST"
            response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
            response["Vary"] = "Origin"
        return response

    def refuse_odd_requests(self, request: HttpRequest) -> None:
        """Credentials come in the header or the body, each parameter once.

        Raises:
            OAuthError: otherwise.
        """
        if request.META.get("QUERY_STRING"):
            raise OAuthError("invalid_request", "Parameters belong into the body.")
        refuse_repeated(request.POST)


def access_of(application: Application) -> OrganizationAccess:
    """Return whom the call log names: the app. It opens nothing."""
    credential = Credential(CredentialKind.OAUTH, str(application.pk), application.name)
    return OrganizationAccess(
        application.organization, "oauth_app", credential.id, credential=credential
    )


def _too_often(error: QuotaExceeded, address: str) -> HttpResponse:
    reason = error.verdict.violated[0]
    tally.note(Repeated(SecurityKind.LIMIT_EXCEEDED, address=address, reason=reason))
    response = refusal(
        OAuthError("temporarily_unavailable", str(error.detail)), error.status_code
    )
    for name, text in error.headers.items():
        response.headers[name] = text
    return response


def refusal(error: OAuthError, status: int = HTTPStatus.BAD_REQUEST) -> JsonResponse:
    """Return a refusal as JSON."""
    return JsonResponse(
        {"error": error.error, "error_description": error.description}, status=status
    )
