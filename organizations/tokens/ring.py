"""The signing keys as a process knows them, read at most so often.

Whether a key is still published is asked anew at every request, by the query that
asks about the session (:mod:`organizations.tokens.families`); this is only about
having the keys at hand. A stranger who invents key ids causes one small query a second.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from jwt.algorithms import ECAlgorithm

from organizations.models import SigningKey
from organizations.tokens.keys import State, ensure_keys, load_private_key

#: Read again after so long, to learn which key signs.
RING_SECONDS = 60.0
#: Read at most so often for the sake of key ids that are not known.
UNKNOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys at one moment: the one that signs, and all that verify."""

    signing: SigningKey
    verifying: Mapping[str, ec.EllipticCurvePublicKey]
    published: tuple[Mapping[str, Any], ...]
    read_at: float  # of the monotonic clock, in seconds


_ring: Ring | None = None
_lock = threading.Lock()


def published_keys() -> tuple[Mapping[str, Any], ...]:
    """Return the JSON Web Keys that verify, oldest first; a minute old at most."""
    return _not_older_than(RING_SECONDS).published


def signing_key() -> tuple[str, ec.EllipticCurvePrivateKey]:
    """Return the id and the private key of the key that signs.

    Raises:
        UndecipherableSecret: when no key in ``ENCRYPTION_KEYS`` decrypts it;
            ``manage.py rotate_signing_keys --now`` makes another.
    """
    row = _not_older_than(RING_SECONDS).signing
    return row.key_id, _decrypted(row.private_key)


@lru_cache(maxsize=2)
def _decrypted(private_key: str) -> ec.EllipticCurvePrivateKey:
    return load_private_key(private_key)


def verifying_key(key_id: str) -> ec.EllipticCurvePublicKey | None:
    """Return the public key of this id, or None; looks again once a second at most."""
    known = _not_older_than(RING_SECONDS).verifying.get(key_id)
    return known or _not_older_than(UNKNOWN_SECONDS).verifying.get(key_id)


def forget_ring() -> None:
    """Read the keys anew when they are needed next."""
    global _ring
    _ring = None


def _not_older_than(seconds: float) -> Ring:
    global _ring
    ring = _ring
    if ring is not None and monotonic() - ring.read_at < seconds:
        return ring
    with _lock:  # one thread reads, the others wait for what it has read
        ring = _ring
        if ring is None or monotonic() - ring.read_at >= seconds:
            ring = _read()
            _ring = ring
        return ring


def _read() -> Ring:
    keys = list(SigningKey.objects.all())
    is_kept = True
    if not any(key.state == State.CURRENT for key in keys):
        ensure_keys()
        keys = list(SigningKey.objects.all())
        # What a transaction that is still open has made may yet be undone.
        is_kept = not connection.in_atomic_block
    return Ring(
        signing=next(key for key in keys if key.state == State.CURRENT),
        verifying={key.key_id: _public(key) for key in keys},
        published=tuple(key.public_key for key in keys),
        read_at=monotonic() if is_kept else float("-inf"),
    )


def _public(key: SigningKey) -> ec.EllipticCurvePublicKey:
    public = ECAlgorithm.from_jwk(key.public_key)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    return public
