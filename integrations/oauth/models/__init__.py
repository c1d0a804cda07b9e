"""Apps, what members granted them, and the tokens that descend from it."""

from integrations.oauth.models.applications import Application
from integrations.oauth.models.grants import AccessToken, Consent, Grant, RefreshToken

__all__ = ["AccessToken", "Application", "Consent", "Grant", "RefreshToken"]
