"""Importing public holidays, and days of one's own."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from leave.calendar import Portion
from leave.models import Holiday
from leave.public_holidays import public_holidays
from leave.services import import_holidays, plan_holidays, remove_holiday, save_holiday
from tests.factories.leave import HolidayCalendarFactory

pytestmark = pytest.mark.django_db


def test_berlin_has_a_day_more_than_germany():
    germany = public_holidays("DE", "", 2026)
    berlin = public_holidays("DE", "BE", 2026)

    assert berlin.keys() - germany.keys() == {dt.date(2026, 3, 8)}
    assert germany[dt.date(2026, 12, 25)].name == "Christmas Day"


def test_half_holidays_are_afternoons_off():
    greece = public_holidays("GR", "", 2026)

    halves = {day for day, holiday in greece.items() if holiday.portion != "full"}
    assert halves == {dt.date(2026, 12, 24), dt.date(2026, 12, 31)}
    assert {greece[day].portion for day in halves} == {Portion.AFTERNOON}
    assert greece[dt.date(2026, 12, 25)].portion == Portion.FULL


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("DE", "XXX")])
def test_an_unknown_place_is_refused(country, subdivision):
    with pytest.raises(ValidationError) as refused:
        public_holidays(country, subdivision, 2026)

    assert refused.value.code == "unknown_place"


def test_a_plan_changes_nothing():
    calendar = HolidayCalendarFactory(country="DE", subdivision="BE")

    plan = plan_holidays(calendar, 2026)

    assert len(plan.added) == 10
    assert plan.changes
    assert not Holiday.objects.exists()


def test_an_import_brings_the_public_holidays_and_keeps_ones_own(occurred):
    calendar = HolidayCalendarFactory(country="DE")
    save_holiday(
        calendar, dt.date(2026, 12, 24), name="Christmas Eve", portion=Portion.AFTERNOON
    )
    save_holiday(calendar, dt.date(2026, 5, 1), name="May Day")
    occurred.clear()

    plan = import_holidays(calendar, 2026)

    assert len(plan.added) == 8
    assert {row.name for row in plan.kept} == {"Christmas Eve", "May Day"}
    assert calendar.holidays.count() == 10
    assert [event.type for event in occurred] == ["holiday_calendar.changed"]
    assert occurred[0].data["changed_days"] == plan.days
    assert len(plan.days) == 8


def test_an_import_again_changes_nothing(occurred):
    calendar = HolidayCalendarFactory(country="DE")
    import_holidays(calendar, 2026)
    occurred.clear()

    plan = import_holidays(calendar, 2026)

    assert not plan.changes
    assert len(plan.unchanged) == 9
    assert occurred == []


def test_moving_to_another_place_removes_what_does_not_count_there():
    calendar = HolidayCalendarFactory(country="DE", subdivision="BE")
    import_holidays(calendar, 2026)
    import_holidays(calendar, 2027)
    calendar.refresh_from_db()
    calendar.subdivision = "HH"
    calendar.save()

    plan = import_holidays(calendar, 2026)

    assert [row.on for row in plan.removed] == [dt.date(2026, 3, 8)]
    assert [day for day, _rule in plan.added] == [dt.date(2026, 10, 31)]
    assert calendar.holidays.filter(on=dt.date(2027, 3, 8)).exists()


def test_a_holiday_that_was_renamed_is_put_right():
    calendar = HolidayCalendarFactory(country="DE")
    import_holidays(calendar, 2026)
    Holiday.objects.filter(on=dt.date(2026, 5, 1)).update(name="Mayday")

    (changed,) = import_holidays(calendar, 2026).changed

    assert changed[1].name == "Labor Day"
    assert Holiday.objects.get(on=dt.date(2026, 5, 1)).name == "Labor Day"


def test_without_a_country_there_is_nothing_to_import():
    with pytest.raises(ValidationError) as refused:
        plan_holidays(HolidayCalendarFactory(country=""), 2026)

    assert refused.value.error_dict["country"][0].code == "required"


def test_a_day_that_is_taken_off_is_told(occurred):
    calendar = HolidayCalendarFactory()
    holiday = save_holiday(calendar, dt.date(2026, 6, 1), name="Founders' day")
    occurred.clear()

    remove_holiday(holiday)

    assert not calendar.holidays.exists()
    assert [event.data["changed_days"] for event in occurred] == [[dt.date(2026, 6, 1)]]
    assert [event.sequence for event in occurred] == [3]


def test_a_location_has_one_calendar_and_there_is_one_default():
    calendar = HolidayCalendarFactory()

    with pytest.raises(ValidationError) as refused:
        HolidayCalendarFactory.build(organization=calendar.organization).full_clean()

    assert refused.value.error_dict["location"][0].messages == [
        (
            "This location has a calendar already; without a location, there is one "
            "default calendar."
        )
    ]
