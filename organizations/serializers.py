"""Records as the API shows and takes them, by the classes of their fields."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from organizations.access import OrganizationAccess
from organizations.classes import INTERNAL, PUBLIC
from organizations.http import JSON_OPTIONS
from organizations.models import OrganizationOwned
from organizations.reading.plans import Row

Record = TypeVar("Record", bound=OrganizationOwned)


class OrganizationRelatedField(serializers.PrimaryKeyRelatedField[OrganizationOwned]):
    """The id of a related record; another organization's is as good as none."""

    default_error_messages = {
        "does_not_exist": _("Choose one that exists. This one was not found."),
        "incorrect_type": _("Give the record's id."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        related: Any = super().get_queryset()
        organization = access_of(self.context).organization
        fenced: QuerySet[Any] = related.for_organization(organization)
        return fenced

    def to_internal_value(self, data: Any) -> OrganizationOwned:
        try:
            key: Any = UUID(data) if isinstance(data, str) else None
        except ValueError:
            self.fail("does_not_exist")
        if key is None:
            self.fail("incorrect_type")
        # Of many items, most name the same few records.
        known: dict[Any, OrganizationOwned] = self.context.get("related", {})
        place = (self.field_name, key)
        if place not in known:
            known[place] = super().to_internal_value(key)
        return known[place]


def access_of(context: Mapping[str, Any]) -> OrganizationAccess:
    """Return the access that a serializer works under."""
    access = context["request"].auth
    assert isinstance(access, OrganizationAccess)
    return access


class StrictSerializer(serializers.Serializer[Any]):
    """A body in which every name is known: nothing that was sent is passed over."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the body.

        Raises:
            ValidationError: also for names that are unknown or only read.
        """
        if isinstance(data, Mapping):
            refused = {
                name: refusal
                for name, value in data.items()
                if (refusal := self._refusal(name, value))
            }
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)

    def _refusal(self, name: str, value: Any) -> serializers.ErrorDetail | None:
        field = self.fields.get(name)
        if field is None:
            return serializers.ErrorDetail(_("There is no such field."), code="unknown")
        if field.read_only and not self._is_present(name, value):
            return serializers.ErrorDetail(
                _("This field is read, not written."), code="read_only"
            )
        return None

    def _is_present(self, name: str, value: Any) -> bool:
        """Say whether a value is what the record has: what was read is sent back."""
        if self.instance is None:
            return False
        shown = self.to_representation(self.instance).get(name)
        options = JSON_OPTIONS | orjson.OPT_SORT_KEYS
        return orjson.dumps(shown, option=options) == orjson.dumps(
            value, option=options
        )


class OrganizationSerializer(StrictSerializer, serializers.ModelSerializer[Record]):
    """A record of the caller's organization.

    Its fields are the model's fields that have a class other than internal. The view
    says which classes the caller sees of a record; ``Meta.read_only_fields`` names
    those that only a decision changes.
    """

    serializer_related_field = OrganizationRelatedField

    def get_field_names(
        self, declared_fields: Mapping[str, Any], info: Any
    ) -> list[str]:
        model: Any = self.Meta.model
        return [
            name
            for name, field_class in model.classes().items()
            if field_class is not INTERNAL
        ]

    def get_extra_kwargs(self) -> dict[str, dict[str, Any]]:
        """Leave uniqueness to ``full_clean``: it knows the organization."""
        kwargs: dict[str, dict[str, Any]] = super().get_extra_kwargs()
        for name in getattr(self.Meta, "read_only_fields", ()):
            kwargs.setdefault(name, {})["read_only"] = True
        return kwargs

    def get_validators(self) -> list[Any]:
        return []

    def to_representation(self, instance: Record) -> Row:
        view: Any = self.context.get("view")
        shown = (
            view.visible_classes_of(instance)
            if hasattr(view, "visible_classes_of")
            else (PUBLIC,)
        )
        return instance.represent(*shown)

    def create(self, validated_data: dict[str, Any]) -> Record:
        """Add a record.

        Raises:
            ValidationError: Django's, on the field that breaks a rule.
        """
        model: Any = self.Meta.model
        organization = access_of(self.context).organization
        record: Record = model(organization=organization, **validated_data)
        record.full_clean()
        record.save()
        return record

    def update(self, instance: Record, validated_data: dict[str, Any]) -> Record:
        """Change a record.

        Raises:
            ValidationError: Django's, on the field that breaks a rule.
            StaleRecord: when someone else changed it meanwhile.
        """
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.full_clean()
        instance.save()
        return instance
