from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = _("Attendance")

    def ready(self) -> None:
        from attendance import cards, events, inbox, receivers
        from leave.inbox import register

        receivers.connect()
        cards.connect()
        register(inbox.CORRECTIONS)
        assert events
