from django.urls import path

from leave import views

app_name = "leave"
urlpatterns = [
    path("leave/", views.overview_page, name="overview"),
    path("leave/request/", views.request_page, name="request"),
    path("leave/request/cost/", views.cost, name="cost"),
    path("leave/calendar/", views.calendar_page, name="calendar"),
    path("leave/statement/<uuid:leave_type_id>/", views.statement, name="statement"),
    path("leave/requests/<uuid:request_id>/", views.receipt, name="receipt"),
    path("leave/requests/<uuid:request_id>/approve/", views.approve, name="approve"),
    path("leave/requests/<uuid:request_id>/decline/", views.decline, name="decline"),
    path("leave/requests/<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("leave/requests/<uuid:request_id>/cancel/", views.cancel, name="cancel"),
    path("inbox/", views.inbox_page, name="inbox"),
]
