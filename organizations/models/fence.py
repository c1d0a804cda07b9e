"""The fence: rows that belong to one organization, and show to it alone."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache, reduce
from operator import and_
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.db import models, router
from django.db.models import Q
from uuid_utils.compat import uuid7

from organizations.access import current_access
from organizations.classes import INTERNAL, PUBLIC, FieldClass
from organizations.models.organizations import Organization
from organizations.reach import OutOfReach

Owned = TypeVar("Owned", bound="OrganizationOwned")


Rows = TypeVar("Rows", bound=models.QuerySet[Any])


def within_reach(rows: Rows) -> Rows:
    """Leave out what the credential of who acts does not reach."""
    access = current_access()
    if access is None or access.reach is None:
        return rows
    return rows.filter(access.reach.condition(rows.model))


def refuse_out_of_reach(model: type[models.Model], keys: Collection[Any]) -> None:
    """Refuse rows, as they stand in the database, that who acts does not reach.

    Raises:
        OutOfReach: when one of these primary keys is.
    """
    access = current_access()
    if access is None or access.reach is None or not keys:
        return
    rows = model._base_manager.filter(pk__in=keys)
    if within_reach(rows).count() != rows.count():
        raise OutOfReach


class OrganizationQuerySet(models.QuerySet[Owned]):
    """Rows of organizations."""

    def for_organization(self, organization: Organization) -> Self:
        """Return the rows of one organization, as far as who acts reaches."""
        return within_reach(self.filter(organization=organization))


class FencedManager(models.Manager[Owned]):
    """Show, while somebody acts for an organization, its rows alone.

    Where nobody acts (a shell, a worker), everything shows, and code says with
    ``for_organization`` whose rows it means.
    """

    def get_queryset(self) -> models.QuerySet[Owned]:
        rows = super().get_queryset()
        access = current_access()
        if access is None:
            return rows
        return within_reach(rows.filter(organization_id=access.organization.pk))


OwnedManager = FencedManager.from_queryset(OrganizationQuerySet)


class OrganizationOwned(models.Model):
    """A row that belongs to one organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without an index of its own: the ones that rows are looked up by lead with it.
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", editable=False, db_index=False
    )

    #: The class of every field and of every computed one that API and events show.
    field_classes: ClassVar[Mapping[str, FieldClass]] = {}
    #: Which plain fields of its row each computed one reads.
    field_sources: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    #: By which lookup each dimension narrows the rows for a restricted credential; None
    #: instead of a lookup: it does not. A model that does not say is closed to them.
    reached_by: ClassVar[Mapping[str, str | None] | None] = None

    objects = OwnedManager()

    class Meta:
        abstract = True

    @classmethod
    def classes(cls) -> dict[str, FieldClass]:
        """Return the class of every field by name, the inherited ones included."""
        merged: dict[str, FieldClass] = {}
        for ancestor in reversed(cls.__mro__):
            merged.update(vars(ancestor).get("field_classes", {}))
        return merged

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """As Django does; but what is taken already is an error of its field.

        Raises:
            ValidationError: on the last field that a broken unique constraint names,
                which is the one to change; as a whole for other constraints.
        """
        errors: dict[str, Any] = {}
        excluded = None if exclude is None else set(exclude)
        using = router.db_for_write(type(self), instance=self)
        are_checks_kept = self._are_checks_kept(excluded, using)
        for model, constraints in self.get_constraints():
            for constraint in constraints:
                if are_checks_kept and isinstance(constraint, models.CheckConstraint):
                    continue
                try:
                    constraint.validate(model, self, exclude=excluded, using=using)
                except ValidationError as error:
                    told = error
                    if taken := _taken_field(constraint):
                        error.code = error.code or "unique"
                        told = ValidationError({taken: error})
                    errors = told.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def _are_checks_kept(self, exclude: set[str] | None, using: str) -> bool:
        """Ask about all check constraints at once; Django asks three times for each.

        False means: ask one by one, to say which is broken.
        """
        checks = [
            Q(constraint.condition)
            for _model, constraints in self.get_constraints()
            for constraint in constraints
            if isinstance(constraint, models.CheckConstraint)
        ]
        present = self._get_field_expression_map(  # type: ignore[attr-defined]
            meta=self._meta, exclude=exclude
        )
        try:
            return not checks or reduce(and_, checks).check(present, using=using)
        except FieldError:  # names a field that is excluded
            return False

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """As Django does, except for the organization: code sets it, no person."""
        super().clean_fields(exclude={*(exclude or ()), "organization"})

    def represent(self, *shown: FieldClass) -> dict[str, Any]:
        """Return the fields of these classes as the API shows them.

        Foreign keys are ids, decimals the text that the database would give. Other
        values are for a JSON encoder that knows UUIDs and dates.
        """
        return {
            name: _as_text(getattr(self, attribute), places)
            if places is not None
            else getattr(self, attribute)
            for name, attribute, places in _shown(type(self), shown)
        }


OrganizationOwned.field_classes = {"id": PUBLIC, "organization": INTERNAL}


def _taken_field(constraint: models.BaseConstraint) -> str | None:
    """Return the last field that a unique constraint names, or None."""
    if not isinstance(constraint, models.UniqueConstraint):
        return None
    if constraint.fields:
        return constraint.fields[-1]
    last: Any = constraint.expressions[-1]
    parts = [last] if isinstance(last, models.F) else last.flatten()
    names: list[Any] = [part for part in parts if isinstance(part, models.F)]
    return str(names[0].name)


@cache
def _shown(
    model: type[OrganizationOwned], shown: tuple[FieldClass, ...]
) -> tuple[tuple[str, str, int | None], ...]:
    """Return name, attribute and decimal places of every field of these classes."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    return tuple(
        (
            name,
            fields[name].attname if name in fields else name,
            getattr(fields.get(name), "decimal_places", None),
        )
        for name, field_class in model.classes().items()
        if field_class in shown
    )


def _as_text(value: Any, places: int) -> str | None:
    """Return a decimal, or what is going to be one, with all its places."""
    return None if value is None else f"{Decimal(value):.{places}f}"
