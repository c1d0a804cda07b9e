"""The Celery application of the usual designs."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.deliveries.peers.settings")

app = Celery("peers", broker=os.environ["BENCH_BROKER_URL"])
app.conf.task_ignore_result = True
app.conf.imports = ["bench.deliveries.peers.tasks", "django_webhook.tasks"]
if os.environ.get("BENCH_KEEPS_CONNECTIONS") == "1":
    app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
