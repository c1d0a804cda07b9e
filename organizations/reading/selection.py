"""What a caller chooses to see: ``?fields=id,manager.first_name&expand=manager``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from rest_framework import exceptions

#: So many names may be given at once, so many relations expanded, so deep.
MAX_NAMES = 100
MAX_EXPANDED = 10
MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields and the relations that are chosen of a record.

    ``fields`` is None where all are meant. ``expand`` holds for each relation that is
    shown as a record what is chosen of that.
    """

    fields: frozenset[str] | None = None
    expand: Mapping[str, "Selection"] = field(default_factory=dict)

    def takes(self, name: str) -> bool:
        """Say whether a field is shown; what is expanded is, in any case."""
        return self.fields is None or name in self.fields or name in self.expand

    def taken(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names that are shown."""
        if self.fields is None:
            return tuple(names)
        return tuple(name for name in names if self.takes(name))


EVERYTHING = Selection()


def selection_of(fields: str | None, expand: str | None) -> Selection:
    """Read both parameters; which names exist is for the resource to say.

    Raises:
        ValidationError: for lists that are empty, too long, or do not fit together.
    """
    if fields is None and expand is None:
        return EVERYTHING
    expanded = _paths("expand", expand)
    if len(expanded) > MAX_EXPANDED or any(len(path) > MAX_DEPTH for path in expanded):
        raise refusal(
            "expand",
            _("At most %(most)d relations, and %(deep)d deep.")
            % {"most": MAX_EXPANDED, "deep": MAX_DEPTH},
            "too_many",
        )
    chosen = _paths("fields", fields)
    whole = {path[:end] for path in expanded for end in range(1, len(path) + 1)}
    for path in chosen:
        for end in range(1, len(path)):
            if path[:end] not in whole:
                relation = ".".join(path[:end])
                raise refusal(
                    "fields",
                    _("To choose fields of %(name)s, expand it: expand=%(name)s.")
                    % {"name": relation},
                    "not_expanded",
                )
    return _tree(chosen if fields is not None else None, whole)


def _paths(parameter: str, text: str | None) -> set[tuple[str, ...]]:
    if text is None:
        return set()
    names = [name.strip() for name in text.split(",")]
    if len(names) > MAX_NAMES:
        raise refusal(
            parameter,
            _("At most %(most)d names at once.") % {"most": MAX_NAMES},
            "too_many",
        )
    if not all(all(name.split(".")) for name in names):
        raise refusal(
            parameter, _("Give names, separated by commas."), "invalid_choice"
        )
    return {tuple(name.split(".")) for name in names}


def _tree(
    chosen: set[tuple[str, ...]] | None, expanded: set[tuple[str, ...]]
) -> Selection:
    relations = {path[0] for path in expanded}
    return Selection(
        None if chosen is None else frozenset(path[0] for path in chosen),
        {
            relation: _tree(
                _below(relation, chosen) or None, _below(relation, expanded)
            )
            for relation in sorted(relations)
        },
    )


def _below(relation: str, paths: set[tuple[str, ...]] | None) -> set[tuple[str, ...]]:
    """Return what is chosen of a relation; naming it alone chooses all of it."""
    below = {path[1:] for path in paths or () if path[0] == relation}
    return below - {()}


def refusal(parameter: str, sentence: str, code: str) -> exceptions.ValidationError:
    """Return the refusal of a parameter of the query."""
    return exceptions.ValidationError(
        {parameter: exceptions.ErrorDetail(sentence, code=code)}
    )
