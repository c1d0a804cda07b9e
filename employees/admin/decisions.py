"""Decisions about the selected employees: a page that shows what will come of it.

Each employee is decided about separately; each refusal is told with its name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employees.admin.forms import NewManagerForm, RehiringForm, TerminationForm
from employees.models import Employee
from employees.services import change_manager, rehire_employee, terminate_employee
from organizations.admin import tell_refusal

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """One kind of decision: its words, its form, what it does, what comes of it."""

    name: str
    title: Promise
    button: Promise
    done: Promise
    form_class: type[forms.Form]
    take: Callable[[Employee, dict[str, Any]], object]
    note: Callable[[Employee], str]


def _note_termination(employee: Employee) -> str:
    if employee.status == Employee.Status.TERMINATED:
        return _("Left on %s already: will be refused.") % employee.terminated_on
    team_size: int = employee.team_size  # type: ignore[attr-defined]
    if team_size:
        return _("%d people report to them and will need a new manager.") % team_size
    return ""


def _note_rehiring(employee: Employee) -> str:
    if employee.status != Employee.Status.TERMINATED:
        return _("Is employed: will be refused.")
    return _("Left on %s.") % employee.terminated_on


def _note_manager(employee: Employee) -> str:
    if employee.manager:
        return _("Reports to %s now.") % employee.manager
    return _("Reports to nobody now.")


TERMINATION = Decision(
    name="terminate",
    title=gettext_lazy("End employment"),
    button=gettext_lazy("End the employment"),
    done=gettext_lazy("The employment ends, or has ended."),
    form_class=TerminationForm,
    take=lambda employee, answer: terminate_employee(employee, **answer),
    note=_note_termination,
)
REHIRING = Decision(
    name="rehire",
    title=gettext_lazy("Rehire"),
    button=gettext_lazy("Rehire"),
    done=gettext_lazy("Employed again."),
    form_class=RehiringForm,
    take=lambda employee, answer: rehire_employee(employee, **answer),
    note=_note_rehiring,
)
NEW_MANAGER = Decision(
    name="change_manager",
    title=gettext_lazy("Change manager"),
    button=gettext_lazy("Change the manager"),
    done=gettext_lazy("The manager is changed."),
    form_class=NewManagerForm,
    take=lambda employee, answer: change_manager(employee, answer["manager"]),
    note=_note_manager,
)


def decide(
    request: Any, model_admin: Any, employees: QuerySet[Employee], decision: Decision
) -> TemplateResponse | None:
    """Show the page of a decision; once it is answered, take it and return None."""
    chosen = list(employees.with_work().with_team_size()[: AT_ONCE + 1])  # type: ignore[attr-defined]
    if len(chosen) > AT_ONCE:
        messages.error(request, _("Choose at most %d people at once.") % AT_ONCE)
        return None
    answered = "decided" in request.POST
    form = decision.form_class(request.POST if answered else None)
    if answered and form.is_valid():
        _take(request, model_admin, chosen, decision, form.cleaned_data)
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": decision.title,
        "opts": model_admin.opts,
        "decision": decision,
        "form": form,
        "media": model_admin.media + form.media,
        "chosen": [(employee, decision.note(employee)) for employee in chosen],
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/employees/decision.html", context)


def _take(
    request: Any,
    model_admin: Any,
    employees: list[Employee],
    decision: Decision,
    answer: dict[str, Any],
) -> None:
    for employee in employees:
        try:
            with transaction.atomic():
                decision.take(employee, answer)
        except ValidationError as error:
            tell_refusal(request, error, employee)
        else:
            model_admin.log_change(request, employee, str(decision.title))
            messages.success(request, f"{employee}: {decision.done}")
