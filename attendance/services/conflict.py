"""A rule that was broken because somebody was faster."""

from django.core.exceptions import ValidationError

from organizations.models import StaleRecord


class Conflict(StaleRecord):
    """It stands otherwise by now (HTTP 409); the words say how, the code what for."""

    def __init__(self, message: str, code: str) -> None:
        ValidationError.__init__(self, message, code=code)
