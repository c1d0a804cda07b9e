"""Find people by what a file calls them, and circles among managers; no database."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

WITH_BADGE = re.compile(r"(.+?)\s*\(([^()]+)\)")


@dataclass(frozen=True, slots=True)
class Calling:
    """What somebody is called by.

    `first_names` are the forms that may stand before the last name: the first name,
    the preferred one, the first with the middle name.
    """

    number: str = ""
    work_email: str = ""
    first_names: tuple[str, ...] = ()
    last_name: str = ""

    def names(self) -> set[str]:
        """Give every form of the name, ready to be compared."""
        return {
            normalize_name(f"{first_name} {self.last_name}")
            for first_name in self.first_names
            if first_name
        }


@dataclass(slots=True)
class People(Generic[Key]):
    """An index of people by number, work e-mail and every form of their name."""

    by_number: dict[str, Key] = field(default_factory=dict)
    by_email: dict[str, Key] = field(default_factory=dict)
    by_name: defaultdict[str, dict[Key, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def add(self, key: Key, calling: Calling) -> None:
        """Make somebody known; a number or e-mail that is known already stays."""
        if calling.number:
            self.by_number.setdefault(normalize_name(calling.number), key)
        if calling.work_email:
            self.by_email.setdefault(calling.work_email.casefold(), key)
        for name in calling.names():
            self.by_name[name][key] = calling.number or calling.work_email

    def find(self, reference: str) -> Key:
        """Find the one person meant by a number, an e-mail or a name.

        Names may be "First Last", "Last, First", or "Name (number)" as Horilla writes
        them. Raises ValueError with the reason when nobody or several people fit.
        """
        if (key := self.by_number.get(normalize_name(reference))) is not None:
            return key
        if (key := self.by_email.get(reference.casefold())) is not None:
            return key
        if badge := WITH_BADGE.fullmatch(reference):
            if (key := self.by_number.get(normalize_name(badge[2]))) is not None:
                return key
            return self._find_by_name(badge[1], reference)
        return self._find_by_name(reference, reference)

    def _find_by_name(self, name: str, reference: str) -> Key:
        found = self.by_name.get(normalize_name(name), {})
        if len(found) > 1:
            ids = ", ".join(sorted(found.values()))
            raise ValueError(
                f"“{reference}” may be {len(found)} people ({ids}); write the number "
                "or the work e-mail instead"
            )
        if not found:
            raise ValueError(
                f"“{reference}” is nobody's number, work e-mail or name, neither in "
                "the file nor in the organization"
            )
        return next(iter(found))


def normalize_name(name: str) -> str:
    """Bring "Last, First" into order and drop case, spare spaces and code variants."""
    last, comma, first = name.partition(",")
    ordered = f"{first} {last}" if comma else name
    return " ".join(unicodedata.normalize("NFKC", ordered).casefold().split())


def split_name(name: str) -> tuple[str, str]:
    """Split a full name into first and last: at the comma, else before the last word.

    Raises ValueError when there is only one word.
    """
    last, comma, first = name.partition(",")
    if not comma:
        first, _space, last = name.strip().rpartition(" ")
    if not first.strip() or not last.strip():
        raise ValueError(f"“{name}” is not a first and a last name")
    return " ".join(first.split()), " ".join(last.split())


def find_circles(managers: Mapping[Key, Key | None]) -> list[list[Key]]:
    """Give every circle of people who manage each other, each once, in order."""
    circles: list[list[Key]] = []
    cleared: set[Key] = set()
    for start in managers:
        chain: dict[Key, None] = {}
        person: Key | None = start
        while person is not None and person not in cleared and person not in chain:
            chain[person] = None
            person = managers.get(person)
        if person is not None and person in chain:
            members = list(chain)
            circles.append(members[members.index(person) :])
        cleared.update(chain)
    return circles
