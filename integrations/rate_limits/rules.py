"""What organizations have set, held by every process and never older than 2 s.

Every answer of the store carries the version of the rules, so a process reads them
again only when they have changed. Without the store it reads them every 1.5 s.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from integrations.rate_limits import limiter
from integrations.rate_limits.models import Allowance, LimitRule
from integrations.rate_limits.terms import Policy

#: How long a version that the store told is believed.
VERSION_SECONDS = 1.0
#: How long rules are believed where no store tells versions.
UNVERSIONED_SECONDS = 1.5
#: How long rules are believed at most: a version may have been lost.
MOST_SECONDS = 60.0


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    quota: int
    window_seconds: int

    def is_within(self, most: "Rate") -> bool:
        """Say whether this is no faster than ``most``."""
        return self.quota * most.window_seconds <= most.quota * self.window_seconds

    def within(self, most: "Rate") -> "Rate":
        """Return this rate, or as much of it as ``most`` allows in its window."""
        if self.is_within(most):
            return self
        allowed = most.quota * self.window_seconds // most.window_seconds
        return Rate(max(1, allowed), self.window_seconds)


class RuleKey(NamedTuple):
    """What a rule is about."""

    target: str
    credential: str = ""
    route: str = ""
    methods: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationRules:
    """What one organization has set, and the most that it may."""

    rates: Mapping[RuleKey, Rate] = field(default_factory=dict)
    most: Mapping[str, Rate] = field(default_factory=dict)

    def first(self, *keys: RuleKey) -> tuple[RuleKey, Rate] | None:
        """Return the first of these rules that there is."""
        return next(((key, self.rates[key]) for key in keys if key in self.rates), None)


NONE_SET = OrganizationRules()


@dataclass(slots=True)
class Snapshot:
    """All rules as they were read, the version they had, and what follows of them."""

    version: str
    read_at: float
    organizations: Mapping[UUID, OrganizationRules]
    policies: dict[tuple[object, ...], tuple[tuple[Policy, str], ...]] = field(
        default_factory=dict
    )


_held: Snapshot | None = None


def current() -> Snapshot:
    """Return the rules of all organizations, as of at most 2 s ago."""
    global _held
    held, version = _held, _version()
    if held is None or held.version != version or _is_old(held):
        # The version is older than the rows, never younger: a change in between is read
        # again at the next request.
        held = _held = Snapshot(version, time.monotonic(), _read())
    return held


def hold(organizations: Mapping[UUID, OrganizationRules]) -> None:
    """Take these for the rules of now, without reading them."""
    global _held
    version = limiter.peek(()).rules  # the store may have been emptied just now
    _held = Snapshot(version, time.monotonic(), organizations)


def forget() -> None:
    """Read the rules again before the next request."""
    global _held
    _held = None


def _version() -> str:
    """Return the version that the store has told last; empty where there is none."""
    heard = limiter.limiter().heard
    if heard is None or time.monotonic() - heard.at > VERSION_SECONDS:
        return limiter.peek(()).rules
    return heard.rules


def _is_old(held: Snapshot) -> bool:
    most = MOST_SECONDS if held.version else UNVERSIONED_SECONDS
    return time.monotonic() - held.read_at > most


def _read() -> dict[UUID, OrganizationRules]:
    # Unfenced: these are the rules of everybody.
    rates: dict[UUID, dict[RuleKey, Rate]] = {}
    rows: Iterable[LimitRule] = LimitRule._base_manager.all()
    for row in rows:
        key = RuleKey(row.target, row.credential, row.route, row.methods)
        rate = Rate(row.quota, row.window_seconds)
        rates.setdefault(row.organization_id, {})[key] = rate
    most: dict[UUID, dict[str, Rate]] = {}
    allowances: Iterable[Allowance] = Allowance._base_manager.all()
    for allowance in allowances:
        rate = Rate(allowance.quota, allowance.window_seconds)
        most.setdefault(allowance.organization_id, {})[allowance.target] = rate
    return {
        organization_id: OrganizationRules(
            rates.get(organization_id, {}), most.get(organization_id, {})
        )
        for organization_id in rates.keys() | most.keys()
    }
