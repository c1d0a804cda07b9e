"""Who belongs to the organization, with which role."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminEmailInputWidget

from organizations.admin.base import OrganizationModelAdmin, tell_refusal
from organizations.admin.decorators import display
from organizations.admin.forms import RecordForm
from organizations.invitations import send_invitation
from organizations.models import Membership
from organizations.roles import Role
from organizations.services import add_member, change_role, remove_member

ROLE_LABELS = {role.value: "info" if role == Role.OWNER else None for role in Role}


class InvitationForm(RecordForm):
    """Whom to invite, by e-mail address, and as what."""

    email = forms.EmailField(
        label=_("E-mail"),
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("They get a mail that lets them choose a password."),
    )

    class Meta:
        model = Membership
        fields = ["role"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if Membership.objects.filter(user__email__iexact=email).exists():
            raise ValidationError(_("This person is a member already."), "member")
        return email

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"user"}


@admin.register(Membership)
class MembershipAdmin(OrganizationModelAdmin):
    """Members are invited, given roles and removed; never left without an owner."""

    read_scope = "members:read"
    write_scope = "members:manage"
    delete_scope = "members:delete"
    list_display = ["member", "email", "role_label", "state", "created_at"]
    list_filter = [("role", ChoicesDropdownFilter)]
    list_select_related = ["user"]
    search_fields = ["user__first_name", "user__last_name", "user__email"]
    ordering = ["user__email"]
    readonly_fields = ["email", "created_at"]
    actions = ["invite_again"]
    fields = ["email", "role", "created_at"]

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs |= {"form": InvitationForm}
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: Any, obj: Any = None) -> list[str]:
        return super().get_fields(request, obj) if obj else ["email", "role"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return self.readonly_fields if obj else []

    def formfield_for_choice_field(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        """Offer the role of owner to owners alone."""
        if db_field.name == "role" and request.access.role != Role.OWNER:
            kwargs["choices"] = [
                choice for choice in Role.choices if choice[0] != Role.OWNER
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @display(description=_("name"), ordering="user__last_name")
    def member(self, membership: Membership) -> str:
        return str(membership.user)

    @display(description=_("e-mail"), ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email

    @display(description=_("role"), ordering="role", label=ROLE_LABELS)
    def role_label(self, membership: Membership) -> tuple[str, str]:
        return membership.role, membership.get_role_display()

    @display(description=_("login"))
    def state(self, membership: Membership) -> str:
        if membership.user.last_login:
            return str(_("Active"))
        return str(_("Invited"))

    def add_record(self, request: Any, form: Any) -> Membership:
        membership = add_member(
            request.organization,
            email=form.cleaned_data["email"],
            role=Role(form.cleaned_data["role"]),
        )
        self._invite_after_commit(request, membership)
        return membership

    def change_record(self, request: Any, form: Any) -> None:
        change_role(form.instance, Role(form.cleaned_data["role"]))

    def delete_model(self, request: Any, obj: Membership) -> None:
        remove_member(obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[Membership]) -> None:
        for membership in queryset.select_related("user"):
            remove_member(membership)

    @admin.action(description=_("Send the invitation again"), permissions=["change"])
    def invite_again(
        self, request: HttpRequest, memberships: QuerySet[Membership]
    ) -> None:
        for membership in memberships.select_related("user", "organization"):
            if membership.user.last_login:
                reason = ValidationError(_("They have logged in already."))
                tell_refusal(request, reason, membership.user)
            else:
                self._invite_after_commit(request, membership)

    def _invite_after_commit(
        self, request: HttpRequest, membership: Membership
    ) -> None:
        transaction.on_commit(partial(self._invite, request, membership))

    def _invite(self, request: HttpRequest, membership: Membership) -> None:
        email = membership.user.email
        try:
            send_invitation(membership)
        except OSError:
            reason = _("The mail could not be sent. Ask them to use “Forgot password”.")
            messages.warning(request, f"{email}: {reason}")
        else:
            messages.success(request, _("Invitation sent to %s.") % email)
