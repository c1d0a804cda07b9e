"""Which limits hold for a request: settings, and the admin's values."""

from functools import cache

from django.conf import settings

from integrations.rate_limits.addresses import address_subject
from integrations.rate_limits.terms import Algorithm, Layer, Policy
from organizations.access import CredentialKind, OrganizationAccess

BAD_KEYS = "bad-keys"


@cache
def default_policy(name: str) -> Policy:
    """Return the installation's own policy of this name, from the settings."""
    quota, window_seconds = settings.RATE_LIMITS[name]
    return Policy(name, quota, window_seconds, _algorithm_of(name))


def _algorithm_of(name: str) -> Algorithm:
    if name in settings.SECURITY_LIMITS:
        return Algorithm.LOG
    if name in ("global", "address") or name.endswith("-burst"):
        return Algorithm.BURST
    return Algorithm.WINDOW


def layers_before(address: str, *, shows_credential: bool = True) -> list[Layer]:
    """Return what holds before anybody knows who calls: for all, and by address.

    Whoever shows a credential must not have shown too many bad ones; they are counted
    by :func:`integrations.rate_limits.security.attempt`, not here.
    """
    subject = address_subject(address)
    layers = [
        Layer(default_policy("global"), "all"),
        Layer(default_policy("address"), subject),
    ]
    if shows_credential:
        layers.append(Layer(default_policy(BAD_KEYS), subject, is_counted=False))
    return layers


def layers_after(access: OrganizationAccess, route: str) -> list[Layer]:
    """Return what holds for a caller who is known."""
    subject = caller_subject(access)
    kind = "user" if subject.startswith("user:") else "key"
    return [
        Layer(default_policy(kind), subject),
        Layer(default_policy(f"{kind}-burst"), subject),
        Layer(default_policy("organization"), f"organization:{access.organization.pk}"),
    ]


def caller_subject(access: OrganizationAccess) -> str:
    """Return whose quota is used: a key's or an app's own, or else the person's."""
    credential = access.credential
    if credential and credential.kind == CredentialKind.API_KEY:
        return f"key:{credential.id}"
    if credential and credential.kind == CredentialKind.OAUTH:
        return f"app:{credential.id}:{access.actor_id}"
    return f"user:{access.actor_id}:{access.organization.pk}"
