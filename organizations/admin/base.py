"""What every admin inherits: the fence, the scopes, and refusals as sentences."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import NestedObjects, unquote
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.views import ChangeList

from organizations.admin.forms import RecordForm
from organizations.middleware import OrganizationRequest
from organizations.models import Organization, OrganizationOwned, User

LISTED_IN_SENTENCE = 3


def tell_refusal(
    request: HttpRequest, error: ValidationError, about: object = None
) -> None:
    """Show why a service refused, with the record that it is about."""
    for message in error.messages:
        sentence = f"{about}: {message}" if about else message
        messages.error(request, sentence)


def fenced_choices(
    model: type[models.Model], organization: Organization
) -> QuerySet[Any]:
    """Return what a foreign key to ``model`` may name in an organization.

    Raises:
        ImproperlyConfigured: for a model that nothing ties to an organization.
    """
    if issubclass(model, OrganizationOwned):
        rows: QuerySet[Any] = model.objects.for_organization(organization)
        return rows
    if model is User:
        return User.objects.filter(memberships__organization=organization)
    raise ImproperlyConfigured(f"{model._meta.label} knows no organization.")


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Count no further than one ever leafs: a million rows cost no more than these."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        counted: int = rows.order_by()[: self.most].count()
        return counted


class OrganizationChangeList(ChangeList):  # type: ignore[misc]
    """A list that knows when it shows everything, without counting a second time."""

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        if not self.query and not self.get_filters_params():
            self.full_result_count = self.result_count


class Fenced:
    """Rows of the request's organization alone, for whoever holds the scopes.

    ``read_scope`` shows them. ``write_scope`` adds and changes them; without one,
    nobody does. ``delete_scope`` deletes them, where there is one of its own. A class
    that declares no ``read_scope`` cannot be registered.
    """

    read_scope: ClassVar[str]
    write_scope: ClassVar[str | None] = None
    delete_scope: ClassVar[str | None] = None
    form: "type[forms.BaseModelForm[Any]]" = RecordForm

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.read_scope)

    def has_module_permission(self, request: Any) -> bool:
        return _allows(request, self.read_scope)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.write_scope)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.write_scope)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return _allows(request, self.delete_scope or self.write_scope)

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(organization=request.organization)

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> Any:
        kwargs.setdefault(
            "queryset",
            fenced_choices(db_field.remote_field.model, request.organization),
        )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


def _allows(request: Any, scope: str | None) -> bool:
    return bool(scope and request.access and request.access.allows(scope))


class OrganizationModelAdmin(Fenced, ModelAdmin):  # type: ignore[misc]
    """The admin of a model whose rows belong to organizations."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_filter_submit = True
    view_on_site = False
    compressed_fields = True
    warn_unsaved_form = True
    change_form_before_template: str | None = "admin/version.html"

    def get_own(self, request: OrganizationRequest, object_id: str) -> Any:
        """Return a record of the organization.

        Raises:
            Http404: when there is none; another organization's is no different.
        """
        record = self.get_object(request, unquote(str(object_id)))
        if record is None:
            raise Http404
        return record

    def get_changelist(self, request: Any, **kwargs: Any) -> type[ChangeList]:
        return OrganizationChangeList

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.organization = request.organization
        return form

    def get_fields(self, request: Any, obj: Any = None) -> list[str]:
        return [name for name in super().get_fields(request, obj) if name != "version"]

    def changelist_view(
        self, request: Any, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List, or act on what is selected: wholly, or on a refusal not at all."""
        try:
            with transaction.atomic() if request.method == "POST" else nullcontext():
                response: HttpResponse = super().changelist_view(request, extra_context)
        except ValidationError as error:
            tell_refusal(request, error)
            return redirect(request.get_full_path())
        return response

    def changeform_view(
        self,
        request: Any,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save; what a service refuses is told above the form, read anew."""
        try:
            response: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except ValidationError as error:
            tell_refusal(request, error)
            return redirect(request.get_full_path())
        return response

    def save_form(self, request: Any, form: Any, change: bool) -> Any:
        unsaved = super().save_form(request, form, change)
        return unsaved if change else self.add_record(request, form)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            if isinstance(form, RecordForm):
                form.refuse_stale()
            self.change_record(request, form)

    def add_record(self, request: Any, form: Any) -> Any:
        """Write and return what a valid form adds; override to call a service.

        Raises:
            ValidationError: to be told above the form, when the service refuses.
        """
        form.instance.save()
        return form.instance

    def change_record(self, request: Any, form: Any) -> None:
        """Write what a valid form changes; override to call a service.

        Raises:
            ValidationError: to be told above the form, when the service refuses.
        """
        form.instance.save()

    def delete_view(
        self, request: Any, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            response: HttpResponse = super().delete_view(
                request, object_id, extra_context
            )
        except (ProtectedError, ValidationError) as error:
            self._tell_kept(request, error)
            return redirect(
                reverse(
                    f"admin:{self.opts.app_label}_{self.opts.model_name}_change",
                    args=[object_id],
                )
            )
        return response

    def delete_queryset(self, request: Any, queryset: QuerySet[Any]) -> None:
        """Delete all or none."""
        try:
            super().delete_queryset(request, queryset)
        except ProtectedError as error:
            raise ValidationError(_in_use(error.protected_objects)) from error

    def _tell_kept(
        self, request: HttpRequest, error: ProtectedError | ValidationError
    ) -> None:
        if isinstance(error, ProtectedError):
            error = ValidationError(_in_use(error.protected_objects))
        tell_refusal(request, error)

    def get_deleted_objects(
        self, objs: Any, request: Any
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Say in sentences what goes along and what stands in the way.

        Who may delete a record may delete what is part of it.
        """
        collector = NestedObjects(using="default", origin=objs)
        collector.collect(objs)
        counts = {
            str(model._meta.verbose_name_plural): len(rows)  # type: ignore[attr-defined]
            for model, rows in collector.model_objs.items()
        }
        shown = [
            f"{capfirst(str(row._meta.verbose_name))}: {row}"
            for row in list(objs)[:100]
        ]
        kept = [_in_use(collector.protected)] if collector.protected else []
        return shown, counts, set(), kept

    def _get_obj_does_not_exist_redirect(
        self, request: Any, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        return super().log_change(request, obj, _without_version(message))


def _without_version(message: Any) -> Any:
    """Leave the hidden field out of the history."""
    if not isinstance(message, list):
        return message
    for entry in message:
        changed = entry.get("changed", {})
        if "fields" in changed:
            changed["fields"] = [
                name for name in changed["fields"] if name != "Version"
            ]
    return message


def _in_use(records: Iterable[Any]) -> str:
    """Return the sentence that names what still uses a record."""
    by_kind: dict[type[models.Model], list[Any]] = {}
    for record in records:
        by_kind.setdefault(type(record), []).append(record)
    return " ".join(_in_use_by(kind, users) for kind, users in by_kind.items())


def _in_use_by(kind: type[models.Model], users: list[Any]) -> str:
    names = sorted(str(user) for user in users)
    listed = ", ".join(names[:LISTED_IN_SENTENCE])
    more = len(names) - LISTED_IN_SENTENCE
    if more > 0:
        listed = _("%(names)s and %(count)d more") % {"names": listed, "count": more}
    noun = (
        kind._meta.verbose_name if len(users) == 1 else kind._meta.verbose_name_plural
    )
    return ngettext(
        "%(count)d %(noun)s still uses it: %(names)s.",
        "%(count)d %(noun)s still use it: %(names)s.",
        len(users),
    ) % {"count": len(users), "noun": noun, "names": listed}


class OrganizationTabularInline(Fenced, TabularInline):  # type: ignore[misc]
    """Rows of the organization inside the form of another one."""

    extra = 0

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.organization = request.organization
        return formset
