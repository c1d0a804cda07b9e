"""The theme's decorators, typed."""

from collections.abc import Callable
from typing import Any, TypeVar

from unfold import decorators

Method = TypeVar("Method", bound=Callable[..., Any])


def display(**options: Any) -> Callable[[Method], Method]:
    """Say how lists and forms show what a method returns: unfold's ``display``."""

    def decorate(method: Method) -> Method:
        decorated: Method = decorators.display(**options)(method)
        return decorated

    return decorate


def action(**options: Any) -> Callable[[Method], Method]:
    """Offer a method as a button on a record's page: unfold's ``action``."""

    def decorate(method: Method) -> Method:
        decorated: Method = decorators.action(**options)(method)
        return decorated

    return decorate
