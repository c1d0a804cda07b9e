"""The way of a file through the admin: upload, dry run, apply."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from employees.importing.applying import apply_plan, lock_imports, wait_for_imports
from employees.importing.dates import DateOrder
from employees.importing.plan import Plan
from employees.importing.planning import make_plan
from employees.importing.progress import ProgressNote, is_silent
from employees.importing.reading import read_table
from employees.importing.report import as_report, digest
from employees.models import EmployeeImport
from organizations.access import OrganizationAccess, acting
from organizations.models import Organization, User

Status = EmployeeImport.Status


def upload_import(
    organization: Organization,
    *,
    file_name: str,
    content: bytes,
    uploaded_by: User,
    date_order: DateOrder | None = None,
    hired_on: dt.date | None = None,
) -> EmployeeImport:
    """Take a file and say what it would change; nothing else is written.

    Raises:
        UnusableFileError: when the file as a whole can not be read; it is not kept.
    """
    upload = EmployeeImport(
        organization=organization,
        file_name=file_name[-200:],
        content=content,
        date_order=date_order or "",
        hired_on=hired_on,
        uploaded_by=uploaded_by,
    )
    _note(upload, plan_import(upload))
    upload.save()
    return upload


def plan_import(upload: EmployeeImport) -> Plan:
    """Compare an uploaded file with the employees as they are now."""
    return make_plan(
        upload.organization,
        read_table(bytes(upload.content)),
        date_order=DateOrder(upload.date_order) if upload.date_order else None,
        hired_on=upload.hired_on,
    )


@transaction.atomic
def start_import(upload: EmployeeImport, *, started_by: User) -> EmployeeImport:
    """Note that somebody wants the import applied; a worker then does it.

    Raises:
        ValidationError: when it is applied, or an import is running, with by whom and
            when; when rows are refused.
    """
    lock_imports(upload.organization)
    locked = EmployeeImport.objects.select_for_update().get(pk=upload.pk)
    _refuse_start(locked)
    locked.status = Status.APPLYING
    locked.started_by = started_by
    locked.started_at = timezone.now()
    locked.message = ""
    locked.save()
    return locked


def _refuse_start(upload: EmployeeImport) -> None:
    if upload.status == Status.REFUSED:
        raise ValidationError(
            "Some rows are refused. Correct the file and upload it again.",
            code="refused",
        )
    if upload.started_at is None:
        return
    by = f"{upload.started_by} on {upload.started_at:%Y-%m-%d %H:%M} UTC"
    if upload.status == Status.APPLIED:
        raise ValidationError(
            f"This import was applied already, started by {by}.", code="applied"
        )
    if upload.status == Status.APPLYING and not is_silent(upload):
        raise ValidationError(
            f"This import is running already, started by {by}.", code="applying"
        )


def apply_import(import_id: UUID) -> None:
    """Write an import that was started; all of it or nothing, and only once."""
    upload = EmployeeImport.objects.select_related("organization").get(pk=import_id)
    access = OrganizationAccess(
        organization=upload.organization,
        actor_type="import",
        actor_id=str(upload.started_by_id),
    )
    with acting(access), _told_when_it_fails(import_id):
        _apply(upload)


@transaction.atomic
def _apply(upload: EmployeeImport) -> None:
    wait_for_imports(upload.organization)
    upload.refresh_from_db()
    if upload.status != Status.APPLYING:
        return  # another worker was given the same task and has done it
    plan = plan_import(upload)
    if plan.refusals or digest(plan) != upload.digest:
        _note(upload, plan)
        upload.message = (
            "Employees changed since the dry run, so nothing was imported. This is the "
            "new dry run."
        )
    else:
        apply_plan(plan, ProgressNote(upload.pk))
        upload.status = Status.APPLIED
        upload.applied_at = timezone.now()
    upload.save()


@contextmanager
def _told_when_it_fails(import_id: UUID) -> Iterator[None]:
    """Note what went wrong on the import, after all it wrote is undone."""
    try:
        yield
    except ValidationError as error:
        _note_failure(import_id, " ".join(error.messages))
    except BaseException:
        _note_failure(
            import_id,
            "Nothing was imported: the import failed by a fault of ours. It is in the "
            "worker's log.",
        )
        raise


def _note_failure(import_id: UUID, message: str) -> None:
    EmployeeImport.objects.filter(pk=import_id, status=Status.APPLYING).update(
        status=Status.FAILED, message=message[:500]
    )


def _note(upload: EmployeeImport, plan: Plan) -> None:
    counts = plan.counts()
    upload.new_count = counts["new"]
    upload.changed_count = counts["changed"]
    upload.unchanged_count = counts["unchanged"]
    upload.refused_count = counts["refused"]
    upload.report = as_report(plan)
    upload.digest = digest(plan)
    upload.status = Status.REFUSED if plan.refusals else Status.PLANNED
