"""The arithmetic of the chains: values in, bytes out, no database.

Each organization has a chain, and so has the installation. A link's hash is the
SHA-256 of the hash before it and of the event's canonical form: JSON with sorted keys,
moments in UTC with microseconds. A head is anchored by an HMAC under a key that is not
in the database, so that nobody who only has the database can move it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

#: The chain of what belongs to no organization.
INSTALLATION = UUID(int=0)
#: What the first link of a chain follows.
BEGINNING = bytes(32)

_PURPOSE = b"people-hr audit anchor"


def canonical(chain_id: UUID, number: int, event: Mapping[str, Any]) -> bytes:
    """Return what is hashed of an event that is the ``number``-th of its chain."""
    return orjson.dumps(
        {"chain": chain_id, "number": number, "event": dict(event)},
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )


def link(previous: bytes, content: bytes) -> bytes:
    """Return the hash of a link."""
    return hashlib.sha256(previous + content).digest()


def anchor(
    key: str,
    chain_id: UUID,
    *,
    length: int,
    head: bytes,
    pruned_length: int,
    pruned_head: bytes,
) -> bytes:
    """Return the HMAC of a chain's head, and of where its kept part begins."""
    secret = hashlib.sha256(_PURPOSE + key.encode()).digest()
    told = b"%s%d:%s%d:%s" % (
        chain_id.bytes,
        length,
        head,
        pruned_length,
        pruned_head,
    )
    return hmac.digest(secret, told, "sha256")


def is_anchored(found: bytes, keys: Iterable[str], chain_id: UUID, **head: Any) -> bool:
    """Say whether an anchor was made under one of the keys."""
    return any(
        hmac.compare_digest(found, anchor(key, chain_id, **head)) for key in keys
    )
