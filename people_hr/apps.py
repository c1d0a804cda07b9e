from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PeopleHRConfig(AppConfig):
    """The wiring: makes every process, not the workers alone, send tasks our way."""

    name = "people_hr"
    verbose_name = "People HR"

    def ready(self) -> None:
        import people_hr.celery  # noqa: F401
        from employees import open_work
        from people_hr.dashboard import failed_deliveries, frozen_keys

        open_work.register("deliveries", failed_deliveries)
        open_work.register("API keys", frozen_keys)


class HRAdminConfig(admin_apps.AdminConfig):
    """Django's admin, with our site as the one that everything registers with."""

    default = False
    default_site = "people_hr.admin_site.HRAdminSite"
