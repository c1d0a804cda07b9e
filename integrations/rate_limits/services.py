"""Setting limits; every process hears of it by the store, at its next request."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from integrations.rate_limits import limiter, rules
from integrations.rate_limits.models import Allowance, LimitRule, rate_in_words
from integrations.rate_limits.policies import most_of
from integrations.rate_limits.rules import OrganizationRules, Rate
from organizations.models import Organization
from organizations.security import SecurityKind, tell


@transaction.atomic
def save_rule(rule: LimitRule) -> LimitRule:
    """Set a limit of an organization.

    Raises:
        ValidationError: when it is more than the organization may set.
    """
    most = most_of(_allowed(rule.organization), rule.target)
    if not Rate(rule.quota, rule.window_seconds).is_within(most):
        raise ValidationError(
            _("This organization may allow at most %(most)s."),
            code="above_allowance",
            params={"most": rate_in_words(*most)},
        )
    rule.save()
    _tell(rule.organization, f"limit_rule:{rule.pk}", str(rule))
    return rule


@transaction.atomic
def delete_rule(rule: LimitRule) -> None:
    """Take a limit back: the installation's own holds again."""
    subject, words = f"limit_rule:{rule.pk}", str(rule)
    rule.delete()
    _tell(rule.organization, subject, words)


@transaction.atomic
def set_allowance(organization: Organization, target: str, rate: Rate) -> Allowance:
    """Say how much an organization may set for a target.

    Rules above it stay, and hold as far as it allows.
    """
    allowance = Allowance.objects.for_organization(organization).filter(
        target=target
    ).first() or Allowance(organization=organization, target=target)
    allowance.quota, allowance.window_seconds = rate
    allowance.full_clean()
    allowance.save()
    _tell(organization, f"limit_allowance:{allowance.pk}", str(allowance))
    return allowance


def _allowed(organization: Organization) -> OrganizationRules:
    rows = Allowance.objects.for_organization(organization)
    return OrganizationRules(
        most={row.target: Rate(row.quota, row.window_seconds) for row in rows}
    )


def _tell(organization: Organization, subject: str, words: str) -> None:
    tell(
        SecurityKind.ACCESS_CHANGED,
        organization_id=organization.pk,
        subject=subject,
        reason="limit",
        details={"limit": words},
    )
    transaction.on_commit(_announce)


def _announce() -> None:
    """Processes that the store cannot tell read the rules again within 2 s."""
    limiter.announce_rules()
    rules.forget()
