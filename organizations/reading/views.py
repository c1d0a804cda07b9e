"""What every resource that is read has in common: fence, scopes, tags, paging."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from http import HTTPStatus
from typing import Any, ClassVar, cast
from uuid import UUID
from zlib import crc32

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from organizations.access import OrganizationAccess
from organizations.classes import INTERNAL, PUBLIC, FieldClass
from organizations.http import (
    JSONRenderer,
    content_tag,
    dumped,
    entity_tag,
    is_held,
)
from organizations.models import OrganizationOwned, OrganizationRecord
from organizations.pagination import total
from organizations.reading import (
    COLLEAGUE,
    EVERYTHING,
    Alike,
    PlanReader,
    Reader,
    RecordReader,
    Row,
    Selection,
    Sight,
    picked,
    selection_of,
)
from organizations.reading.expanding import Expansion, check, expand
from organizations.reading.sources import (
    FencedSource,
    QuerySource,
    goes_one_way,
    is_fenced_alone,
)
from organizations.serializers import OrganizationSerializer

LIST_PARAMETERS = frozenset(
    {"limit", "cursor", "search", "ordering", "format", "fields", "expand"}
)


#: Parameters that leave a list what it is, and in its order.
NARROWS_NOTHING = frozenset({"limit", "cursor", "format", "fields", "expand"})
USUAL_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


#: The views by what they show, for descriptions of what they expand.
_SHOWN_BY: "dict[type[Serializer[Any]], type[OrganizationReadViewSet]]" = {}


def shown_by(
    serializer: type[Serializer[Any]],
) -> "type[OrganizationReadViewSet] | None":
    """Return the view that shows its records by a serializer."""
    return _SHOWN_BY.get(serializer)


class OrganizationReadViewSet(GenericViewSet[Any]):
    """Lists and shows the rows of the caller's organization.

    ``read_scope`` and ``write_scope`` are asked for by ``HasScope``; a view without
    them is closed. A view whose rows are more than columns sets ``show_records``.
    """

    read_scope: ClassVar[str]
    serializer_class: type[Serializer[Any]]
    ordering: ClassVar[tuple[str, ...]] = ("id",)
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    search_fields: ClassVar[tuple[str, ...]] = ()
    #: Relations that ``expand`` shows as records, and the views that show those.
    expansions: ClassVar[Mapping[str, Expansion]] = {}
    #: Fields that ``complete`` adds to rows, beyond those of the model.
    extra_fields: ClassVar[tuple[str, ...]] = ()
    #: Whether whatever changes what is shown of a record raises its version.
    is_told_by_version: ClassVar[bool] = True
    show_records: Callable[[list[Any]], list[Row]] | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "serializer_class" in vars(cls):
            _SHOWN_BY[cls.serializer_class] = cls

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

    @property
    def sight(self) -> Sight:
        """Which classes of fields the caller sees of which rows."""
        return COLLEAGUE

    @property
    def default_response_headers(self) -> dict[str, str]:
        # REST framework works Allow out for every answer; 405 alone must have it.
        headers = {"Vary": "Accept"}
        if self.request.method not in USUAL_METHODS or self.action is None:
            headers["Allow"] = ", ".join(self.allowed_methods)
        return headers

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
        return self.sight.of(record.pk)

    def known_fields(self) -> tuple[str, ...]:
        """Return the names that ``fields`` may choose from."""
        return known_fields_of(type(self))

    @cached_property
    def selection(self) -> Selection:
        """What the caller chose to see.

        Raises:
            ValidationError, MissingScope, OutOfReach: for what cannot be chosen.
        """
        chosen = self.request.query_params
        selection = selection_of(chosen.get("fields"), chosen.get("expand"))
        if selection is not EVERYTHING:
            check(self, selection)
        return selection

    def reader(self, selection: Selection, hidden: Iterable[str] = ()) -> Reader:
        """Return what reads rows and shows what was chosen of them."""
        if self.show_records is not None:
            return RecordReader(self.show_records, selection)
        return PlanReader(
            self.model,
            self.sight,
            selection,
            hidden=hidden,
            extra=self.extra_fields,
            complete=self.complete if self.extra_fields else None,
        )

    def complete(self, rows: list[Row]) -> list[Row]:
        """Add ``extra_fields`` to rows, which hold their ``id``."""
        raise NotImplementedError

    def by_id(self, keys: Iterable[str], selection: Selection) -> dict[str, Row]:
        """Return rows by their ids, for views that expand a relation to them."""
        reader = self.reader(selection, hidden=("id",))
        read = reader.read(self.get_queryset().filter(pk__in=keys))
        shown = reader.show(read)
        expand(self, shown, selection)
        names = (str(reader.values(row, ("id",))[0]) for row in read)
        return dict(zip(names, shown, strict=True))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._refuse_wrong_parameters(request)
        selection = self.selection
        source = self._plain_source() or QuerySource(
            self.filter_queryset(self.get_queryset())
        )
        paginator: Any = self.paginator
        page = paginator.page_of(
            source, request, lambda hidden: self.reader(selection, hidden)
        )
        expand(self, page.rows, selection)
        return self.answer_read(page.document(), headers=page.headers())

    def _plain_source(self) -> FencedSource | None:
        """Return the rows where nothing but the fence narrows them, in their order."""
        is_plain = (
            self.access.reach is None
            and self.request.query_params.keys() <= NARROWS_NOTHING
            and is_plainly_listed(type(self))
        )
        if not is_plain:
            return None
        order = total(self.ordering)
        return FencedSource(self.model, self.access.organization, order)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        selection = self.selection
        if self.show_records is not None:
            return self._answer_record(self.get_object(), selection)
        hidden = ("version",) if issubclass(self.model, OrganizationRecord) else ()
        reader = self.reader(selection, hidden=("id", *hidden))
        source, key = self._plain_source(), self.kwargs["pk"]
        try:
            read = (
                source.read_one(reader, key)
                if source
                else reader.read(self.get_queryset().filter(pk=key))
            )
        except (ValidationError, ValueError) as error:
            raise exceptions.NotFound from error
        if not read:
            raise exceptions.NotFound
        tag = ""
        if hidden and self.is_told_by_version and not selection.expand:
            key, version = reader.values(read[0], ("id", "version"))
            tag = self._tag(UUID(str(key)), version)
            if self._is_held(tag):
                return not_modified(tag)
        [row] = reader.show(read)
        expand(self, [row], selection)
        return self.answer_read(row, tag)

    def _answer_record(self, record: Any, selection: Selection) -> HttpResponseBase:
        tag = ""
        is_told = self.is_told_by_version and not selection.expand
        if is_told and isinstance(record, OrganizationRecord):
            tag = self._tag(record.pk, record.version)
            if self._is_held(tag):
                return not_modified(tag)
        row = picked(self.show_one(record), selection)
        expand(self, [row], selection)
        return self.answer_read(row, tag)

    def show_one(self, record: Any) -> Row:
        """Return one record by itself, which may say more than in a list."""
        assert self.show_records is not None
        [row] = self.show_records([record])
        return row

    def answer_read(
        self, content: Any, tag: str = "", headers: Mapping[str, str] | None = None
    ) -> HttpResponseBase:
        """Answer with what was read, or with 304 to who has it already.

        Without a tag that tells its version, what was read is its own.
        """
        if not isinstance(self.request.accepted_renderer, JSONRenderer):
            return Response(content, headers=dict(headers or {}))
        body = dumped(content)
        tag = tag or content_tag(body)
        if self._is_held(tag):
            return not_modified(tag)
        response = HttpResponse(body, content_type=JSONRenderer.media_type)
        for name, value in {"ETag": tag, **(headers or {})}.items():
            response.headers[name] = value
        return response

    def _is_held(self, tag: str) -> bool:
        held = self.request.META.get("HTTP_IF_NONE_MATCH")
        return held is not None and is_held(held, tag)

    def _tag(self, key: UUID, version: int) -> str:
        """Return the entity tag of a record as the caller sees it."""
        variants = []
        sight = self.sight
        if not isinstance(sight, Alike):
            seen = sight.of(key) - {PUBLIC}
            variants += sorted(kept.value for kept in seen)
        if (chosen := self.selection.fields) is not None and self.action == "retrieve":
            variants.append(f"{crc32(','.join(sorted(chosen)).encode()):08x}")
        return entity_tag(version, "-".join(variants))

    def answer(self, record: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Show one record that was written, with its entity tag."""
        headers = {}
        if isinstance(record, OrganizationRecord):
            headers["ETag"] = self._tag(record.pk, record.version)
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


def not_modified(tag: str) -> HttpResponse:
    """Answer who has it already."""
    response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    del response["Content-Type"]
    response.headers["ETag"] = tag
    return response


@cache
def is_plainly_listed(view: type[OrganizationReadViewSet]) -> bool:
    """Say whether a view lists all that the fence shows of a table, in one order."""
    declared: Any = view.serializer_class
    listed, plain = cast("Any", view), cast("Any", OrganizationReadViewSet)
    return (
        listed.get_queryset is plain.get_queryset
        and listed.filter_backends == plain.filter_backends
        and listed.show_records is None
        and goes_one_way(total(view.ordering))
        and is_fenced_alone(declared.Meta.model)
    )


@cache
def known_fields_of(view: type[OrganizationReadViewSet]) -> tuple[str, ...]:
    """Return the names of the fields that a view shows."""
    declared: Any = view.serializer_class
    if not issubclass(declared, OrganizationSerializer):
        return tuple(declared().fields)
    classes = declared.Meta.model.classes()
    names = [name for name, kept in classes.items() if kept is not INTERNAL]
    more = (*declared._declared_fields, *view.extra_fields)
    return tuple(dict.fromkeys((*names, *more)))
