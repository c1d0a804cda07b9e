"""The door of the API, and what accounts for every call, first and last to see it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework import exceptions

from integrations.api_keys import verification
from integrations.audit.calls import ApiCall, note_call
from integrations.gateway import limits, refusals
from integrations.gateway.addressing import refuse_malformed
from integrations.gateway.authentication import GatewayAuthentication
from integrations.gateway.credentials import shown_by
from integrations.gateway.passage import (
    API_PREFIX,
    LOGGED_PREFIXES,
    TOKEN_PREFIX,
    Passage,
    passage_of,
    route_of,
)
from integrations.rate_limits.addresses import address_subject, client_address
from integrations.rate_limits.headers import QuotaExceeded, write_headers
from integrations.rate_limits.policies import BAD_PROOFS
from integrations.rate_limits.security import attempt
from organizations.access import CredentialKind
from organizations.problems import plain_problem
from organizations.tracing import current_request_id


class CallLogMiddleware:
    """Account for each call of the API and of the OAuth server, whoever answers it.

    Preflights too, which are answered before they come to the door.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        if not request.path_info.startswith(LOGGED_PREFIXES):
            return self.get_response(request)
        request.passage = passage = Passage(client_address(request))
        response = self.get_response(request)
        note_call(_call(request, response, passage))
        return response


class GatewayMiddleware:
    """Limit and count the calls of the API; pages go by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        passage = open_passage(request)
        malformed = _malformed(request)
        if malformed is not None:
            passage.known_key = None  # no view will count the request
        refused = None if passage.known_key else _refused_before(request, passage)
        response = refused or malformed or self.get_response(request)
        _finish(request, response, passage)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Count what a known key does where nobody asks for its credentials."""
        if not request.path_info.startswith(API_PREFIX):
            return None
        passage = passage_of(request)
        if passage.known_key is None or _authenticates(view):
            return None
        passage.known_key = None
        return _refused_before(request, passage)


def _malformed(request: HttpRequest) -> HttpResponse | None:
    """Return the refusal of an address that cannot be read in one way alone."""
    try:
        refuse_malformed(request)
    except exceptions.APIException as error:
        return plain_problem(error, request.path, {})
    return None


def _refused_before(request: HttpRequest, passage: Passage) -> HttpResponse | None:
    """Count the request; return the refusal of one that comes too fast."""
    try:
        limits.charge_before(passage)
    except QuotaExceeded as error:
        return plain_problem(error, request.path, error.headers)
    return None


def open_passage(request: Any) -> Passage:
    """Begin the way of a request through the door."""
    passage = passage_of(request)
    passage.asks_for_token = request.method == "POST" and request.path_info.startswith(
        TOKEN_PREFIX
    )
    try:
        shown = shown_by(request)
    except exceptions.APIException:  # answered by the view, which says it properly
        return passage
    if shown and shown.kind == CredentialKind.API_KEY:
        passage.known_key = verification.warm(shown.text)
        passage.shows_unknown_credential = not verification.remembers(shown.text)
    return passage


def _authenticates(view: Any) -> bool:
    declared = getattr(getattr(view, "cls", None), "authentication_classes", ())
    return GatewayAuthentication in declared


def _finish(request: HttpRequest, response: Any, passage: Passage) -> None:
    write_headers(response, passage.states)
    for name, value in passage.headers.items():
        response.headers[name] = value
    if response.status_code in refusals.TOLD:
        refusals.note(response, passage, route_of(request))
    if passage.asks_for_token and response.status_code == HTTPStatus.UNAUTHORIZED:
        attempt(BAD_PROOFS, address_subject(passage.address))


def _call(request: Any, response: Any, passage: Passage) -> ApiCall:
    access = passage.access or getattr(request, "answered_as", None)
    credential = access.credential if access else None
    duration_us = passage.duration_us
    return ApiCall(
        occurred_at=timezone.now(),
        organization_id=access.organization.pk
        if access
        else getattr(request, "gives_tokens_of", None),
        actor_type=access.actor_type if access else "",
        actor_id=access.actor_id if access else None,
        credential_kind=credential.kind if credential else "",
        credential_id=credential.id if credential else "",
        method=request.method or "",
        route=route_of(request),
        status=response.status_code,
        address=passage.address,
        agent=request.META.get("HTTP_USER_AGENT", ""),
        duration_us=duration_us,
        bytes_in=_length(request.META.get("CONTENT_LENGTH")),
        bytes_out=0 if response.streaming else len(response.content),
        request_id=current_request_id(),
    )


def _length(header: str | None) -> int:
    return int(header) if header and header.isascii() and header.isdigit() else 0
