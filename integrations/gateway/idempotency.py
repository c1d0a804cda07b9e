"""A POST that is sent again is done once (draft-ietf-httpapi-idempotency-key-header).

Whoever sends ``Idempotency-Key`` gets, for a day, the same answer to the same request.
The answer is written in the transaction of the change, so there is never one without
the other; a lock that dies with its connection keeps two of a kind apart. Everything
that authenticates by the gateway is covered: see ``docs/decisions/0010``.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request

from integrations.gateway import kept_answers
from integrations.gateway.models import KeptAnswer
from organizations.access import CredentialKind, OrganizationAccess
from organizations.http import TOLD_ERRORS

HEADER = "Idempotency-Key"
#: Visible ASCII without what separates header values; or such as a quoted string, as
#: the draft writes it (RFC 9651, section 3.3.3).
KEY = re.compile(r'[!#-+\--\[\]-~]{1,255}\Z|"((?:[ !#-\[\]-~]|\\["\\]){1,255})"\Z')

Handler = Callable[..., HttpResponseBase]


class BadKey(exceptions.APIException):
    """The header holds no key."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "bad_idempotency_key"
    default_detail = _(
        "Idempotency-Key is one text of 1 to 255 visible ASCII characters, such as a "
        "UUID."
    )


class KeyReused(exceptions.APIException):
    """The key came before, with another request."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = _(
        "This Idempotency-Key came before with another body or query. Send a new key "
        "with a new request."
    )


class StillRunning(exceptions.APIException):
    """The first request with the key has not been answered yet."""

    status_code = HTTPStatus.CONFLICT
    default_code = "idempotency_in_progress"
    default_detail = _("The first request with this Idempotency-Key is still running.")
    wait = 1  # seconds; REST framework says it as Retry-After


class RightsChanged(exceptions.APIException):
    """It was done, but the caller may not do the same any more, or may do more."""

    status_code = HTTPStatus.CONFLICT
    default_code = "idempotency_rights_changed"
    default_detail = _(
        "This was done before, when your credentials had other rights; it is not done "
        "again, and the answer of then is not shown. Read what there is."
    )


def arm(request: Request, view: Any, access: OrganizationAccess) -> None:
    """Let the view do a POST with a key once.

    Called when the caller is known. The view's own checks of scopes come next, and
    only then what stands here in place of its handler.
    """
    if request.method != "POST" or HEADER not in request.headers:
        return
    handler = getattr(view, "post", None)
    if handler is not None:
        view.post = partial(once, view, handler, access)


def once(
    view: Any,
    handler: Handler,
    access: OrganizationAccess,
    request: Request,
    *args: Any,
    **kwargs: Any,
) -> HttpResponseBase:
    """Do what ``handler`` does, or answer as it did.

    Raises:
        BadKey, KeyReused, StillRunning, RightsChanged: see there.
    """
    digest = _digest(principal_of(access), request.path, read_key(request))
    fingerprint = _digest(request.META.get("QUERY_STRING", ""), request.data)
    rights = _digest(sorted(access.scopes), access.reach and access.reach.chosen())
    with transaction.atomic():
        if not _lock(access, digest):
            raise StillRunning
        kept = kept_answers.find(access.organization, digest)
        if kept is not None:
            return _again(kept, fingerprint, rights)
        response = _answer(view, handler, request, *args, **kwargs)
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            transaction.set_rollback(True)
            return response
        KeptAnswer.objects.create(
            organization=access.organization,
            digest=digest,
            fingerprint=fingerprint,
            rights=rights,
            status=response.status_code,
            answer=kept_answers.seal(response),
            expires_at=timezone.now() + dt.timedelta(hours=settings.IDEMPOTENCY_HOURS),
        )
    return response


def read_key(request: Request) -> str:
    """Return the key, without the quotes that it may come in.

    Raises:
        BadKey: for an empty, overlong or doubled one, or for other characters.
    """
    text = request.headers[HEADER]
    found = KEY.match(text)
    if found is None:
        raise BadKey
    return re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else text


def principal_of(access: OrganizationAccess) -> list[str | None]:
    """Return who a key belongs to: a person, by whichever login; a key; an app."""
    credential = access.credential
    if credential and credential.kind in (CredentialKind.API_KEY, CredentialKind.OAUTH):
        return [credential.kind, credential.id, access.actor_id]
    return [access.actor_type, access.actor_id]


def _digest(*parts: object) -> str:
    text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(text).hexdigest()


def _lock(access: OrganizationAccess, digest: str) -> bool:
    """Take the lock of a key until the transaction ends; False if somebody has it.

    It is released after the commit has become visible: who gets it sees the answer.
    """
    name = hashlib.sha256(f"{access.organization.pk} {digest}".encode()).digest()
    number = int.from_bytes(name[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        [is_taken] = cursor.fetchone()
    return bool(is_taken)


def _again(kept: KeptAnswer, fingerprint: str, rights: str) -> HttpResponseBase:
    if kept.fingerprint != fingerprint:
        raise KeyReused
    if kept.rights != rights:
        raise RightsChanged
    return kept_answers.replay(kept)


def _answer(
    view: Any, handler: Handler, request: Request, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """Return the whole answer, also to what was refused, whose writes are undone.

    What nobody expected is raised on: it undoes everything and keeps nothing.
    """
    try:
        with transaction.atomic():
            given = handler(request, *args, **kwargs)
    except TOLD_ERRORS as error:
        given = view.handle_exception(error)
    response: HttpResponseBase = view.finalize_response(request, given, *args, **kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response
