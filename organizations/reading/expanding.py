"""Relations shown as records instead of ids: one query for each, however many rows.

What is shown of the other record, and whether at all, its own view decides: by its
scope, its fence, its reach and the classes of its fields.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from organizations.permissions import refuse_unscoped
from organizations.reading.plans import Row
from organizations.reading.selection import Selection, refusal

if TYPE_CHECKING:
    from organizations.viewsets import OrganizationReadViewSet

#: Gives the view of the records that a relation names; later, as views name each other.
Expansion = Callable[[], "type[OrganizationReadViewSet]"]


def check(view: "OrganizationReadViewSet", selection: Selection) -> None:
    """Refuse what cannot be chosen of a resource, before anything is read.

    Raises:
        ValidationError: for names that there are not, listing those that there are.
        MissingScope: for a relation whose records the caller may not see.
        OutOfReach: for one that a restricted credential sees nothing of.
    """
    _check(view, selection, ())


def _check(
    view: "OrganizationReadViewSet", selection: Selection, path: tuple[str, ...]
) -> None:
    _refuse_unknown("expand", selection.expand, view.expansions, path)
    if selection.fields is not None:
        _refuse_unknown("fields", selection.fields, view.known_fields(), path)
    for relation, chosen in selection.expand.items():
        target = target_of(view, relation)
        refuse_unscoped(view.request, target)
        _check(target, chosen, (*path, relation))


def _refuse_unknown(
    parameter: str, given: Iterable[str], known: Iterable[str], path: tuple[str, ...]
) -> None:
    choices = list(known)
    unknown = sorted(set(given) - set(choices))
    if not unknown:
        return
    name = ".".join((*path, unknown[0]))
    if not choices:
        sentence = _("“%(name)s” cannot be expanded: nothing can here.")
    else:
        sentence = _("“%(name)s” is none of: %(known)s.")
    known_names = ", ".join(".".join((*path, choice)) for choice in choices)
    raise refusal(
        parameter, sentence % {"name": name, "known": known_names}, "invalid_choice"
    )


def target_of(view: "OrganizationReadViewSet", relation: str) -> Any:
    """Return a view that shows the records of a relation to the same caller."""
    return view.expansions[relation]()(request=view.request, kwargs={}, action="list")


def expand(
    view: "OrganizationReadViewSet", rows: Sequence[Row], selection: Selection
) -> None:
    """Put the records of the chosen relations in place of their ids.

    What is not found, because it lies beyond a key's reach, stays an id.
    """
    for relation, chosen in selection.expand.items():
        keys = {str(row[relation]) for row in rows if row.get(relation) is not None}
        if not keys:
            continue
        found = target_of(view, relation).by_id(keys, chosen)
        for row in rows:
            key = row.get(relation)
            if key is not None:
                row[relation] = found.get(str(key), key)
