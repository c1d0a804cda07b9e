"""Every kind of problem that the API answers with: what it means and what to do.

The pages under ``/problems/`` and ``docs/problems.md`` are drawn from this table; a
test looks for codes in our code that are missing here.
"""

from dataclasses import dataclass
from http import HTTPStatus

import orjson
from django.utils.translation import gettext_noop as _

from organizations.problems import Problem


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a ``type`` stands for, in plain words."""

    code: str
    status: HTTPStatus
    meaning: str
    remedy: str

    @property
    def example(self) -> str:
        """A problem document of this kind, as it is sent."""
        problem = Problem(self.status, self.code, self.meaning.replace("`", ""))
        document = {**problem.document("/api/v1/employees/"), "request_id": REQUEST_ID}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


REQUEST_ID = "01963a5e7c2e7d4a9a5e1f0c2b3d4e5f"


def _table(
    *rows: tuple[HTTPStatus, str, str, str],
) -> dict[str, ProblemKind]:
    return {
        code: ProblemKind(code, status, meaning, remedy)
        for status, code, meaning, remedy in rows
    }


PROBLEM_KINDS: dict[str, ProblemKind] = _table(
    # --- 400: the request cannot be understood, or breaks a rule
    (
        HTTPStatus.BAD_REQUEST,
        "invalid",
        _("A value breaks a rule, or a name is unknown."),
        _(
            "Read `errors`: `pointer` says where in the body, `parameter` which part "
            "of the query, `message` what is wrong. Correct it and send it again."
        ),
    ),
    (
        HTTPStatus.BAD_REQUEST,
        "parse_error",
        _("The body is no JSON, or a limit or cursor is none."),
        _("Send UTF-8 JSON. Take cursors from `next` and `previous` as they are."),
    ),
    (
        HTTPStatus.BAD_REQUEST,
        "bad_request",
        _("The request is not what HTTP or our addresses allow."),
        _("Compare what is sent with the reference."),
    ),
    (
        HTTPStatus.BAD_REQUEST,
        "two_credentials",
        _("The request shows two credentials; neither was used."),
        _("Send an API key, or a token, or the session's cookie: one of them."),
    ),
    (
        HTTPStatus.BAD_REQUEST,
        "bad_idempotency_key",
        _("`Idempotency-Key` is empty, longer than 255 or not visible ASCII."),
        _("Send a new UUID with every new request, and the same one with a retry."),
    ),
    # --- 401: who are you
    (
        HTTPStatus.UNAUTHORIZED,
        "not_authenticated",
        _("The request shows no credentials."),
        _("Send `X-API-Key`, or `Authorization: Bearer` with a token."),
    ),
    (
        HTTPStatus.UNAUTHORIZED,
        "authentication_failed",
        _("The credentials do not hold."),
        _("Log in again, or use another key."),
    ),
    (
        HTTPStatus.UNAUTHORIZED,
        "invalid_token",
        _("The token is unknown, has expired, or was ended."),
        _("Refresh it, and if that fails, log in again."),
    ),
    (
        HTTPStatus.UNAUTHORIZED,
        "invalid_api_key",
        _("The API key is unknown, wrong, revoked, expired or switched off."),
        _("Look the key up in the settings; make or rotate one if need be."),
    ),
    (
        HTTPStatus.UNAUTHORIZED,
        "invalid_credentials",
        _("The e-mail address or the password is not right."),
        _("Check both. After five failures in five minutes one has to wait."),
    ),
    # --- 403: not with this
    (
        HTTPStatus.FORBIDDEN,
        "permission_denied",
        _("The credentials are good, but may not do this."),
        _("Use credentials of somebody who may, or ask for the role."),
    ),
    (
        HTTPStatus.FORBIDDEN,
        "missing_scope",
        _("The credentials lack one scope, named in `missing_scope`."),
        _("Give the key or the app that scope, if whoever owns it holds it."),
    ),
    (
        HTTPStatus.FORBIDDEN,
        "no_membership",
        _("You are a member of no organization."),
        _("Ask an owner for an invitation."),
    ),
    (
        HTTPStatus.FORBIDDEN,
        "not_a_login",
        _("Sessions are shown to people who logged in with a password."),
        _("Use a token of `auth/token/`."),
    ),
    (
        HTTPStatus.FORBIDDEN,
        "address_not_allowed",
        _("The key is good, but may not be used from this network address."),
        _("Call from an address on the key's list, or add yours to it."),
    ),
    # --- 404, 405, 406, 413, 415: not like this
    (
        HTTPStatus.NOT_FOUND,
        "not_found",
        _("There is nothing here, or not in your organization."),
        _("Check the address; ours end with a slash."),
    ),
    (
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method_not_allowed",
        _("This address does not take this method."),
        _("`Allow` names those that it takes."),
    ),
    (
        HTTPStatus.NOT_ACCEPTABLE,
        "not_acceptable",
        _("There is no answer in a form that `Accept` asks for."),
        _("Ask for `application/json`."),
    ),
    (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        _("The body is larger than 2.5 MB."),
        _("Send less at once."),
    ),
    (
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "uri_too_long",
        _("Path and query are longer than 8,000 bytes."),
        _("Ask for less at once, or send it in a body where there is one."),
    ),
    (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        _("The body is not JSON in UTF-8, or it is compressed."),
        _("Send `Content-Type: application/json` and UTF-8, not compressed."),
    ),
    # --- 409, 412, 422: not now
    (
        HTTPStatus.CONFLICT,
        "stale",
        _("Somebody else changed or removed the record meanwhile."),
        _("Read it again, make the change again."),
    ),
    (
        HTTPStatus.CONFLICT,
        "conflict",
        _("Of two requests at the same moment the other one was faster."),
        _("Read what there is now, then decide."),
    ),
    (
        HTTPStatus.CONFLICT,
        "in_use",
        _("The record is still used; `detail` says by what."),
        _("Change those first."),
    ),
    (
        HTTPStatus.CONFLICT,
        "decided",
        _("It was decided before; `detail` says by whom and when."),
        _("Read the record: the decision stands."),
    ),
    (
        HTTPStatus.CONFLICT,
        "clocked_in",
        _("The clock is running already."),
        _("Clock out first, or leave it running."),
    ),
    (
        HTTPStatus.CONFLICT,
        "not_clocked_in",
        _("The clock is not running."),
        _("Clock in first."),
    ),
    (
        HTTPStatus.CONFLICT,
        "on_break",
        _("A break is running already."),
        _("End it first."),
    ),
    (
        HTTPStatus.CONFLICT,
        "not_on_break",
        _("No break is running."),
        _("Start one first."),
    ),
    (
        HTTPStatus.CONFLICT,
        "voided",
        _("The punch is void already."),
        _("Nothing is left to do."),
    ),
    (
        HTTPStatus.CONFLICT,
        "idempotency_in_progress",
        _("The first request with this `Idempotency-Key` is still running."),
        _("Send the same again after the seconds of `Retry-After`."),
    ),
    (
        HTTPStatus.CONFLICT,
        "idempotency_rights_changed",
        _("It was done before, when the credentials had other rights."),
        _("Read what there is; send a new key only if it is to be done once more."),
    ),
    (
        HTTPStatus.PRECONDITION_FAILED,
        "precondition_failed",
        _("`If-Match` names another version than the present one."),
        _("Read the record again, then send the change with its new `ETag`."),
    ),
    (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        _("This `Idempotency-Key` came before, with another body or query."),
        _("Send a new key with a new request; a key is for retries of one request."),
    ),
    # --- 429, 5xx: not so fast; our fault
    (
        HTTPStatus.TOO_MANY_REQUESTS,
        "throttled",
        _("Too many requests."),
        _("Wait for the seconds of `Retry-After`."),
    ),
    (
        HTTPStatus.TOO_MANY_REQUESTS,
        "quota_exceeded",
        _("A limit is used up; `violated-policies` says which."),
        _("Wait for the seconds of `Retry-After`."),
    ),
    (
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_attempts",
        _("Too many wrong passwords."),
        _("Wait for the seconds of `Retry-After`."),
    ),
    (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        _("Something went wrong on our side. It has been noted."),
        _("Tell us the `request_id`; try again later, with the same key."),
    ),
    (
        HTTPStatus.BAD_GATEWAY,
        "mail_failed",
        _("The member was added, but the invitation could not be mailed."),
        _("They can ask for a password on the login page."),
    ),
    (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        _("More new keys than can be checked at once."),
        _("Try again in a second."),
    ),
)

INTRODUCTION = """\
# Problems

<!-- Printed by `script/manage print_problems`; a test compares. -->

Every error of the API is a problem document (RFC 9457). Its `type` is the address of a
page that says what this table says: `/problems/<code>/`. Limits are told by the
registered type `https://iana.org/assignments/http-problem-types#quota-exceeded`.

| Status | Code | What it means | What to do |
| --- | --- | --- | --- |
"""


def problems_document() -> str:
    """Return ``docs/problems.md``."""
    rows = [
        f"| {kind.status.value} | `{kind.code}` | {kind.meaning} | {kind.remedy} |\n"
        for kind in PROBLEM_KINDS.values()
    ]
    return INTRODUCTION + "".join(rows)
