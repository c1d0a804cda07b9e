import datetime as dt

from django.urls import path, register_converter

from attendance import views


class DateConverter:
    """A date in an address, as 2026-11-02."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


register_converter(DateConverter, "date")

app_name = "attendance"
urlpatterns = [
    path("time/", views.month, name="month"),
    path("time/clock/", views.clock, name="clock"),
    path("time/team/", views.team, name="team"),
    path("time/<date:on>/", views.day, name="day"),
    path("time/<date:on>/correct/", views.correct, name="correct"),
    path("time/<date:on>/correct/effect/", views.effect, name="effect"),
    path(
        "time/people/<uuid:employee_id>/",
        views.month_of_person,
        name="person_month",
    ),
    path(
        "time/people/<uuid:employee_id>/<date:on>/",
        views.day_of_person,
        name="person_day",
    ),
    path(
        "time/corrections/<uuid:correction_id>/approve/", views.approve, name="approve"
    ),
    path(
        "time/corrections/<uuid:correction_id>/decline/", views.decline, name="decline"
    ),
    path(
        "time/corrections/<uuid:correction_id>/withdraw/",
        views.withdraw,
        name="withdraw",
    ),
]
