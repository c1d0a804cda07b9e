"""Find departments, positions and locations by name, and add those that are missing."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from employees.models import Department, Location, Position
from organizations.models import Organization

Part = TypeVar("Part", Department, Position, Location)


@dataclass(slots=True)
class Catalogue(Generic[Part]):
    """The parts of one kind by name, in any case; new ones are not saved yet."""

    known: dict[str, list[Part]]
    template: Part
    naming: str
    added: list[Part] = field(default_factory=list)


    def find(self, name: str) -> Part:
        """Give the part of this name, a new one when there is none.

        Raises ValueError when several have the name: which one is not guessed.
        """
