from django.urls import path

from organizations import views

app_name = "organizations"
urlpatterns = [
    path("organizations/", views.choose, name="choose"),
    path("organizations/switch/", views.switch, name="switch"),
]
