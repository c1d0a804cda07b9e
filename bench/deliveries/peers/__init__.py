"""The usual designs as a Django project; its Celery application is made first."""

from bench.deliveries.peers.celery import app as celery_app

__all__ = ["celery_app"]
