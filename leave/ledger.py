"""Posting to accounts, and what they hold: sums over lines that never change."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from employees.models import Employee
from leave.models import LeaveAccount, LeaveLedgerEntry, LeaveRequest, LeaveType
from organizations.access import current_access

Kind = LeaveLedgerEntry.Kind
ZERO = Decimal(0)
GRANTED = (Kind.GRANT, Kind.ADJUSTMENT)
PENDING = (Kind.RESERVATION, Kind.RELEASE)
TAKEN = (Kind.TAKEN, Kind.REVERSAL)


@dataclass(frozen=True, slots=True)
class Posting:
    """A line on its way into the ledger.

    ``key`` makes it count once, however often it is posted. ``year`` is the
    entitlement that it is about, ``effective_on`` the day from which it counts.
    """

    kind: Kind
    amount: Decimal
    year: int
    effective_on: dt.date
    key: str
    request: LeaveRequest | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a year holds; ``available`` is what of ``granted`` is left."""

    granted: Decimal = ZERO
    pending: Decimal = ZERO
    taken: Decimal = ZERO

    @property
    def available(self) -> Decimal:
        return self.granted - self.pending - self.taken

    def as_text(self) -> dict[str, str]:
        """Return the figures as JSON keeps them exactly."""
        amounts = {
            "granted": self.granted,
            "pending": self.pending,
            "taken": self.taken,
            "available": self.available,
        }
        return {name: f"{amount:.3f}" for name, amount in amounts.items()}

    @classmethod
    def of_text(cls, kept: dict[str, str] | None) -> "Figures":
        """Read figures back; what is not there is nothing."""
        if kept is None:
            return cls()
        return cls(*(Decimal(kept[name]) for name in ("granted", "pending", "taken")))


def lock_account(employee: Employee, leave_type: LeaveType) -> LeaveAccount:
    """Return the account under a lock that is held to the end of the transaction.

    Whoever spends or grants takes it first, so nobody acts on a balance that another
    one is about to change.
    """
    found = LeaveAccount.objects.select_for_update(of=("self",)).filter(
        organization=employee.organization_id,
        employee=employee,
        leave_type=leave_type,
    )
    account: LeaveAccount | None = found.order_by().first()
    if account is None:
        lock_openings(leave_type)
        LeaveAccount.objects.get_or_create(
            organization_id=employee.organization_id,
            employee=employee,
            leave_type=leave_type,
        )
        account = found.get()
    return account


def lock_accounts(
    leave_type: LeaveType, employees: Sequence[Employee]
) -> dict[object, LeaveAccount]:
    """Return the locked accounts of many people, opened where there were none."""
    lock_openings(leave_type)
    rows = LeaveAccount.objects.filter(leave_type=leave_type, employee__in=employees)
    present = set(rows.values_list("employee", flat=True))
    LeaveAccount.objects.bulk_create(
        LeaveAccount(
            organization_id=leave_type.organization_id,
            employee=employee,
            leave_type=leave_type,
        )
        for employee in employees
        if employee.pk not in present
    )
    locked = rows.select_for_update(of=("self",)).order_by("pk")
    return {account.employee_id: account for account in locked}


def lock_openings(leave_type: LeaveType) -> None:
    """Let nobody else open an account of this type before the transaction ends."""
    LeaveType.objects.select_for_update(of=("self",), no_key=True).get(pk=leave_type.pk)


def post(account: LeaveAccount, postings: Iterable[Posting]) -> int:
    """Append lines to a locked account and note its new figures; return how many.

    Lines whose key was posted before are passed over. All of them together are one
    change of the account, and one event.
    """
    fresh = _not_posted([(account, posting) for posting in postings])
    _append(fresh)
    if fresh:
        years = {posting.year for _account, posting in fresh}
        _note([account], years)
        account.save()
    return len(fresh)


def post_to_many(postings: Sequence[tuple[LeaveAccount, Posting]]) -> int:
    """Append a line to each of many locked accounts; as :func:`post`, set by set."""
    fresh = _not_posted(postings)
    _append(fresh)
    accounts = {account.pk: account for account, _posting in fresh}
    _note(list(accounts.values()), {posting.year for _account, posting in fresh})
    LeaveAccount.objects.bulk_update(accounts.values(), ["balances", "entry_count"])
    return len(fresh)


