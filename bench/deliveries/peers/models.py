from django.db import models


class Delivery(models.Model):
    """The usual design: a row for each delivery, a task for each row."""

    url = models.TextField()
    payload = models.JSONField()
    status = models.CharField(max_length=10, default="pending")
    attempts = models.IntegerField(default=0)
    response_code = models.IntegerField(null=True)
    response_body = models.TextField(blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "peers"


class Person(models.Model):
    """What django-webhook watches."""

    name = models.CharField(max_length=50)
    note = models.TextField()

    class Meta:
        app_label = "peers"
