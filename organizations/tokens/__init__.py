"""Tokens of the API (JSON Web Tokens): see docs/authentication.md and decision 7."""

from organizations.tokens.errors import InvalidToken
from organizations.tokens.families import (
    NOBODY,
    Client,
    TokenPair,
    end_expired_families,
    open_family,
    revoke,
    rotate,
)
from organizations.tokens.ring import forget_ring, published_keys
from organizations.tokens.sessions import access_of, end_sessions, sessions_of

__all__ = [
    "NOBODY",
    "Client",
    "InvalidToken",
    "TokenPair",
    "access_of",
    "end_expired_families",
    "end_sessions",
    "forget_ring",
    "open_family",
    "published_keys",
    "revoke",
    "rotate",
    "sessions_of",
]
