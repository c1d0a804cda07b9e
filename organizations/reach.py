"""Which part of an organization a restricted credential reaches, and no more.

Apps register :class:`Dimension` s, such as departments. A model says in ``reached_by``
by which lookup each dimension narrows its rows; the fence asks it wherever rows are
read, and every record that is written must lie within reach before and after. What a
model does not say is closed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from organizations.models import OrganizationOwned

NOTHING = Q(pk__in=[])

#: Of a model whose rows everybody sees who may see any: no dimension narrows it.
EVERYWHERE: Mapping[str, str | None] = {}


class OutOfReach(PermissionDenied):
    """A write of, or into, a part of the organization that is closed to who acts."""

    def __init__(self) -> None:
        super().__init__(_("This lies beyond the part that this key reaches."))


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way of dividing an organization: its name, and the model of its parts.

    ``widen`` returns the ids of chosen parts with all that belongs to them, such as
    the departments below.
    """

    name: str
    label: Promise
    model_label: str
    widen: Callable[[UUID, frozenset[UUID]], frozenset[UUID]] = lambda _owner, ids: ids

    @property
    def model(self) -> Any:
        """The model of the parts."""
        return apps.get_model(self.model_label)


_dimensions: dict[str, Dimension] = {}


def register(dimension: Dimension) -> None:
    """Let credentials be restricted by a dimension."""
    _dimensions[dimension.name] = dimension


def dimensions() -> list[Dimension]:
    """Return every dimension, by name."""
    return sorted(_dimensions.values(), key=lambda dimension: dimension.name)


class Reach:
    """The parts of an organization that were chosen, dimension by dimension.

    Of several dimensions all must fit. What lies below the chosen parts is looked up
    once, when it is first asked for.
    """

    def __init__(
        self, organization_id: UUID, chosen: Mapping[str, Iterable[str | UUID]]
    ) -> None:
        self._organization_id = organization_id
        self._chosen = {
            name: frozenset(UUID(str(part)) for part in parts)
            for name, parts in chosen.items()
        }
        self._widened: dict[str, frozenset[UUID]] = {}

    def chosen(self) -> dict[str, list[str]]:
        """Return the ids that were chosen, in an order of their own."""
        return {name: sorted(map(str, ids)) for name, ids in self._chosen.items()}

    def ids(self, name: str) -> frozenset[UUID]:
        """Return the ids of all parts of a dimension that are reached."""
        if name not in self._widened:
            dimension = _dimensions.get(name)
            self._widened[name] = (
                dimension.widen(self._organization_id, self._chosen[name])
                if dimension
                else frozenset()
            )
        return self._widened[name]

    def opens(self, model: "type[OrganizationOwned]") -> bool:
        """Say whether any row of the model can be reached."""
        lookups = model.reached_by
        if lookups is None:
            return False
        return lookups is EVERYWHERE or self._chosen.keys() <= lookups.keys()

    def condition(self, model: "type[OrganizationOwned]") -> Q:
        """Return what a row of the model must fulfil."""
        if not self.opens(model):
            return NOTHING
        wanted = Q()
        for name in self._chosen:
            lookup = (model.reached_by or {}).get(name)
            if lookup is not None:
                wanted &= Q(**{f"{lookup}__in": self.ids(name)})
        return wanted
