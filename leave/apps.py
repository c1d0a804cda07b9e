from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeaveConfig(AppConfig):
    name = "leave"
    verbose_name = _("Leave")

    def ready(self) -> None:
        from leave import cards, events, inbox, receivers  # noqa: F401

        receivers.connect()
        cards.connect()
        inbox.register(inbox.LEAVE_REQUESTS)
