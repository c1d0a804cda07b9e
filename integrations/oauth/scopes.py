"""What apps may be allowed: the scopes of roles, and who the person is."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from organizations.roles import SCOPES

#: Who somebody is (OpenID Connect Core 1.0, section 5.4); any app with people may ask.
IDENTITY_SCOPES: dict[str, Promise] = {
    "openid": _("Know that it is you, and in which organization and role"),
    "profile": _("See your name"),
    "email": _("See the e-mail address that you log in with"),
}
#: Pages are opened by a login, never by a token.
FOR_PAGES = frozenset({"admin:access"})

GRANTABLE: dict[str, Promise] = {
    scope: words for scope, words in SCOPES.items() if scope not in FOR_PAGES
}


def refuse_unknown(scopes: Iterable[str]) -> None:
    """Refuse scopes that no app can hold.

    Raises:
        ValidationError: naming them.
    """
    unknown = sorted(set(scopes) - set(GRANTABLE))
    if unknown:
        raise ValidationError(
            _("No app can hold: %(scopes)s."),
            code="unknown_scope",
            params={"scopes": ", ".join(unknown)},
        )


def in_words(scopes: Iterable[str]) -> list[tuple[str, Promise]]:
    """Return scopes with what they mean, in the order of our tables."""
    wanted = set(scopes)
    return [
        (scope, words)
        for scope, words in {**IDENTITY_SCOPES, **GRANTABLE}.items()
        if scope in wanted
    ]


class ScopeTable:
    """The library's view of our scopes, which depend on the app."""

    def get_all_scopes(self) -> dict[str, Promise]:
        """Return every scope with its words."""
        return {**IDENTITY_SCOPES, **GRANTABLE}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return what an app may ask for; without an app, all that there is."""
        if application is None:
            return list(self.get_all_scopes())
        available: list[str] = sorted(application.available_scopes)
        return available

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return what one gets who names nothing: a service all that it may."""
        return sorted(application.default_scopes) if application else []
