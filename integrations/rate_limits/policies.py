"""Which limits hold for a request: settings, and what organizations have set.

A rule of an organization holds as far as the installation allows: the settings, or its
:class:`~integrations.rate_limits.models.Allowance`.
"""

from collections.abc import Iterator
from functools import cache

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS

from integrations.rate_limits import rules
from integrations.rate_limits.addresses import address_subject
from integrations.rate_limits.models import Methods, Target
from integrations.rate_limits.rules import OrganizationRules, Rate, RuleKey
from integrations.rate_limits.terms import QUOTA_MOST, Algorithm, Layer, Policy
from organizations.access import CredentialKind, OrganizationAccess

BAD_KEYS, BAD_PROOFS = "bad-keys", "token"
MINUTE, HOUR = 60, 3600
#: How much faster than its quota a caller may go for a moment.
BURST_FACTOR = 2
#: How many combinations of caller and endpoint a process remembers the policies of.
REMEMBERED = 20_000


@cache
def default_policy(name: str) -> Policy:
    """Return the installation's own policy of this name, from the settings."""
    return _made(name, Rate(*settings.RATE_LIMITS[name]))


def _made(name: str, rate: Rate) -> Policy:
    return Policy(name, rate.quota, rate.window_seconds, _algorithm_of(name))


def _algorithm_of(name: str) -> Algorithm:
    if name in settings.SECURITY_LIMITS:
        return Algorithm.LOG
    if name in ("global", "address") or name.endswith("-burst"):
        return Algorithm.BURST
    return Algorithm.WINDOW


def layers_before(
    address: str, *, shows_credential: bool = True, asks_for_token: bool = False
) -> list[Layer]:
    """Return what holds before anybody knows who calls: for all, and by address.

    Whoever shows a credential must not have shown too many bad ones, and who asks for
    a token must not have been refused too often; both are counted by
    :func:`integrations.rate_limits.security.attempt`, not here.
    """
    subject = address_subject(address)
    layers = [
        Layer(default_policy("global"), "all"),
        Layer(default_policy("address"), subject),
    ]
    if shows_credential:
        layers.append(Layer(default_policy(BAD_KEYS), subject, is_counted=False))
    if asks_for_token:
        layers.append(Layer(default_policy(BAD_PROOFS), subject, is_counted=False))
    return layers


def layers_after(access: OrganizationAccess, route: str) -> list[Layer]:
    """Return what holds for a caller who is known, on a route of :func:`route_of`.

    What the credential itself says of how much it may (``hourly_quota``) comes before
    the organization's rules, and ends where the installation does.
    """
    snapshot = rules.current()
    target, credential, caller = _caller(access)
    hourly_quota = access.credential.hourly_quota if access.credential else None
    organization_id = access.organization.pk
    sought = (organization_id, target, credential, route, hourly_quota)
    policies = snapshot.policies.get(sought)
    if policies is None:
        set_here = snapshot.organizations.get(organization_id, rules.NONE_SET)
        own = hourly_quota and Rate(hourly_quota, HOUR)
        policies = tuple(_policies(set_here, target, credential, route, own or None))
        if len(snapshot.policies) >= REMEMBERED:
            snapshot.policies.clear()
        snapshot.policies[sought] = policies
    return [
        Layer(
            policy,
            f"organization:{organization_id}"
            if policy.name == Target.ORGANIZATION
            else caller + counted_apart,
        )
        for policy, counted_apart in policies
    ]


def route_of(view_name: str, method: str) -> str:
    """Return what names a route and whether it is read or written."""
    kind = Methods.READ if method in SAFE_METHODS else Methods.WRITE
    return f"{view_name} {kind}"


def _caller(access: OrganizationAccess) -> tuple[Target, str, str]:
    """Return whose quota is used: a key's or an app's own, or else the person's."""
    credential, organization = access.credential, access.organization
    if credential and credential.kind == CredentialKind.API_KEY:
        return Target.KEY, credential.id, f"key:{credential.id}"
    actor = access.actor_id or ""
    if credential and credential.kind == CredentialKind.OAUTH:
        return Target.USER, actor, f"app:{credential.id}:{actor}:{organization.pk}"
    return Target.USER, actor, f"user:{actor}:{organization.pk}"


def most_of(set_here: OrganizationRules, target: str) -> Rate:
    """Return the most that an organization may set for a target."""
    allowed = set_here.most.get(target)
    return allowed or Rate(*settings.RATE_LIMIT_MOST[target])


def _policies(
    set_here: OrganizationRules,
    target: Target,
    credential: str,
    route: str,
    said: Rate | None,
) -> Iterator[tuple[Policy, str]]:
    own = Rate(*settings.RATE_LIMITS[target])
    found = set_here.first(RuleKey(target, credential), RuleKey(target))
    if chosen := said or (found and found[1]):
        own = chosen.within(most_of(set_here, target))
    yield _made(target, own), ""
    yield _made(f"{target}-burst", _burst_of(own, target)), ""
    if on_route := _route_rule(set_here, credential, route):
        key, rate = on_route
        rate = rate.within(most_of(set_here, Target.ENDPOINT))
        yield _made(Target.ENDPOINT, rate), f" {key.route} {key.methods}"
    whole = Rate(*settings.RATE_LIMITS[Target.ORGANIZATION])
    whole = set_here.most.get(Target.ORGANIZATION, whole)
    if found := set_here.first(RuleKey(Target.ORGANIZATION)):
        whole = found[1].within(most_of(set_here, Target.ORGANIZATION))
    yield _made(Target.ORGANIZATION, whole), ""


def _burst_of(own: Rate, target: Target) -> Rate:
    """A caller with a larger quota may also be faster than the default."""
    default = Rate(*settings.RATE_LIMITS[f"{target}-burst"])
    wanted = min(QUOTA_MOST, BURST_FACTOR * own.quota * MINUTE // own.window_seconds)
    if Rate(wanted, MINUTE).is_within(default):
        return default
    return Rate(wanted, MINUTE)


def _route_rule(
    set_here: OrganizationRules, credential: str, route: str
) -> tuple[RuleKey, Rate] | None:
    """The most particular rule: of this caller before all, of this kind before any."""
    view_name, _space, methods = route.partition(" ")
    return set_here.first(
        *(
            RuleKey(Target.ENDPOINT, whose, view_name, kind)
            for whose in (credential, "")
            for kind in (methods, Methods.ANY.value)
        )
    )
