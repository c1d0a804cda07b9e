from django.urls import path

from integrations.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.usage, name="usage"),
]
