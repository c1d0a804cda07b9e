"""The keys that ID tokens are signed with: a ring, the first signs, all are published.

``settings.OIDC_RSA_PRIVATE_KEYS`` is a list of RSA private keys in PEM. To replace one,
put the new one second for as long as clients keep our key set, then first.
"""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from jwcrypto.jwk import JWK

ALGORITHM = "RS256"
LEAST_BITS = 2048


def signing_keys() -> tuple[JWK, ...]:
    """Return the ring."""
    return _parsed(tuple(settings.OIDC_RSA_PRIVATE_KEYS))


def public_keys() -> list[dict[str, Any]]:
    """Return the key set that clients verify with (RFC 7517)."""
    return [
        {
            **json.loads(key.export_public()),
            "kid": key.thumbprint(),
            "alg": ALGORITHM,
            "use": "sig",
        }
        for key in signing_keys()
    ]


def key_named(kid: object) -> JWK | None:
    """Return the key of the ring that a token's header names."""
    return next((key for key in signing_keys() if key.thumbprint() == kid), None)


@lru_cache(maxsize=4)
def _parsed(pems: tuple[str, ...]) -> tuple[JWK, ...]:
    return tuple(JWK.from_pem(pem.encode()) for pem in pems)
