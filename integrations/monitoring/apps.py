from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Health of the installation, for load balancers and watchers."""

    name = "integrations.monitoring"
    label = "monitoring"
