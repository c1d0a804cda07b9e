"""What every resource of the API has in common: fence, scopes, entity tags, paging."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from organizations.access import OrganizationAccess
from organizations.classes import PUBLIC, FieldClass
from organizations.http import check_version, entity_tag, names_version
from organizations.models import OrganizationOwned, OrganizationRecord
from organizations.serializers import Row, Rows

LIST_PARAMETERS = frozenset({"limit", "cursor", "search", "ordering", "format"})


class OrganizationReadViewSet(GenericViewSet[Any]):
    """Lists and shows the rows of the caller's organization.

    ``read_scope`` and ``write_scope`` are asked for by ``HasScope``; a view without
    them is closed.
    """

    read_scope: ClassVar[str]
    serializer_class: type[Serializer[Any]]
    ordering: ClassVar[tuple[str, ...]] = ("id",)
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    search_fields: ClassVar[tuple[str, ...]] = ()

    @property
    def model(self) -> type[OrganizationOwned]:
        """The model of the rows."""
        declared: Any = self.serializer_class
        model: type[OrganizationOwned] = declared.Meta.model
        return model

    @property
    def access(self) -> OrganizationAccess:
        """What the caller may do; ``HasScope`` has looked."""
        assert isinstance(self.request.auth, OrganizationAccess)
        return self.request.auth

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.model._default_manager.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.for_organization(self.access.organization)

    def get_object(self) -> Any:
        """Return the row that the address names.

        Raises:
            NotFound: when it does not exist, or is another organization's.
        """
        try:
            found = self.get_queryset().get(pk=self.kwargs["pk"])
        except (ObjectDoesNotExist, ValidationError, ValueError) as error:
            raise exceptions.NotFound from error
        self.check_object_permissions(self.request, found)
        return found

    def visible_classes_of(self, record: Any) -> Iterable[FieldClass]:
        """Return the classes of fields that the caller sees of a record."""
        return (PUBLIC,)

    def read_rows(self, queryset: QuerySet[Any]) -> list[Row]:
        """Run a list's query; return each row as the caller sees it."""
        return Rows(self.model, (PUBLIC,)).read(queryset)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self._refuse_wrong_parameters(request)
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(self.present(page))

    def present(self, rows: Iterable[Any]) -> Any:
        """Return what a page shows of its rows: all that was read."""
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    def answer(self, record: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Show one record, with its entity tag; 304 to who has it already."""
        headers = {}
        if isinstance(record, OrganizationRecord):
            headers["ETag"] = entity_tag(record.version)
            held = self.request.headers.get("If-None-Match", "")
            if self.request.method == "GET" and names_version(held, record.version):
                return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(
            self.get_serializer(record).data, status=status, headers=headers
        )

    def _refuse_wrong_parameters(self, request: Request) -> None:
        """A filter that is misspelt, or empty, must not answer with everything."""
        filterset = getattr(self, "filterset_class", None)
        filters = set(filterset.base_filters if filterset else ())
        # The forms of the pages send every filter, also those that were left empty.
        is_page = isinstance(request.accepted_renderer, BrowsableAPIRenderer)
        refused = {}
        for name, value in request.query_params.items():
            if name not in filters | LIST_PARAMETERS:
                refused[name] = exceptions.ErrorDetail(
                    _("There is no such parameter."), code="unknown"
                )
            elif name in filters and not value and not is_page:
                refused[name] = exceptions.ErrorDetail(
                    _("Give a value, or leave the parameter out."), code="empty"
                )
        if refused:
            raise exceptions.ValidationError(refused)


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
