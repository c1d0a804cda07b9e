"""Which events an endpoint asks for.

An endpoint lists patterns: a full name (``employee.updated``), all of one noun
(``employee.*``), or everything (``*``). A type that is opt-in is reached by its name
alone (see `outbox`).
"""

from collections.abc import Iterable

EVERYTHING = "*"


def patterns_matching(event_type: str) -> list[str]:
    """Return every pattern that asks for this type of event."""
    noun = event_type.partition(".")[0]
    return [event_type, f"{noun}.{EVERYTHING}", EVERYTHING]


def unknown_patterns(patterns: Iterable[str], event_types: Iterable[str]) -> list[str]:
    """Return the patterns that no declared type of event can match."""
    possible = {
        pattern
        for event_type in event_types
        for pattern in patterns_matching(event_type)
    }
    return [pattern for pattern in patterns if pattern not in possible | {EVERYTHING}]
