from django.urls import path

from employees import views

app_name = "employees"
urlpatterns = [
    path("", views.home, name="home"),
    path("people/", views.directory, name="directory"),
    path("people/chart/", views.org_chart, name="org_chart"),
    path("people/<uuid:employee_id>/", views.profile, name="profile"),
    path("people/<uuid:employee_id>/reports/", views.reports, name="reports"),
    path("me/", views.my_profile, name="my_profile"),
    path("me/edit/", views.my_profile_edit, name="my_profile_edit"),
]
