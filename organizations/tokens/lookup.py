"""The one query of a request with a token: does the session hold, and for whom.

It runs at every request, so it is written out once: Django's compiler would take
longer to put the same statement together than PostgreSQL takes to answer it.
"""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from organizations.models import (
    Membership,
    Organization,
    SigningKey,
    TokenFamily,
    User,
)
from organizations.tokens.signing import Claims

#: What the statement reads, in this order, after the stamp of the password.
READ: tuple[type[Model], ...] = (Membership, User, Organization)


def holding_membership(claims: Claims) -> Membership | None:
    """Return the member that a token stands for, None where it holds no more.

    It holds while its key is published, its session goes on, the user is active and a
    member, the organization open, the password the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(),
            [
                claims.family_id,
                claims.organization_id,
                claims.user_id,
                timezone.now(),
                claims.key_id,
            ],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    membership, user, organization = _hydrated(row[1:])
    if not constant_time_compare(row[0], user.get_session_auth_hash()):
        return None
    membership.user, membership.organization = user, organization
    found: Membership = membership
    return found


@cache
def _statement() -> str:
    columns = ", ".join(
        f"{model._meta.db_table}.{column}"
        for model in READ
        for column in _columns(model)
    )
    membership, user, organization = (model._meta.db_table for model in READ)
    # Names of tables and columns are our own; values are parameters.
    return f"""
        SELECT family.password_stamp, {columns}
        FROM {TokenFamily._meta.db_table} family
        JOIN {membership} ON {membership}.id = family.membership_id
        JOIN {user} ON {user}.id = {membership}.user_id
        JOIN {organization} ON {organization}.id = {membership}.organization_id
        WHERE family.id = %s
          AND {membership}.organization_id = %s
          AND {membership}.user_id = %s
          AND family.expires_at > %s
          AND {user}.is_active
          AND {organization}.closed_at IS NULL
          AND EXISTS (
              SELECT FROM {SigningKey._meta.db_table} WHERE key_id = %s
          )
    """  # noqa: S608


@cache
def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.concrete_fields)


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def _hydrated(values: tuple[Any, ...]) -> list[Any]:
    """Return the records that a row holds, as if the ORM had read them."""
    records, start = [], 0
    for model in READ:
        names = _names(model)
        end = start + len(names)
        records.append(model.from_db(connection.alias, names, values[start:end]))
        start = end
    return records
