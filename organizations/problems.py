"""Errors as problem documents (RFC 9457)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import orjson
from django.apps import apps
from django.conf import settings
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as BrokenRule
from django.db import DataError, IntegrityError
from django.db.models import BaseConstraint, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.defaults import bad_request as server_bad_request
from django.views.defaults import server_error
from rest_framework import exceptions, renderers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from organizations.json_bodies import Path, pointer, told
from organizations.models import OrganizationOwned, StaleRecord
from organizations.tracing import current_request_id

API_PREFIX = "/api/"
PROBLEM = "application/problem+json"


def problem_type(code: str) -> str:
    """Return the address of the page that explains a kind of problem."""
    return f"{settings.PUBLIC_URL}/problems/{code}/"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: the machine's word, the person's sentence, field by field."""

    status: HTTPStatus
    code: str
    detail: str
    errors: tuple[dict[str, Any], ...] = ()
    #: Members of this kind of problem alone, such as ``missing_scope``.
    members: Mapping[str, Any] = field(default_factory=dict)

    def document(self, instance: str) -> dict[str, Any]:
        """Return the members of the problem document."""
        document: dict[str, Any] = {
            "type": problem_type(self.code),
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "instance": instance,
        }
        if request_id := current_request_id():
            document["request_id"] = request_id
        if self.errors:
            document["errors"] = self.errors
        return {**document, **self.members}


