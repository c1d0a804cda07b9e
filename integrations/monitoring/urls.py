from django.urls import path

from integrations.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("live", views.live, name="live"),
    path("metrics", views.metrics, name="metrics"),
    path("ready", views.ready, name="ready"),
]
