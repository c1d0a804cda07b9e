"""What apps tell the rest of the world; listed in docs/events.md."""

from django.utils.translation import gettext_lazy as _

from integrations.oauth.models import Application
from organizations.events import EventType, emit_on_change

OAUTH_APP_CREATED = EventType("oauth_app.created", _("An app was registered."))
OAUTH_APP_UPDATED = EventType(
    "oauth_app.updated",
    _("An app changed: its addresses, its scopes, or whether it is switched on."),
)
OAUTH_APP_DELETED = EventType(
    "oauth_app.deleted", _("An app was removed, and every token of it.")
)
OAUTH_APP_SECRET_RENEWED = EventType(
    "oauth_app.secret_renewed", _("An app got a new secret; the old one ended.")
)
OAUTH_APP_TAKEN_OVER = EventType(
    "oauth_app.taken_over", _("Somebody else answers for an app from now on.")
)

emit_on_change(
    Application,
    created=OAUTH_APP_CREATED,
    updated=OAUTH_APP_UPDATED,
    deleted=OAUTH_APP_DELETED,
)
