from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmployeesConfig(AppConfig):
    name = "employees"
    verbose_name = _("People")

    def ready(self) -> None:
        from employees import cards, events, reach  # noqa: F401

        reach.register()
        cards.connect()
