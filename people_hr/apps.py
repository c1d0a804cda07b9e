from django.apps import AppConfig


class PeopleHRConfig(AppConfig):
    """The wiring: makes every process, not the workers alone, send tasks our way."""

    name = "people_hr"
    verbose_name = "People HR"

    def ready(self) -> None:
        import people_hr.celery  # noqa: F401
