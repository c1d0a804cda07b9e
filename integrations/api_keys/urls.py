from django.urls import path

from integrations.api_keys import views

app_name = "api_keys"
urlpatterns = [
    path("", views.key_list, name="list"),
    path("new/", views.new_key, name="new"),
    path("policy/", views.policy, name="policy"),
    path("<uuid:key_id>/", views.key_page, name="key"),
    path("<uuid:key_id>/change/", views.change, name="change"),
    path("<uuid:key_id>/rotate/", views.rotate, name="rotate"),
    path("<uuid:key_id>/act/", views.act, name="act"),
]
