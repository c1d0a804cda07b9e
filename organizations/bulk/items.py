"""Items of one call: each is done, or undone, by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.models import OrganizationRecord
from organizations.problems import problem_of

MOST_AT_ONCE = 200
#: What may be wrong with one item, and leaves the others as they are.
REFUSALS = (
    ValidationError,
    PermissionDenied,
    Http404,
    exceptions.APIException,
    DatabaseError,
)
SHOWN_ID = "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f"


class Result(StrEnum):
    """What became of an item."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


#: What was done, and to which record; or why not.
Outcome = tuple[Result, OrganizationRecord] | Exception


def answer_items(
    request: Request,
    items: Sequence[Any],
    apply: Callable[[Any], tuple[Result, OrganizationRecord]],
    forget: Callable[[Any], None] = lambda _item: None,
) -> Response:
    """Do what each item says, and tell what became of it.

    ``forget`` is told of items that were refused, and undone.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # So that a broken rule is the item's own, not that of the whole.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        outcomes = [_outcome(item, apply, forget) for item in items]
        return answer_outcomes(request, outcomes)


def answer_outcomes(request: Request, outcomes: Iterable[Outcome]) -> Response:
    """Tell what became of each item, in their order."""
    return Response(
        {
            "results": [
                _refused(request, outcome, place)
                if isinstance(outcome, Exception)
                else _done(*outcome)
                for place, outcome in enumerate(outcomes)
            ]
        }
    )


def _outcome(
    item: Any,
    apply: Callable[[Any], tuple[Result, OrganizationRecord]],
    forget: Callable[[Any], None],
) -> Outcome:
    try:
        with transaction.atomic():
            return apply(item)
    except REFUSALS as error:
        forget(item)
        return error


def _done(result: Result, record: OrganizationRecord) -> dict[str, Any]:
    is_new = result is Result.CREATED
    return {
        "result": result,
        "status": HTTPStatus.CREATED if is_new else HTTPStatus.OK,
        "id": record.pk,
        "version": record.version,
        "problem": None,
    }


def _refused(request: Request, error: Exception, place: int) -> dict[str, Any]:
    problem = problem_of(error, ("items", place))
    if problem is None:  # what is no refusal undoes the whole
        raise error
    return {
        "result": Result.REFUSED,
        "status": problem.status.value,
        "id": None,
        "version": None,
        "problem": problem.document(request.path),
    }


def items_of(request: Request, most: int = MOST_AT_ONCE) -> list[Any]:
    """Return the items of a body.

    Raises:
        ValidationError: when it holds no list of them, or too many.
    """
    body = request.data
    named = body if isinstance(body, Mapping) else {}
    if unknown := sorted(set(named) - {"items"}):
        raise exceptions.ValidationError(
            {
                unknown[0]: exceptions.ErrorDetail(
                    _("There is no such field."), "unknown"
                )
            }
        )
    items = named.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        raise exceptions.ValidationError(
            {
                "items": exceptions.ErrorDetail(
                    _("Give a list of 1 to %(most)d items.") % {"most": most},
                    "too_many" if isinstance(items, list) and items else "required",
                )
            }
        )
    return items
