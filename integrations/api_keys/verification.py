"""Is this key good, now? The order of checks is the whole point; see ``verify``.

A key is accepted if its row was read from the database by this process at most a
second ago, and either the store's stamp equals the generation that was read, or the row
was read for this very request. Callers therefore ask :func:`warm` first, and believe
it only if the limiter confirms ``stamp`` and :meth:`VerifiedKey.is_fresh` still holds
when its answer is there. Otherwise they ask :func:`verify`.
"""

import datetime as dt
import math
import time
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from integrations.api_keys import keys, networks, peppers
from integrations.api_keys.hashing import Busy, pool
from integrations.api_keys.memory import Memory
from integrations.api_keys.networks import Network
from integrations.api_keys.refusals import Reason, Refused
from integrations.api_keys.rows import KeyRow, keep_secret, read_row
from integrations.api_keys.stamps import (
    SNAPSHOT_SECONDS,
    clock,
    stamp_of,
)
from integrations.rate_limits.limiter import Stamp, put_stamp
from organizations.access import Credential, CredentialKind, OrganizationAccess
from organizations.reach import Reach
from organizations.security import SecurityKind, tell

__all__ = ["Reason", "Refused", "VerifiedKey", "verify", "warm"]


@dataclass(frozen=True, slots=True)
class VerifiedKey:
    """A key that was found good, and what it opens.

    ``deprecated_until`` is when a key that was replaced ends (`Sunset` of RFC 8594),
    ``deprecated_at`` when it was replaced (`Deprecation` of RFC 9745).
    """

    id: UUID
    key_id: str
    generation: int
    access: OrganizationAccess
    networks: tuple[Network, ...]
    stamp: Stamp
    deprecated_at: dt.datetime | None
    deprecated_until: dt.datetime | None
    #: When its row was asked for, by :func:`stamps.clock`.
    read_at: float
    #: The moment (seconds of the epoch) from which it has expired.
    expires: float

    def is_fresh(self) -> bool:
        """Say whether its row is young enough, and the key has not expired."""
        return clock() - self.read_at <= SNAPSHOT_SECONDS and time.time() < self.expires

    def admits(self, address: str) -> bool:
        """Say whether the key may be used from this address."""
        return not self.networks or networks.holds(self.networks, address)


def warm(text: str) -> VerifiedKey | None:
    """Return a key that this process verified, if its row was read just now; no I/O."""
    known = memory.get(peppers.mark(text))
    if known is None or known.key is None or not known.key.is_fresh():
        return None
    return known.key


def remembers(text: str) -> bool:
    """Say whether this very text was right lately, whatever became of the key."""
    return memory.get(peppers.mark(text)) is not None


def verify(text: str, *, epoch: str = "", address: str = "") -> VerifiedKey:
    """Return what a key opens; reads its row, and bcrypt runs at most once an hour.

    1. Pattern and checksum: no database. 2. The row, by key id: one query. 3. The tag,
    in constant time: a wrong secret never gets further. 4. Was this very text verified
    for this row and generation? 5. If not: bcrypt, in a bounded pool. 6. Revoked,
    expired, not yet valid, disabled, owner, organization. Addresses, limits and scopes
    are the caller's to check.

    ``epoch`` is the store's as the limiter told it before this call; with it the stamp
    is put, so that the next request needs no query. ``address`` is the caller's, for
    the alarm that a canary raises.

    Raises:
        Refused: with the reason, which is for logs alone.
    """
    try:
        parsed = keys.parse(text)
    except keys.MalformedKey as error:
        raise Refused(Reason.MALFORMED) from error
    read_at = clock()
    row = read_row(parsed.key_id)
    if row is None:
        raise Refused(Reason.UNKNOWN, key_id=parsed.key_id)
    mark = peppers.mark(text)
    _check_secret(text, mark, row)
    fault = row.fault(timezone.now())
    if fault == Reason.CANARY:
        _raise_alarm(row, address)
    if fault is not None:
        raise _refused(row, fault)
    key = _opened(row, read_at)
    memory.put(mark, row.id, row.generation, key)
    if epoch:
        put_stamp(key.stamp, epoch)
    return key


#: What this process verified, and the rows it read last.
memory: Memory[VerifiedKey] = Memory()


def _check_secret(text: str, mark: bytes, row: KeyRow) -> None:
    """Compare the tag; then remember the key, or hash it and remember it."""
    if not peppers.is_tag_of(text, row.secret_tag, row.pepper):
        raise _refused(row, Reason.BAD_SECRET)
    if memory.knows(mark, row.id, row.generation):
        return
    try:
        is_right = pool().check(mark, text, row.secret_hash)
    except Busy as error:
        raise _refused(row, Reason.BUSY) from error
    if not is_right:
        raise _refused(row, Reason.BAD_SECRET)
    memory.put(mark, row.id, row.generation, None)
    _renew_secret(text, row)


def _renew_secret(text: str, row: KeyRow) -> None:
    """Hash again where more rounds are asked for, tag again under a new pepper."""
    cost = settings.API_KEY_BCRYPT_COST
    is_weak = keys.cost_of(row.secret_hash) < cost
    if is_weak or row.pepper != peppers.newest_name():
        hashed = keys.hash_key(text, cost) if is_weak else row.secret_hash
        keep_secret(row, hashed, *peppers.make_tag(text))


def _raise_alarm(row: KeyRow, address: str) -> None:
    """Tell that somebody holds what was laid out for thieves."""
    tell(
        SecurityKind.CANARY_USED,
        organization_id=row.organization.pk,
        actor_type="api_key",
        actor_id=str(row.id),
        subject=f"api_key:{row.key_id}",
        reason="canary",
        address=address,
    )


def _refused(row: KeyRow, reason: Reason) -> Refused:
    return Refused(reason, organization_id=row.organization.pk, key_id=row.key_id)


def _opened(row: KeyRow, read_at: float) -> VerifiedKey:
    """Return what a good row opens; the key acts for itself, not for its owner."""
    return VerifiedKey(
        id=row.id,
        key_id=row.key_id,
        generation=row.generation,
        access=OrganizationAccess(
            organization=row.organization,
            actor_type="api_key",
            actor_id=str(row.id),
            role=row.role,
            scopes=row.effective_scopes,
            credential=Credential(
                CredentialKind.API_KEY, row.key_id, row.name, row.hourly_quota
            ),
            reach=Reach(row.organization.pk, row.reach) if row.reach else None,
        ),
        networks=row.parsed_networks,
        stamp=stamp_of(row.key_id, row.generation),
        deprecated_at=row.replaced_at,
        deprecated_until=row.expires_at if row.replaced_at else None,
        read_at=read_at,
        expires=row.expires_at.timestamp() if row.expires_at else math.inf,
    )
