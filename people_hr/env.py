"""Typed readers of the environment; a bad value stops start-up with a sentence.

Every name that is read is recorded in :data:`DECLARED`, so that a test can hold
``docs/settings.md`` against it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment name: its kind and, where it has one, its default."""

    name: str
    kind: str
    default: object = None


DECLARED: dict[str, Setting] = {}

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def _read(name: str, kind: str, default: Value, parse: Callable[[str], Value]) -> Value:
    DECLARED[name] = Setting(name, kind, default)
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        return parse(text.strip())
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}={text!r} is not {kind}. {error} See docs/settings.md."
        ) from error


def _parse_bool(text: str) -> bool:
    word = text.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueError("Use 1 or 0.")


def env_str(name: str, default: str = "") -> str:
    """Return the text under ``name``, or ``default`` where it is not set."""
    return _read(name, "text", default, str)


def env_int(name: str, default: int) -> int:
    """Return a whole number."""
    return _read(name, "a whole number", default, int)


def env_float(name: str, default: float) -> float:
    """Return a decimal number."""
    return _read(name, "a number", default, float)


def env_bool(name: str, *, default: bool) -> bool:
    """Return a switch: 1, true, yes, on, or 0, false, no, off."""
    return _read(name, "a switch", default, _parse_bool)


def env_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return the parts of a comma-separated list, without empty ones."""

    def parse(text: str) -> list[str]:
        return [part.strip() for part in text.split(",") if part.strip()]

    return _read(name, "a comma-separated list", list(default), parse)


def env_path(name: str, default: Path) -> Path:
    """Return an absolute path; ``~`` is the home directory."""

    def parse(text: str) -> Path:
        if not text:
            raise ValueError("Name a folder.")
        return Path(text).expanduser().absolute()

    return _read(name, "a path", default, parse)


def env_choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """Return one of ``choices``."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"Use one of: {', '.join(choices)}.")
        return text

    return _read(name, "one of " + ", ".join(choices), default, parse)


#: A quota and the seconds of its window.
Rate = tuple[int, int]
WINDOW_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def env_rate(name: str, default: str) -> Rate:
    """Return a quota with its window's seconds, told as ``1000/hour``."""

    def parse(text: str) -> Rate:
        quota, _slash, window = text.partition("/")
        seconds = WINDOW_SECONDS.get(window.strip()) or int(window)
        if int(quota) < 1 or seconds < 1:
            raise ValueError("Both are at least 1.")
        return int(quota), seconds

    return _read(name, "a rate such as 1000/hour", parse(default), parse)


def missing(name: str, why: str) -> ImproperlyConfigured:
    """Return the error that says which name to set and why."""
    return ImproperlyConfigured(f"Set {name}: {why} See docs/settings.md.")
