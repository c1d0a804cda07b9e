from django.apps import AppConfig


class PeersConfig(AppConfig):
    """The app of the usual designs."""

    name = "bench.deliveries.peers"
    label = "peers"
