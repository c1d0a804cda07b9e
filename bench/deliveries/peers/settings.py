"""Settings of the two usual designs; the environment says where and which way."""

import os

import dj_database_url

SECRET_KEY = "bench"
KEEPS_CONNECTIONS = os.environ.get("BENCH_KEEPS_CONNECTIONS") == "1"
DATABASES = {
    "default": dj_database_url.parse(
        os.environ["BENCH_DATABASE_URL"],
        conn_max_age=None if KEEPS_CONNECTIONS else 0,
    )
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_webhook",
    "bench.deliveries.peers",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DJANGO_WEBHOOK = {"MODELS": ["peers.Person"]}
