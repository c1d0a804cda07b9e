"""The class of every field, declared once and used by API, events and exports."""

from enum import Enum


class FieldClass(Enum):
    """Who may see a field's value.

    PUBLIC: every colleague, the API, events. PERSONAL: the person, their managers, HR.
    SENSITIVE: the person and HR. INTERNAL: nobody; bookkeeping and secrets.
    """

    PUBLIC = "public"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    INTERNAL = "internal"


PUBLIC = FieldClass.PUBLIC
PERSONAL = FieldClass.PERSONAL
SENSITIVE = FieldClass.SENSITIVE
INTERNAL = FieldClass.INTERNAL
