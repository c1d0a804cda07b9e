"""System checks that keep the fence and the events whole."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import models

from organizations.constraints import SameOrganization
from organizations.models import OrganizationOwned, OrganizationRecord

UNHEARD = (models.SET_NULL, models.SET_DEFAULT, models.DO_NOTHING)


@checks.register(checks.Tags.models)
def records_are_whole(**kwargs: Any) -> list[checks.CheckMessage]:
    """Every field has a class, every relation stays inside, nothing changes unheard."""
    return [
        *(
            message
            for model in apps.get_models()
            if issubclass(model, OrganizationOwned)
            for message in (*_unclassified(model), *_unfenced(model), *_unheard(model))
        )
    ]


def _unclassified(model: type[OrganizationOwned]) -> Iterator[checks.Error]:
    classified = model.classes()
    for field in model._meta.concrete_fields:
        if field.name not in classified:
            yield checks.Error(
                f"{model._meta.label}.{field.name} has no class.",
                hint="Say in field_classes who may see it: PUBLIC, PERSONAL, …",
                id="organizations.E001",
            )


def _relations(model: type[OrganizationOwned]) -> Iterator[Any]:
    for field in model._meta.concrete_fields:
        if field.is_relation and field.name != "organization":
            yield field


def _unfenced(model: type[OrganizationOwned]) -> Iterator[checks.Error]:
    """Rows that are not records are written by SQL of ours from what is fenced."""
    if not issubclass(model, OrganizationRecord):
        return
    fenced = {
        constraint.field
        for constraint in model._meta.constraints
        if isinstance(constraint, SameOrganization)
    }
    for field in _relations(model):
        if issubclass(field.related_model, OrganizationOwned) and (
            field.name not in fenced
        ):
            yield checks.Error(
                f"{model._meta.label}.{field.name} may name another organization's.",
                hint="Add a SameOrganization constraint.",
                id="organizations.E002",
            )


def _unheard(model: type[OrganizationOwned]) -> Iterator[checks.Error]:
    if not issubclass(model, OrganizationRecord):
        return
    for field in _relations(model):
        if field.remote_field.on_delete in UNHEARD:
            yield checks.Error(
                f"{model._meta.label}.{field.name} would be emptied without an event.",
                hint="Use PROTECT (or CASCADE, which speaks).",
                id="organizations.E003",
            )
    if model._meta.local_many_to_many:
        yield checks.Error(
            f"{model._meta.label} has many-to-many fields, whose changes are silent.",
            hint="Use a record of its own between the two.",
            id="organizations.E004",
        )
