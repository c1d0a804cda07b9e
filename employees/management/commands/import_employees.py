"""Import employees from a file: ``manage.py import_employees FILE``."""

import datetime as dt
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from employees.importing.applying import apply_plan, lock_imports
from employees.importing.dates import DateOrder
from employees.importing.plan import Plan
from employees.importing.planning import make_plan
from employees.importing.reading import MAX_BYTES, read_table
from employees.importing.report import describe, write_lines
from organizations.access import OrganizationAccess, acting
from organizations.models import Organization

SHOWN_DIFFERENCES = 20


class Command(BaseCommand):
    help = (
        "Import employees from a CSV or XLSX file as BambooHR, Horilla, OrangeHRM and "
        "TimeOff write it. All rows or none: one refused row keeps everything out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or XLSX file")
        parser.add_argument(
            "--organization", required=True, metavar="SLUG", help="its short name"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would change, write nothing",
        )
        parser.add_argument(
            "--date-format",
            choices=[order.value for order in DateOrder],
            help="how the file writes dates with slashes, where it can not be seen",
        )
        parser.add_argument(
            "--hired-on",
            type=dt.date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="first day of new people, where the file says none",
        )
        parser.add_argument(
            "--report",
            type=Path,
            metavar="FILE.csv",
            help="write every difference and refusal to this file",
        )
        parser.add_argument(
            "--show",
            type=int,
            default=SHOWN_DIFFERENCES,
            metavar="N",
            help=f"how many changed and new people to list ({SHOWN_DIFFERENCES})",
        )

    def handle(self, *, organization: str, **options: Any) -> None:
        owner = _find_organization(organization)
        started = time.monotonic()
        try:
            with acting(OrganizationAccess(owner, actor_type="import")):
                plan = self._import(owner, **options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if not options["dry_run"]:
            written = len(plan.new) + len(plan.changed)
            self.stdout.write(
                self.style.SUCCESS(
                    f"Imported: {written} employees written in "
                    f"{time.monotonic() - started:.1f} s."
                )
            )

    @transaction.atomic
    def _import(
        self,
        organization: Organization,
        *,
        file: Path,
        dry_run: bool,
        date_format: str | None,
        hired_on: dt.date | None,
        report: Path | None,
        show: int,
        **options: Any,
    ) -> Plan:
        table = read_table(_read(file))
        if not dry_run:
            lock_imports(organization)
        plan = make_plan(
            organization,
            table,
            date_order=DateOrder(date_format) if date_format else None,
            hired_on=hired_on,
        )
        self.stdout.writelines(f"{line}\n" for line in describe(plan, shown=show))
        if report:
            _write_report(report, plan)
            self.stdout.write(f"Every difference and refusal stands in {report}.")
        if plan.refusals:
            raise CommandError(
                "Nothing was written: one refused row keeps everything out. Correct "
                "the file and run this again."
            )
        if dry_run:
            self.stdout.write("Nothing was written: this was a dry run.")
        else:
            with tqdm(total=0, unit=" employees", disable=None) as bar:
                apply_plan(plan, _moving(bar))
        return plan


def _moving(bar: "tqdm[Any]") -> Callable[[int, int], None]:
    def move(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return move


def _find_organization(slug: str) -> Organization:
    try:
        return Organization.objects.get(slug=slug, closed_at__isnull=True)
    except Organization.DoesNotExist as error:
        slugs = Organization.objects.filter(closed_at__isnull=True).order_by("slug")
        there_are = ", ".join(slugs.values_list("slug", flat=True)[:20]) or "none"
        raise CommandError(
            f"No organization has the slug “{slug}”. There are: {there_are}."
        ) from error


def _read(file: Path) -> bytes:
    """Read the file, and not much more of it than may be imported."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} can not be read: {error.strerror}.") from error


def _write_report(report: Path, plan: Plan) -> None:
    try:
        with report.open("w", newline="", encoding="utf-8-sig") as opened:
            write_lines(opened, plan)
    except OSError as error:
        raise CommandError(f"{report} can not be written: {error.strerror}.") from error
