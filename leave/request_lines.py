"""The rows of a request: its days, and its lines in the ledger."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from leave.calendar import ChargedDay
from leave.ledger import Kind, Posting, lock_account, post
from leave.models import LeaveDay, LeaveLedgerEntry, LeaveRequest


def day_rows(leave_request: LeaveRequest, days: Iterable[ChargedDay]) -> list[LeaveDay]:
    """Return the days of a request as they are kept, not written yet."""
    return [
        LeaveDay(
            organization_id=leave_request.organization_id,
            request=leave_request,
            employee=leave_request.employee,
            on=day.on,
            portion=day.portion.value,
            charge=day.charge,
            year=day.on.year,
            reason=day.reason.value,
            holiday=day.holiday,
        )
        for day in days
    ]


def posted(leave_request: LeaveRequest, kind: str) -> list[LeaveLedgerEntry]:
    """Return a request's lines of one kind, in the order they were posted."""
    return list(
        LeaveLedgerEntry.objects.filter(request=leave_request, kind=kind).order_by(
            "number"
        )
    )


def release(leave_request: LeaveRequest) -> None:
    """Let what was reserved go, and the days be free again."""
    LeaveDay.objects.filter(request=leave_request).update(is_live=False)
    reserved = posted(leave_request, Kind.RESERVATION)
    post_lines(leave_request, counter(leave_request, reserved, Kind.RELEASE))


def counter(
    leave_request: LeaveRequest, entries: Iterable[LeaveLedgerEntry], kind: Kind
) -> Iterator[Posting]:
    """Yield the lines that take these entries back."""
    for entry in entries:
        yield posting(leave_request, kind, entry, -entry.amount)


def posting(
    leave_request: LeaveRequest,
    kind: Kind,
    follows: LeaveLedgerEntry,
    amount: Decimal,
    mark: str = "",
) -> Posting:
    """Return a line that follows another one: of its year, counting from its day."""
    key = f"request:{leave_request.pk}:{kind}:{follows.year}"
    return Posting(
        kind,
        amount,
        follows.year,
        follows.effective_on,
        f"{key}:{mark}" if mark else key,
        request=leave_request,
    )


def post_lines(leave_request: LeaveRequest, postings: Iterable[Posting]) -> None:
    """Post to the account that the request spends."""
    account = lock_account(leave_request.employee, leave_request.leave_type)
    post(account, postings)
