"""How the settings of leave are written: its types, and the hours of weeks."""

from tests.factories.leave import LeaveTypeFactory, WorkWeekFactory
from tests.project.ways.kept import Kept, keep

keep(
    Kept(
        app="leave",
        model="leavetype",
        noun="leave_type",
        route="leave-type",
        place="leave/types",
        body=lambda _stage: {
            "name": "Study leave",
            "unit": "days",
            "yearly_grant": "5",
            "colour": "teal",
        },
        row=lambda stage: LeaveTypeFactory(**stage.mine),
        has_bulk=False,
    )
)
keep(
    Kept(
        app="leave",
        model="workweek",
        noun="work_week",
        route="work-week",
        place="leave/work-weeks",
        body=lambda _stage: {
            "effective_on": "2026-06-01",
            "saturday": "0",
            "sunday": "0",
            **dict.fromkeys(
                ("monday", "tuesday", "wednesday", "thursday", "friday"), "7.5"
            ),
        },
        row=lambda stage: WorkWeekFactory(**stage.mine, employee=stage.employee()),
    )
)
