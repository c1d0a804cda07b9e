"""Every address of the installation."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path

from integrations.rate_limits.pages import page_limit
from organizations.views import SessionsView
from people_hr import problem_pages

urlpatterns = [
    # First: integrators call often, and every address before is one to compare.
    path("api/", include("people_hr.api")),
    path("", include("employees.urls")),
    path("", include("organizations.urls")),
    path("", include("leave.urls")),
    path("", include("attendance.urls")),
    path("", include("integrations.oauth.urls")),
    path("api-keys/", include("integrations.api_keys.urls")),
    path("usage/", include("integrations.audit.urls")),
    path("health/", include("integrations.monitoring.urls")),
    path("problems/", problem_pages.problems, name="problems"),
    path("problems/<slug:code>/", problem_pages.problem, name="problem"),
    path("admin/", admin.site.urls),
    # Before allauth's own of the same names: posts from one address are limited.
    path("account/login/", page_limit("login")(account.login), name="account_login"),
    path(
        "account/password/reset/",
        page_limit("password-reset")(account.password_reset),
        name="account_reset_password",
    ),
    path("account/", include("allauth.account.urls")),
    path("account/sessions/", SessionsView.as_view(), name="usersessions_list"),
]

handler400 = "organizations.problems.bad_request"
handler500 = "organizations.problems.internal_error"
