"""Every address of the installation."""

from django.contrib import admin
from django.urls import include, path

from people_hr import problem_pages

urlpatterns = [
    path("", include("employees.urls")),
    path("", include("organizations.urls")),
    path("", include("leave.urls")),
    path("", include("attendance.urls")),
    path("", include("integrations.oauth.urls")),
    path("health/", include("integrations.monitoring.urls")),
    path("api/", include("people_hr.api")),
    path("problems/", problem_pages.problems, name="problems"),
    path("problems/<slug:code>/", problem_pages.problem, name="problem"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.account.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]

handler500 = "organizations.problems.internal_error"