def problem_details(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an error with a problem document; None for one that we did not expect.

    This is REST framework's ``EXCEPTION_HANDLER``.
    """
    problem = _problem(error)
    if problem is None:
        return None
    request: Request = context["request"]
    if request.method in SAFE_METHODS:
        problem = replace(problem, errors=tuple(map(_in_query, problem.errors)))
    answer = exception_handler(error, dict(context))  # its headers, such as Retry-After
    response = Response(
        problem.document(request.path),
        status=problem.status,
        headers=dict(answer.headers) if answer else None,
    )
    response.problem_code = problem.code  # type: ignore[attr-defined]
    renderer = getattr(request, "accepted_renderer", None)
    if not isinstance(renderer, renderers.BrowsableAPIRenderer):
        response.content_type = PROBLEM
    return response


def _problem(error: Exception) -> Problem | None:
    match error:
        case StaleRecord():
            return Problem(
                HTTPStatus.CONFLICT, error.code or "stale", error.messages[0]
            )
        case BrokenRule():
            return _invalid(_errors_of(error))
        case exceptions.ValidationError():
            return _invalid(_errors_of(error))
        case exceptions.APIException():
            return _refusal(error)
        case ProtectedError():
            return Problem(HTTPStatus.CONFLICT, "in_use", _still_used(error))
        case IntegrityError():
            return _integrity_problem(error)
        case DataError():
            # Nothing that was validated comes here; the database has the last word.
            return Problem(
                HTTPStatus.BAD_REQUEST, "invalid", _("A value is beyond what fits.")
            )
        case RequestDataTooBig():
            return Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "too_large",
                _("The body is too large."),
            )
        case SuspiciousOperation() | BadRequest():
            return Problem(HTTPStatus.BAD_REQUEST, "bad_request", str(error))
    return _refusal_by_django(error)


def problem_of(error: Exception, within: Path) -> Problem | None:
    """Return what is wrong with one item of a body, pointing to where it stands."""
    problem = _problem(error)
    if problem is None:
        return None
    errors = tuple(
        {**each, "pointer": pointer(within) + each.get("pointer", "")}
        for each in problem.errors
    )
    return replace(problem, errors=errors)


def _invalid(errors: list[dict[str, Any]]) -> Problem:
    first = errors[0]
    detail = (
        f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    )
    if len(errors) > 1:
        others = len(errors) - 1
        detail += " " + ngettext(
            "(And %(count)d more.)", "(And %(count)d more.)", others
        ) % {"count": others}
    return Problem(HTTPStatus.BAD_REQUEST, "invalid", detail, tuple(errors))


def _broken_rules(error: BrokenRule) -> Iterator[dict[str, Any]]:
    by_field = (
        error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    )
    for name, rules in by_field.items():
        path = () if name in ("", NON_FIELD_ERRORS) else (name,)
        for rule in rules:
            yield told(path, rule.code, rule.messages[0])


def _invalid_values(details: Any, path: Path = ()) -> Iterator[dict[str, Any]]:
    """Yield one error a message of REST framework's nested lists and mappings."""
    if isinstance(details, list):
        for position, detail in enumerate(details):
            is_leaf = isinstance(detail, Mapping) and {"message", "code"} == set(detail)
            below = path if is_leaf or not detail else (*path, position)
            yield from _invalid_values(detail, below)
    elif {"message", "code"} == set(details):
        yield told(path, details["code"], details["message"])
    else:
        for name, detail in details.items():
            # Items of lists have their place as name.
            below = path if name == "non_field_errors" else (*path, name)
            yield from _invalid_values(detail, below)


def _errors_of(error: BrokenRule | exceptions.ValidationError) -> list[dict[str, Any]]:
    """Return what a refusal says field by field."""
    if isinstance(error, BrokenRule):
        return list(_broken_rules(error))
    return list(_invalid_values(error.get_full_details()))


def _in_query(error: dict[str, Any]) -> dict[str, Any]:
    """Say of an error that a parameter of the query is wrong: there is no body."""
    if "parameter" in error:
        return error
    kept = {name: value for name, value in error.items() if name != "pointer"}
    return {"field": kept["field"], "parameter": kept["field"], **kept}


def _refusal(error: exceptions.APIException) -> Problem:
    codes = error.get_codes()
    return Problem(
        HTTPStatus(error.status_code),
        codes if isinstance(codes, str) else error.default_code,
        str(error.detail),
        getattr(error, "problem_errors", ()),
        members=getattr(error, "problem_members", {}),
    )


def _refusal_by_django(error: Exception) -> Problem | None:
    """Http404 and PermissionDenied, which REST framework knows."""
    answer = exception_handler(error, {})
    if answer is None:
        return None
    status = HTTPStatus(answer.status_code)
    return Problem(status, answer.data["detail"].code, str(answer.data["detail"]))


def _still_used(error: ProtectedError) -> str:
    counts: dict[Any, int] = {}
    for record in error.protected_objects:
        counts[record._meta] = counts.get(record._meta, 0) + 1
    users = [
        f"{count} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"
        for meta, count in sorted(counts.items(), key=lambda item: str(item[0]))
    ]
    return _("This is still used by %(users)s. Change those first.") % {
        "users": get_text_list(users, _("and"))
    }


def _integrity_problem(error: IntegrityError) -> Problem | None:
    """Name the rule that the database kept when two requests raced past validation."""
    broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    constraint = _constraints().get(broken)
    if constraint is None:
        return None
    return Problem(
        HTTPStatus.CONFLICT, "conflict", str(constraint.get_violation_error_message())
    )


def _constraints() -> dict[str | None, BaseConstraint]:
    return {
        constraint.name: constraint
        for model in apps.get_models()
        if issubclass(model, OrganizationOwned)
        for constraint in model._meta.constraints
    }


def plain_problem(
    error: exceptions.APIException, path: str, headers: Mapping[str, str]
) -> HttpResponse:
    """Answer an error that a middleware met, before any view of REST framework."""
    response = problem_response(_refusal(error), path)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def problem_response(problem: Problem, path: str) -> HttpResponse:
    """Return a problem document where no view of REST framework is at work."""
    response = HttpResponse(
        orjson.dumps(problem.document(path)),
        content_type=PROBLEM,
        status=problem.status,
    )
    response.problem_code = problem.code  # type: ignore[attr-defined]
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what Django refuses before any view (``handler400``), such as a host."""
    if not request.path.startswith(API_PREFIX):
        return server_bad_request(request, exception)
    problem = Problem(
        HTTPStatus.BAD_REQUEST,
        "bad_request",
        _("The request is not what HTTP or our addresses allow."),
    )
    return problem_response(problem, request.path)


def internal_error(request: HttpRequest) -> HttpResponseBase:
    """Answer what nobody expected (``handler500``): API clients get JSON, too."""
    if not request.path.startswith(API_PREFIX):
        return server_error(request)
    problem = Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        _("Something went wrong on our side. It has been noted."),
    )
    return problem_response(problem, request.path)
