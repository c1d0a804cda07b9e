from django.db import models


class UsualCall(models.Model):
    """The usual call log: one row, written before the answer leaves."""

    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200)
    status = models.IntegerField()
    address = models.CharField(max_length=45)
    agent = models.CharField(max_length=300)
    duration_ms = models.IntegerField()

    class Meta:
        app_label = "api"
