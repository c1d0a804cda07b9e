"""How leave is written, and what each way tells."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.urls import reverse

from leave import services
from leave.models import LeaveRequest, LeaveType
from organizations.access import OrganizationAccess
from tests.factories.leave import HolidayCalendarFactory, LeaveTypeFactory
from tests.project.ways.stage import SILENT, Stage, Write, select, way

JUNE = dt.date(2026, 6, 1)  # a Monday
POSTED = "leave_balance.changed"
CALENDAR = "holiday_calendar.changed"
#: Of each decision: whether the leave is approved before, the answer, what it tells.
DECISIONS: dict[str, tuple[bool, dict[str, str], str]] = {
    "approve": (False, {}, "leave_request.approved"),
    "decline": (False, {"reason": "No"}, "leave_request.declined"),
    "withdraw": (False, {}, "leave_request.withdrawn"),
    "cancel": (True, {}, "leave_request.cancelled"),
}


def leave_type_of(stage: Stage, **fields: Any) -> LeaveType:
    made: LeaveType = LeaveTypeFactory(**stage.mine, **fields)
    return made


def owners_access(stage: Stage) -> OrganizationAccess:
    membership = stage.browser.membership  # type: ignore[attr-defined]
    return OrganizationAccess.of(membership)


def asked_for(stage: Stage, *, approved: bool = False) -> LeaveRequest:
    """Return leave that somebody with a balance has asked for, or was granted."""
    employee, leave_type = stage.employee(), leave_type_of(stage)
    services.grant_leave(employee, leave_type, year=2026, amount=Decimal(5))
    asked = services.request_leave(employee, leave_type, first_on=JUNE, last_on=JUNE)
    if approved:
        services.approve_leave(asked, access=owners_access(stage))
    return asked


@way(
    *(f"page leave:{verb}" for verb in DECISIONS),
    *(f"POST api:leave-request-{verb}" for verb in DECISIONS),
)
def _(stage: Stage, name: str) -> Write:
    verb = re.split(r"[:-]", name)[-1]
    approved, body, tells = DECISIONS[verb]
    asked = asked_for(stage, approved=approved)
    if name.startswith("page"):
        address = f"/leave/requests/{asked.pk}/{verb}/"
        return Write(lambda: stage.browser.post(address, body), [tells, POSTED])
    address = f"/api/v1/leave/requests/{asked.pk}/{verb}/"
    return Write(lambda: stage.api.send("POST", address, body), [tells, POSTED])


@way(*(f"service leave.services.decisions.{verb}_leave" for verb in DECISIONS))
def _(stage: Stage, name: str) -> Write:
    verb = name.rpartition(".")[2].removesuffix("_leave")
    approved, body, tells = DECISIONS[verb]
    asked = asked_for(stage, approved=approved)
    take = getattr(services, f"{verb}_leave")
    return Write(
        lambda: take(asked, access=owners_access(stage), **body),
        [tells, POSTED],
    )


@way(
    "admin leave.leaverequest action approve",
    "admin leave.leaverequest action decline",
    "admin leave.leaverequest action give_back",
)
def _(stage: Stage, name: str) -> Write:
    verb = name.rsplit(maxsplit=1)[-1]
    approved, body, tells = DECISIONS[verb.replace("give_back", "cancel")]
    asked = asked_for(stage, approved=approved)
    answer = {"answered": "yes", **body}
    return Write(
        lambda: select(stage, "leave/leaverequest", verb, [asked], **answer),
        [tells, POSTED],
    )


@way("page leave:request", "POST api:leave-request-list")
def _(stage: Stage, name: str) -> Write:
    me = stage.employee(user=stage.browser.membership.user)  # type: ignore[attr-defined]
    leave_type = leave_type_of(stage)
    services.grant_leave(me, leave_type, year=2026, amount=Decimal(5))
    body = {
        "leave_type": str(leave_type.pk),
        "first_on": JUNE.isoformat(),
        "last_on": JUNE.isoformat(),
    }
    tells = ["leave_request.submitted", POSTED]
    if name.startswith("page"):
        form = {**body, "send": "yes"}
        return Write(lambda: stage.browser.post("/leave/request/", form), tells)
    return Write(lambda: stage.api.send("POST", "/api/v1/leave/requests/", body), tells)


@way("service leave.services.requests.request_leave")
def _(stage: Stage) -> Write:
    """The account is opened as well."""
    employee, leave_type = stage.employee(), leave_type_of(stage, is_limited=False)
    return Write(
        lambda: services.request_leave(
            employee, leave_type, first_on=JUNE, last_on=JUNE
        ),
        ["leave_request.submitted", POSTED, POSTED],
    )


@way(
    "service leave.services.entitlements.grant_leave",
    "service leave.services.entitlements.adjust_balance",
)
def _(stage: Stage, name: str) -> Write:
    employee, leave_type = stage.employee(), leave_type_of(stage)
    take = getattr(services, name.rpartition(".")[2])
    answer = {"year": 2026, "amount": Decimal(3), "reason": "Why"}
    return Write(lambda: take(employee, leave_type, **answer), [POSTED, POSTED])


@way(
    "service leave.services.entitlements.grant_year",
    "admin leave_leavetype_grant_a_year",
)
def _(stage: Stage, name: str) -> Write:
    stage.employee()
    leave_type_of(stage)

    def once() -> Any:
        if name.startswith("service"):
            return services.grant_year(stage.organization, 2026)
        return stage.browser.post(
            reverse("admin:leave_leavetype_grant_a_year"), {"year": 2026}
        )

    def twice() -> Any:
        """The second finds everything granted."""
        once()
        return once()

    return Write(twice, [POSTED, POSTED])


@way("admin leave_leaveaccount_grant")
def _(stage: Stage) -> Write:
    answer = {
        "employee": str(stage.employee().pk),
        "leave_type": str(leave_type_of(stage).pk),
        "year": 2026,
        "amount": "5",
    }
    address = reverse("admin:leave_leaveaccount_grant")
    return Write(lambda: stage.browser.post(address, answer), [POSTED, POSTED])


@way("admin leave_leaverequest_enter")
def _(stage: Stage) -> Write:
    answer = {
        "employee": str(stage.employee().pk),
        "leave_type": str(leave_type_of(stage, is_limited=False).pk),
        "first_on": JUNE.isoformat(),
        "first_portion": "full",
        "last_on": JUNE.isoformat(),
        "last_portion": "full",
    }
    address = reverse("admin:leave_leaverequest_enter")
    return Write(
        lambda: stage.browser.post(address, answer),
        ["leave_request.submitted", POSTED, POSTED],
    )


@way("admin leave_leaveaccount_adjust")
def _(stage: Stage) -> Write:
    account = services.grant_leave(
        stage.employee(), leave_type_of(stage), year=2026, amount=Decimal(5)
    )
    address = reverse("admin:leave_leaveaccount_adjust", args=[account.pk])
    answer = {"year": 2026, "amount": "1", "reason": "Why", "key": str(account.pk)}

    def twice() -> Any:
        """As when the button is pressed twice."""
        stage.browser.post(address, answer)
        return stage.browser.post(address, answer)

    return Write(twice, [POSTED])


@way("admin leave_holidaycalendar_add", "POST api:leave-calendar-list")
def _(stage: Stage, name: str) -> Write:
    body: dict[str, Any] = {"name": "Berlin", "country": "DE"}
    if name.startswith("admin"):
        address = "/admin/leave/holidaycalendar/add/"
        form = body | {"holidays-TOTAL_FORMS": 0, "holidays-INITIAL_FORMS": 0}
        return Write(lambda: stage.browser.post(address, form), [CALENDAR])
    return Write(
        lambda: stage.api.send("POST", "/api/v1/leave/calendars/", body), [CALENDAR]
    )


@way(
    "admin leave_holidaycalendar_change",
    "admin leave.holidaycalendar inline leave.holiday",
)
def _(stage: Stage) -> Write:
    """The inline is read-only: what it is sent is passed over."""
    calendar = HolidayCalendarFactory(**stage.mine)
    address = f"/admin/leave/holidaycalendar/{calendar.pk}/change/"
    form = {
        "name": "Berlin",
        "version": 1,
        "holidays-TOTAL_FORMS": 1,
        "holidays-INITIAL_FORMS": 0,
        "holidays-0-name": "Hostile",
        "holidays-0-on": "2026-06-01",
    }
    return Write(lambda: stage.browser.post(address, form), [CALENDAR])


@way(
    "admin leave_holidaycalendar_delete",
    "admin leave.holidaycalendar action delete_selected",
)
def _(stage: Stage, name: str) -> Write:
    calendar = HolidayCalendarFactory(**stage.mine)
    address = f"/admin/leave/holidaycalendar/{calendar.pk}/delete/"
    if "action" in name:
        path = "leave/holidaycalendar"
        return Write(
            lambda: select(stage, path, "delete_selected", [calendar], post=1),
            [CALENDAR],
        )
    return Write(lambda: stage.browser.post(address, {"post": "yes"}), [CALENDAR])


@way(
    "PUT api:leave-calendar-detail",
    "PATCH api:leave-calendar-detail",
    "DELETE api:leave-calendar-detail",
)
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"/api/v1/leave/calendars/{HolidayCalendarFactory(**stage.mine).pk}/"
    body = None if method == "DELETE" else {"name": "Berlin"}
    return Write(lambda: stage.api.send(method, address, body), [CALENDAR])


@way(
    "admin leave_holidaycalendar_import_year",
    "POST api:leave-calendar-import",
    "service leave.services.holidays.import_holidays",
)
def _(stage: Stage, name: str) -> Write:
    calendar = HolidayCalendarFactory(**stage.mine)
    ways: dict[str, Callable[[], Any]] = {
        "admin": lambda: stage.browser.post(
            reverse("admin:leave_holidaycalendar_import_year", args=[calendar.pk]),
            {"year": 2026, "import": "yes"},
        ),
        "POST": lambda: stage.api.send(
            "POST", f"/api/v1/leave/calendars/{calendar.pk}/import/", {"year": 2026}
        ),
        "service": lambda: services.import_holidays(calendar, 2026),
    }
    return Write(ways[name.split(maxsplit=1)[0]], [CALENDAR])


@way(
    "admin leave_holiday_add",
    "POST api:leave-calendar-holidays",
    "service leave.services.holidays.save_holiday",
)
def _(stage: Stage, name: str) -> Write:
    calendar = HolidayCalendarFactory(**stage.mine)
    day = {"on": "2026-06-01", "name": "Founders' day", "portion": "full"}
    ways: dict[str, Callable[[], Any]] = {
        "admin": lambda: stage.browser.post(
            "/admin/leave/holiday/add/", day | {"calendar": str(calendar.pk)}
        ),
        "POST": lambda: stage.api.send(
            "POST", f"/api/v1/leave/calendars/{calendar.pk}/holidays/", day
        ),
        "service": lambda: services.save_holiday(calendar, JUNE, name="Founders' day"),
    }
    return Write(ways[name.split(maxsplit=1)[0]], [CALENDAR])


@way(
    "admin leave_holiday_change",
    "admin leave_holiday_delete",
    "admin leave.holiday action delete_selected",
    "service leave.services.holidays.remove_holiday",
)
def _(stage: Stage, name: str) -> Write:
    calendar = HolidayCalendarFactory(**stage.mine)
    holiday = services.save_holiday(calendar, JUNE, name="Founders' day")
    address = f"/admin/leave/holiday/{holiday.pk}"
    day = {"on": JUNE.isoformat(), "name": "Other", "portion": "full"}
    ways: dict[str, Callable[[], Any]] = {
        "change": lambda: stage.browser.post(
            f"{address}/change/", day | {"calendar": str(calendar.pk)}
        ),
        "delete": lambda: stage.browser.post(f"{address}/delete/", {"post": "yes"}),
        "selected": lambda: select(
            stage, "leave/holiday", "delete_selected", [holiday], post=1
        ),
        "holiday": lambda: services.remove_holiday(holiday),
    }
    return Write(ways[name.rpartition("_")[2]], [CALENDAR])


@way("service leave.services.history.record_leave")
def _(stage: Stage) -> Write:
    """Both are of one person and type: one balance, one change of it."""
    employee, annual = stage.employee(), LeaveTypeFactory(**stage.mine)
    services.grant_leave(employee, annual, year=2026, amount=Decimal(10))
    leaves = [
        services.GrantedLeave(employee, annual, on, on)
        for on in (JUNE, JUNE + dt.timedelta(days=1))
    ]
    return Write(
        lambda: services.record_leave(leaves),
        ["leave_request.approved", "leave_request.approved", POSTED],
    )


SILENT.update(
    {
        "admin leave_leave*_add": "nobody may: requests are asked for, lines posted",
        "admin leave_leave*_change": "read",
        "admin leave_leave*_delete": "nobody may",
        "admin leave.leave* inline *": "read",
        "POST api:leave-request-preview": "writes nothing",
        "page leave:*": "read",
        "service leave.services.requests.preview_request": "writes nothing",
        "service leave.services.decisions.may_decide": "an answer",
        "service leave.services.holidays.plan_holidays": "writes nothing",
        "task leave.tasks.mail_about": "sends a mail",
    }
)
