"""How django-allauth behaves here, and what it knows about clients."""

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from organizations.tokens import Client


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves: members are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def client_of(request: HttpRequest) -> Client:
    """Return from where a request comes, as proxies that are trusted tell it."""
    try:
        address = get_adapter().get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):  # a socket, or too few proxies
        address = None
    return Client(address, request.headers.get("User-Agent", ""))