def _not_posted(
    postings: Sequence[tuple[LeaveAccount, Posting]],
) -> list[tuple[LeaveAccount, Posting]]:
    if not postings:
        return []
    organization = postings[0][0].organization_id
    posted = set(
        LeaveLedgerEntry.objects.filter(
            organization=organization,
            idempotency_key__in=[posting.key for _account, posting in postings],
        ).values_list("idempotency_key", flat=True)
    )
    return [pair for pair in postings if pair[1].key not in posted]


def _append(postings: Sequence[tuple[LeaveAccount, Posting]]) -> None:
    access = current_access()
    entries = []
    for account, posting in postings:
        account.entry_count += 1
        entries.append(
            LeaveLedgerEntry(
                organization_id=account.organization_id,
                account=account,
                number=account.entry_count,
                kind=posting.kind,
                amount=posting.amount,
                year=posting.year,
                effective_on=posting.effective_on,
                request=posting.request,
                reason=posting.reason,
                idempotency_key=posting.key,
                posted_at=timezone.now(),
                posted_by=access.user if access else None,
            )
        )
    LeaveLedgerEntry.objects.bulk_create(entries, batch_size=1000)


def _note(accounts: Sequence[LeaveAccount], years: Iterable[int]) -> None:
    """Sum the lines of these years anew and keep the figures on the accounts."""
    years = sorted(years)
    sums = (
        LeaveLedgerEntry.objects.filter(account__in=accounts, year__in=years)
        .order_by()
        .values("account", "year", "kind")
        .annotate(sum=Sum("amount"))
    )
    found: dict[tuple[Any, int], dict[str, Decimal]] = {}
    for row in sums:
        kinds = found.setdefault((row["account"], row["year"]), {})
        kinds[row["kind"]] = row["sum"]
    for account in accounts:
        account.balances = {
            **account.balances,
            **{
                str(year): _figures(found[account.pk, year]).as_text()
                for year in years
                if (account.pk, year) in found
            },
        }


def _figures(sums: dict[str, Decimal]) -> Figures:
    def of(kinds: Iterable[str]) -> Decimal:
        return sum((sums.get(kind, ZERO) for kind in kinds), ZERO)

    return Figures(of(GRANTED), -of(PENDING), -of(TAKEN))


# --- What accounts hold ---------------------------------------------------------------


def balance_as_of(account: LeaveAccount, day: dt.date) -> Decimal:
    """Return what the entitlement of the day's year holds on that day.

    Leave counts from its first charged day of the year, whether asked for or taken.
    """
    found = LeaveLedgerEntry.objects.filter(
        account=account, year=day.year, effective_on__lte=day
    ).aggregate(sum=Sum("amount"))
    return found["sum"] or ZERO


def balances_as_of(account_ids: Sequence[UUID], day: dt.date) -> dict[UUID, Decimal]:
    """Return the balance of each account by its id, in one query."""
    sums = (
        LeaveLedgerEntry.objects.filter(
            account__in=account_ids, year=day.year, effective_on__lte=day
        )
        .order_by()
        .values_list("account")
        .annotate(sum=Sum("amount"))
    )
    return dict.fromkeys(account_ids, ZERO) | dict(sums)


def figures_of(account: LeaveAccount, year: int) -> Figures:
    """Return the figures of a year as the account keeps them."""
    return Figures.of_text(account.balances.get(str(year)))


def spendable(employee: Employee, leave_type: LeaveType, day: dt.date) -> Decimal:
    """Return what can be spent from ``day`` on without overdrawing any later day.

    What is granted later in the year does not pay for what is taken earlier, and what
    others days of the year have already taken is not there to be taken twice.
    """
    by_day = (
        LeaveLedgerEntry.objects.filter(
            account__employee=employee, account__leave_type=leave_type, year=day.year
        )
        .order_by("effective_on")
        .values_list("effective_on")
        .annotate(sum=Sum("amount"))
    )
    held = lowest = ZERO
    is_later = False
    for effective_on, amount in by_day:
        if effective_on > day and not is_later:
            is_later, lowest = True, held
        held += amount
        if is_later:
            lowest = min(lowest, held)
    return lowest if is_later else held
