"""What every resource of the API has in common: fence, scopes, entity tags, paging."""

from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from organizations.http import check_version
from organizations.models import OrganizationRecord
from organizations.reading.views import OrganizationReadViewSet, shown_by

__all__ = ["OrganizationReadViewSet", "OrganizationViewSet", "shown_by"]


class OrganizationViewSet(OrganizationReadViewSet):
    """Adds, changes and deletes, too. ``If-Match`` guards against lost updates."""

    write_scope: ClassVar[str]

    def get_guarded_object(self) -> Any:
        """Return the record that the address names, in the version the caller means.

        Raises:
            NotFound: when there is none.
            PreconditionFailed: when ``If-Match`` names another version.
        """
        record = self.get_object()
        check_version(self.request, record.version)
        return record

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.answer_created(serializer.save())

    def answer_created(self, record: OrganizationRecord) -> Response:
        """Show a new record and where it is."""
        response = self.answer(record, HTTPStatus.CREATED)
        response["Location"] = self.request.build_absolute_uri(
            f"{self.request.path}{record.pk}/"
        )
        return response

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_guarded_object()
        serializer = self.get_serializer(
            record, data=request.data, partial=request.method == "PATCH"
        )
        serializer.is_valid(raise_exception=True)
        return self.answer(serializer.save())

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.update(request, *args, **kwargs)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.get_guarded_object().delete()
        return Response(status=HTTPStatus.NO_CONTENT)
