"""The row of a key with its organization and its owner: one query by a unique index.

Written by hand and read as a tuple, since it stands in the way of every key that was
not read within the last second.
"""

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from django.db import connection

from integrations.api_keys.networks import Network
from integrations.api_keys.refusals import Reason
from organizations.models import Organization
from organizations.roles import ROLE_SCOPES, Role


@dataclass(frozen=True, slots=True)
class KeyRow:
    """What a query found: the key, its organization, what its owner is to it now."""

    id: UUID
    generation: int
    key_id: str
    name: str
    environment: str
    secret_hash: str
    secret_tag: str
    pepper: str
    scopes: list[str]
    networks: list[str]
    reach: dict[str, list[str]]
    hourly_quota: int | None
    starts_at: dt.datetime | None
    expires_at: dt.datetime | None
    is_enabled: bool
    is_canary: bool
    frozen_at: dt.datetime | None
    revoked_at: dt.datetime | None
    replaced_at: dt.datetime | None
    owner_is_active: bool
    owner_role: str | None
    organization: Organization

    def fault(self, now: dt.datetime) -> Reason | None:
        """Return why the key is refused although it is the right one, or None."""
        faults = (
            (Reason.CANARY, self.is_canary),
            (Reason.REVOKED, self.revoked_at is not None),
            (Reason.EXPIRED, self.expires_at is not None and self.expires_at <= now),
            (
                Reason.NOT_YET_VALID,
                self.starts_at is not None and self.starts_at > now,
            ),
            (Reason.DISABLED, not self.is_enabled),
            (Reason.OWNER_GONE, not self.owner_is_active or self.owner_role is None),
            (Reason.FROZEN, self.frozen_at is not None),
            (Reason.ORGANIZATION_CLOSED, self.organization.closed_at is not None),
        )
        return next((reason for reason, is_so in faults if is_so), None)

    @property
    def role(self) -> Role:
        """What the owner is to the organization; only of a key without fault."""
        if self.owner_role is None:
            raise ValueError(f"The owner of key {self.id} is no member any more.")
        return Role(self.owner_role)

    @property
    def effective_scopes(self) -> frozenset[str]:
        """What the key may do: its scopes, and never more than its owner may."""
        return ROLE_SCOPES[self.role] & frozenset(self.scopes)

    @property
    def parsed_networks(self) -> tuple[Network, ...]:
        """Where it may be used from; empty: anywhere."""
        return tuple(ip_network(text) for text in self.networks)


#: The columns of the key, in the order of KeyRow's fields.
KEY_COLUMNS = (
    "id",
    "version",
    "key_id",
    "name",
    "environment",
    "secret_hash",
    "secret_tag",
    "pepper",
    "scopes",
    "networks",
    "reach",
    "hourly_quota",
    "starts_at",
    "expires_at",
    "is_enabled",
    "is_canary",
    "frozen_at",
    "revoked_at",
    "replaced_at",
)


@cache
def _query() -> tuple[str, tuple[str, ...]]:
    """Return the statement, and the names of the organization's columns in it."""
    fields = Organization._meta.concrete_fields
    columns = [
        *(f"kept.{name}" for name in KEY_COLUMNS),
        "owner.is_active",
        "membership.role",
        *(f"organization.{field.column}" for field in fields),
    ]
    statement = (
        f"SELECT {', '.join(columns)} "  # noqa: S608 (our own columns)
        "FROM api_keys_apikey AS kept "
        "JOIN organizations_organization AS organization "
        "ON organization.id = kept.organization_id "
        "JOIN organizations_user AS owner ON owner.id = kept.owner_id "
        "LEFT JOIN organizations_membership AS membership "
        "ON membership.organization_id = kept.organization_id "
        "AND membership.user_id = kept.owner_id "
        "WHERE kept.key_id = %s"
    )
    return statement, tuple(field.attname for field in fields)


def read_row(key_id: str) -> KeyRow | None:
    """Return the row of a key as it is committed now, or None."""
    statement, organization_names = _query()
    with connection.cursor() as cursor:
        cursor.execute(statement, [key_id])
        found = cursor.fetchone()
    if found is None:
        return None
    own: list[Any] = list(found[: len(KEY_COLUMNS) + 2])
    reach = own[KEY_COLUMNS.index("reach")]
    if isinstance(reach, str):  # Django takes JSON undecoded from the driver
        own[KEY_COLUMNS.index("reach")] = json.loads(reach)
    own.append(
        Organization.from_db(
            connection.alias, organization_names, found[len(KEY_COLUMNS) + 2 :]
        )
    )
    return KeyRow(*own)


def keep_secret(row: KeyRow, secret_hash: str, secret_tag: str, pepper: str) -> None:
    """Keep another hash and tag of the same key: no change that anybody is told of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE api_keys_apikey SET secret_hash = %s, secret_tag = %s, pepper = %s "
            "WHERE id = %s AND secret_hash = %s",
            [secret_hash, secret_tag, pepper, row.id, row.secret_hash],
        )
