"""Import from a file: upload, dry run, apply, and how far it is."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
)

from employees.importing.dates import DateOrder
from employees.importing.progress import is_silent, read_progress
from employees.importing.reading import MAX_BYTES
from employees.importing.report import MAX_LISTED, write_lines
from employees.importing.services import plan_import, start_import, upload_import
from employees.models import EmployeeImport
from employees.tasks import apply_employee_import
from organizations.admin import OrganizationModelAdmin, display, tell_refusal

ADDRESS = "admin:employees_employeeimport_change"
ROWS_PER_PAGE = 50

Status = EmployeeImport.Status

STATUS_LABELS = {
    Status.PLANNED: "info",
    Status.APPLYING: "warning",
    Status.APPLIED: "success",
    Status.REFUSED: "danger",
    Status.FAILED: "danger",
}

# Which field of the form can put right what is wrong with the file.
FIELD_TO_MEND = {"ambiguous_dates": "date_order"}


class UploadForm(forms.Form):
    """A file, and what it does not say by itself."""

    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "CSV or XLSX as BambooHR, Horilla, OrangeHRM or TimeOff write it. Nothing "
            "is changed yet: the next page shows what would be."
        ),
    )
    date_order = forms.ChoiceField(
        label=_("Dates with slashes"),
        required=False,
        choices=[
            ("", _("As the file shows")),
            *((order.value, order.value) for order in DateOrder),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    hired_on = forms.DateField(
        label=_("First day of new people"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Only where the file says none."),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise ValidationError(
                _("The file is larger than %(limit)d MB. Split it."),
                code="too_large",
                params={"limit": MAX_BYTES // 2**20},
            )
        return file


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of rows of the dry run, with their number."""

    name: str
    label: Promise
    count: int


@admin.register(EmployeeImport)
class EmployeeImportAdmin(OrganizationModelAdmin):
    """Imports are uploaded and applied; nobody edits them."""

    read_scope = "employees:import"
    write_scope = "employees:import"
    list_display = [
        "file_name",
        "outcome",
        "new_count",
        "changed_count",
        "refused_count",
        "uploaded_by",
        "created_at",
    ]
    list_filter = ["status"]
    list_select_related = ["uploaded_by"]
    search_fields = ["file_name"]

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        uploads = super().get_queryset(request).defer("content")
        if request.resolver_match.url_name.endswith("_changelist"):
            uploads = uploads.defer("report")
        return uploads

    def get_actions(self, request: Any) -> dict[str, Any]:
        """Imports are deleted one by one: one that runs must not be."""
        return {}

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        is_running = obj is not None and obj.status == Status.APPLYING
        return not is_running and super().has_delete_permission(request, obj)

    @display(description=_("status"), ordering="status", label=STATUS_LABELS)
    def outcome(self, upload: EmployeeImport) -> tuple[str, str]:
        return upload.status, upload.get_status_display()

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        views = {
            "apply": require_POST(self.apply_view),
            "progress": self.progress_view,
            "report": self.report_view,
        }
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    guarded(view),
                    name=f"employees_employeeimport_{name}",
                )
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: Any, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Take a file; what is wrong with it as a whole is told on the form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return redirect(ADDRESS, self._upload(request, form).pk)
            except ValidationError as error:
                form.add_error(FIELD_TO_MEND.get(error.code or "", "file"), error)
        context = {"title": _("Import employees"), "form": form}
        return self._render(request, "import_upload", context)

    def change_view(
        self,
        request: Any,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show the dry run, the progress, or what became of it."""
        upload = self._own(request, object_id)
        tabs = [
            Tab("refused", _("Refused"), upload.refused_count),
            Tab("changed", _("Changed"), upload.changed_count),
            Tab("new", _("New"), upload.new_count),
            Tab("unchanged", _("Unchanged"), upload.unchanged_count),
        ]
        chosen = request.GET.get("show") or next(
            (tab.name for tab in tabs if tab.count), "unchanged"
        )
        rows = upload.report.get(chosen, [])
        context = {
            "title": upload.file_name,
            "tabs": tabs,
            "chosen": chosen,
            "rows": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
            "is_cut": len(rows) == MAX_LISTED,
            "writes": upload.new_count + upload.changed_count,
            **self._state_of(upload),
        }
        return self._render(request, "import", context, upload)

    def apply_view(self, request: Any, object_id: str) -> HttpResponse:
        """Let a worker apply it; refused a second time, with by whom and when."""
        upload = self._own(request, object_id)
        try:
            start_import(upload, started_by=request.user)
        except ValidationError as error:
            tell_refusal(request, error)
        else:
            apply_employee_import.delay_on_commit(str(upload.pk))  # type: ignore[attr-defined]
            self.log_change(request, upload, "Applied.")
        return redirect(ADDRESS, upload.pk)

    def progress_view(self, request: Any, object_id: str) -> HttpResponse:
        """Give the fragment that asks again each second; reload once it has ended."""
        upload = self._own(request, object_id)
        response = self._render(
            request, "import_progress", self._state_of(upload), upload
        )
        if upload.status != Status.APPLYING:
            response["HX-Refresh"] = "true"
        return response

    def report_view(self, request: Any, object_id: str) -> HttpResponse:
        """Give every difference and refusal as CSV, as of now."""
        upload = self._own(request, object_id)
        if upload.status not in {Status.PLANNED, Status.REFUSED}:
            raise Http404
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="dry-run.csv"'
        response.write("\ufeff")
        write_lines(response, plan_import(upload))
        return response

    def _upload(self, request: Any, form: UploadForm) -> EmployeeImport:
        file = form.cleaned_data["file"]
        date_order = form.cleaned_data["date_order"]
        upload = upload_import(
            request.organization,
            file_name=file.name,
            content=file.read(),
            uploaded_by=request.user,
            date_order=DateOrder(date_order) if date_order else None,
            hired_on=form.cleaned_data["hired_on"],
        )
        self.log_addition(request, upload, "Uploaded.")
        return upload

    def _own(self, request: Any, object_id: str) -> EmployeeImport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        upload: EmployeeImport = self.get_own(request, object_id)
        return upload

    def _state_of(self, upload: EmployeeImport) -> dict[str, Any]:
        is_running = upload.status == Status.APPLYING
        return {
            "progress": read_progress(upload) if is_running else None,
            "is_lost": is_running and is_silent(upload),
        }

    def _render(
        self,
        request: Any,
        template: str,
        context: dict[str, Any],
        upload: EmployeeImport | None = None,
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/employees/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "media": self.media,
                "upload": upload,
                "original": upload,
                "address": reverse("admin:employees_employeeimport_changelist"),
                **context,
            },
        )
