"""Every address of the installation."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("employees.urls")),
    path("", include("organizations.urls")),
    path("", include("leave.urls")),
    path("", include("attendance.urls")),
    path("usage/", include("integrations.audit.urls")),
    path("health/", include("integrations.monitoring.urls")),
    path("api/", include("people_hr.api")),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.account.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]

handler500 = "organizations.problems.internal_error"
