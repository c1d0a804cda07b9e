"""What somebody should look at: people whose record lacks something, or will end."""

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from employees.models import Employee

_ACTIVE = Q(status=Employee.Status.ACTIVE)
_LEADS = Exists(Employee._base_manager.filter(manager=OuterRef("pk")))

#: By the name that the list's filter knows them under: words, and a condition.
#: Whoever leads others may well report to nobody.
OPEN_POINTS: dict[str, tuple[Promise, Q]] = {
    "no_manager": (
        _("without a manager"),
        _ACTIVE & Q(manager__isnull=True) & Q(~_LEADS),
    ),
    "no_department": (_("without a department"), _ACTIVE & Q(department__isnull=True)),
    "no_login": (_("without a login"), _ACTIVE & Q(user__isnull=True)),
    "leaving": (_("leaving soon"), _ACTIVE & Q(terminated_on__isnull=False)),
}
