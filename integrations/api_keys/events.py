"""What API keys tell the rest of the world; listed in docs/events.md. Never secrets."""

from django.utils.translation import gettext_lazy as _

from integrations.api_keys.models import ApiKey, KeyPolicy
from organizations.events import EventType, emit_on_change

API_KEY_ROTATED = EventType(
    "api_key.rotated", _("An API key was replaced by a new one, and ends soon.")
)
API_KEY_DISABLED = EventType("api_key.disabled", _("An API key was switched off."))
API_KEY_ENABLED = EventType("api_key.enabled", _("An API key was switched on again."))
API_KEY_REVOKED = EventType("api_key.revoked", _("An API key was ended for good."))
API_KEY_FROZEN = EventType(
    "api_key.frozen",
    _("An API key was stopped: its owner left, or has a new password."),
)
API_KEY_ADOPTED = EventType(
    "api_key.adopted", _("Another member became the owner of an API key.")
)
API_KEY_POLICY_CHANGED = EventType(
    "api_key_policy.changed", _("What the organization asks of its API keys changed.")
)

emit_on_change(
    ApiKey,
    created=EventType("api_key.created", _("An API key was made.")),
    updated=EventType("api_key.updated", _("An API key's settings changed.")),
    deleted=EventType("api_key.deleted", _("An ended API key was removed.")),
)
emit_on_change(
    KeyPolicy,
    created=API_KEY_POLICY_CHANGED,
    updated=API_KEY_POLICY_CHANGED,
    deleted=API_KEY_POLICY_CHANGED,
)
