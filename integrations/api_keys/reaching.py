"""What a key may be restricted to, as people choose it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations.models import Organization
from organizations.reach import dimensions


def normalized(
    chosen: Mapping[str, Any], organization: Organization
) -> dict[str, list[str]]:
    """Return the ids of each dimension, each once and in order.

    Raises:
        ValidationError: for a dimension that there is not, for one without any part
            (which would reach nothing), for parts that do not exist.
    """
    known = {dimension.name: dimension for dimension in dimensions()}
    if unknown := sorted(set(chosen) - set(known)):
        raise ValidationError(
            _("Keys are not restricted by %(names)s."),
            code="unknown_reach",
            params={"names": ", ".join(unknown)},
        )
    return {
        name: _parts(known[name].model, parts, organization)
        for name, parts in sorted(chosen.items())
    }


def _parts(model: Any, parts: Any, organization: Organization) -> list[str]:
    try:
        ids = {UUID(str(part)) for part in parts}
    except (ValueError, TypeError) as error:
        raise ValidationError(_("Give the ids in a list."), code="ids") from error
    if not ids:
        raise ValidationError(
            _("Choose at least one, or leave it out."), code="empty_reach"
        )
    found = model.objects.for_organization(organization).filter(pk__in=ids).count()
    if found != len(ids):
        raise ValidationError(
            _("Choose ones that exist. One was not found."), code="not_found"
        )
    return sorted(map(str, ids))
