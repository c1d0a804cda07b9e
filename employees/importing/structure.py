"""Find departments, positions and locations by name; add those that are missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from employees.importing.headers import Field
from employees.models import Department, Location, Position
from organizations.models import Organization

Part = TypeVar("Part", Department, Position, Location)


@dataclass(slots=True)
class Catalogue(Generic[Part]):
    """The parts of one kind by name, in any case; `added` are not saved yet."""

    make: Callable[[str], Part]
    known: dict[str, list[Part]] = field(default_factory=dict)
    added: list[Part] = field(default_factory=list)
    names: dict[UUID, str] = field(default_factory=dict)

    def learn(self, parts: Iterable[Part]) -> "Catalogue[Part]":
        """Take parts that exist."""
        for part in parts:
            self.known.setdefault(str(part).lower(), []).append(part)
            self.names[part.pk] = str(part)
        return self

    def find(self, name: str) -> Part:
        """Give the part of this name, a new one when there is none.

        Raises ValueError when several have the name: which one is not guessed.
        """
        found = self.known.get(name.lower(), [])
        if len(found) > 1:
            raise ValueError(
                f"“{name}” is the name of {len(found)} different ones; give them "
                "different names first"
            )
        if not found:
            found = [self.make(name)]
            self.added += found
            self.learn(found)
        return found[0]


@dataclass(slots=True)
class Structure:
    """What employees are placed in."""

    departments: Catalogue[Department]
    positions: Catalogue[Position]
    locations: Catalogue[Location]

    def find(self, kind: Field, name: str) -> Department | Position | Location:
        """Give the department, position or location of this name."""
        part: Department | Position | Location = self._of(kind).find(name)
        return part

    def name(self, kind: Field, pk: UUID | None) -> str:
        """Name a part; nothing for None."""
        return self._of(kind).names[pk] if pk else ""

    def _of(self, kind: Field) -> Catalogue[Any]:
        if kind is Field.DEPARTMENT:
            return self.departments
        return self.positions if kind is Field.POSITION else self.locations


def read_structure(organization: Organization) -> Structure:
    """Read what the organization has. Three queries.

    New departments stand at the top of the tree; new locations take the time zone of
    the organization and no country, until somebody says better.
    """
    return Structure(
        Catalogue(lambda name: Department(organization=organization, name=name)).learn(
            Department.objects.for_organization(organization)
        ),
        Catalogue(lambda name: Position(organization=organization, title=name)).learn(
            Position.objects.for_organization(organization)
        ),
        Catalogue(
            lambda name: Location(
                organization=organization, name=name, time_zone=organization.time_zone
            )
        ).learn(Location.objects.for_organization(organization)),
    )
