"""The life of signing keys: made, published, signing, retired, removed.

ES256 (ECDSA over P-256 with SHA-256, RFC 7518, section 3.4): see decision 7. Whoever
reads the published set learns to verify, never to sign.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode
from rest_framework_simplejwt.settings import api_settings

from organizations.encryption import UndecipherableSecret, decrypt, encrypt
from organizations.models import SigningKey

logger = logging.getLogger(__name__)

ALGORITHM = "ES256"
State = SigningKey.State

#: How long a key is published before it signs, so that whoever keeps the set for a
#: while has it by then.
PUBLISHED_AHEAD = dt.timedelta(hours=1)
#: How long a retired key is published beyond its last token: processes that have not
#: noticed its retirement sign with it for another minute.
PUBLISHED_LONGER = dt.timedelta(hours=1)
#: The advisory lock of whoever changes the ring ("jwtk" in ASCII).
RING_LOCK = 0x6A77746B


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation has done, by key ids; None where nothing."""

    signs: str
    is_new: bool
    removed: tuple[str, ...]


def ensure_keys() -> None:
    """Make the first keys of an installation: one that signs, one that will."""
    with transaction.atomic():
        _lock_ring()
        _fill()


def rotate_keys(*, is_forced: bool = False) -> Rotation:
    """Let the next key sign when its time has come, and remove what is past.

    A key signs for ``SIGNING_KEY_DAYS``; ``is_forced`` does not wait for that, nor for
    the next key to have been published for a while.
    """
    now = timezone.now()
    with transaction.atomic():
        _lock_ring()
        removed = _remove(published_until__lte=now)
        _fill()
        is_new = is_forced or _is_due(now)
        if is_new:
            _retire_current(now)
            _promote_next(now)
            _fill()
        signs = SigningKey.objects.get(state=State.CURRENT).key_id
    return Rotation(signs, is_new, removed)


def remove_key(key_id: str) -> bool:
    """Remove a key that is no secret any more: nothing it signed holds from now on.

    Return whether there was one. Where it was the one that signs, the next one does.
    """
    with transaction.atomic():
        _lock_ring()
        removed = _remove(key_id=key_id)
        _promote_next(timezone.now())
        _fill()
    return bool(removed)


def load_private_key(encrypted: str) -> ec.EllipticCurvePrivateKey:
    """Return what a key signs with.

    Raises:
        UndecipherableSecret: when no key in ``ENCRYPTION_KEYS`` decrypts it.
    """
    loaded = load_pem_private_key(decrypt(encrypted).encode(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return loaded


def _lock_ring() -> None:
    """Let one at a time change the ring, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RING_LOCK])


def _fill() -> None:
    """Make the keys that are missing: a current one, a next one."""
    states = set(SigningKey.objects.values_list("state", flat=True))
    if State.CURRENT not in states:
        _make(State.CURRENT)
    if State.NEXT not in states:
        _make(State.NEXT)


def _make(state: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()
    public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    key_id = thumbprint(public)
    SigningKey.objects.create(
        key_id=key_id,
        state=state,
        private_key=encrypt(pem),
        public_key={**public, "kid": key_id, "use": "sig", "alg": ALGORITHM},
        signs_since=timezone.now() if state == State.CURRENT else None,
    )


def thumbprint(public: Mapping[str, object]) -> str:
    """Return the RFC 7638 thumbprint of a public key on a curve."""
    members = {name: public[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url_encode(hashlib.sha256(text.encode()).digest()).decode()


def _is_due(now: dt.datetime) -> bool:
    """Say whether the current key has signed long enough and the next is known."""
    age = dt.timedelta(days=settings.SIGNING_KEY_DAYS)
    is_old = SigningKey.objects.filter(state=State.CURRENT, signs_since__lte=now - age)
    is_known = SigningKey.objects.filter(
        state=State.NEXT, created_at__lte=now - PUBLISHED_AHEAD
    )
    return is_old.exists() and is_known.exists()


def _retire_current(now: dt.datetime) -> None:
    lifetime: dt.timedelta = api_settings.REFRESH_TOKEN_LIFETIME
    SigningKey.objects.filter(state=State.CURRENT).update(
        state=State.RETIRED,
        private_key="",
        published_until=now + lifetime + PUBLISHED_LONGER,
    )


def _promote_next(now: dt.datetime) -> None:
    """Let the next key sign where none does, unless nothing decrypts it."""
    if SigningKey.objects.filter(state=State.CURRENT).exists():
        return
    waiting = SigningKey.objects.filter(state=State.NEXT).first()
    if waiting is None:
        return
    try:
        load_private_key(waiting.private_key)
    except UndecipherableSecret:
        logger.warning(
            "Dropped the signing key %s: no key decrypts it.", waiting.key_id
        )
        waiting.delete()
        return
    waiting.state = State.CURRENT
    waiting.signs_since = now
    waiting.save(update_fields=["state", "signs_since"])


def _remove(**which: object) -> tuple[str, ...]:
    rows = SigningKey.objects.filter(**which)
    removed = tuple(rows.values_list("key_id", flat=True))
    rows.delete()
    return removed
