"""Mail about what somebody asks for: who decides, and one letter to each."""

from collections.abc import Iterable

from django.core.mail import EmailMessage

from employees.models import Employee
from organizations.models import Membership
from organizations.roles import ROLE_SCOPES, Role


def deciders_of(employee: Employee, scope: str) -> list[str]:
    """Return the addresses of who decides for somebody: their manager, or else HR.

    HR is every member whose role has the ``scope``, without the person themselves.
    """
    manager = employee.manager
    if manager is not None:
        return [manager.work_email]
    roles = [role for role in Role if scope in ROLE_SCOPES[role]]
    members = Membership.objects.filter(
        organization=employee.organization_id, role__in=roles
    ).exclude(user=employee.user_id)
    emails: Iterable[str] = members.values_list("user__email", flat=True)
    return sorted(emails)


def send_to_each(subject: str, body: str, addresses: Iterable[str]) -> None:
    """Send one mail to each: nobody need know who else is told.

    Raises:
        OSError: when the mail server does not take it.
    """
    for address in addresses:
        EmailMessage(subject, body, None, [address]).send()
