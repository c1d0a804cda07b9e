"""What organizations/ itself tells the rest of the world; listed in docs/events.md."""

from django.utils.translation import gettext_lazy as _

from organizations.events import EventType, emit_on_change
from organizations.models import Membership

emit_on_change(
    Membership,
    created=EventType("membership.created", _("A user became a member.")),
    updated=EventType("membership.updated", _("A member's role changed.")),
    deleted=EventType("membership.deleted", _("A user is no longer a member.")),
)
