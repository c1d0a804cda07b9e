"""What integrators do with webhooks: endpoints, deliveries and the event log."""

import datetime as dt
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.audit.events import IntegrationKind
from integrations.webhooks import auditing
from integrations.webhooks.matching import EVERYTHING
from integrations.webhooks.models import Attempt, Delivery, Endpoint, Event
from integrations.webhooks.services import (
    create_endpoint,
    send_again,
    send_test_event,
    update_endpoint,
)
from organizations.events import EventType
from organizations.openapi import example
from organizations.reading import Row, Selection, picked
from organizations.reading.expanding import Expansion
from organizations.serializers import OrganizationSerializer
from organizations.viewsets import OrganizationReadViewSet, OrganizationViewSet

EVENT_ID_PREFIX = "evt_"


ENDPOINT = {
    "name": "Payroll",
    "url": "https://payroll.example.com/hooks",
    "events": ["employee.*"],
}
SHOWN_ENDPOINT = {
    "id": "01963a5e-7c2e-7d4a-9a5e-1f0c2b3d4e5f",
    "version": 1,
    "created_at": "2026-01-05T08:00:00.000000Z",
    "updated_at": "2026-01-05T08:00:00.000000Z",
    **ENDPOINT,
    "description": "",
    "is_enabled": True,
}


@example(shown=SHOWN_ENDPOINT, sent=ENDPOINT)
class EndpointSerializer(OrganizationSerializer[Endpoint]):
    """An address, and the events that it asks for."""

    class Meta:
        model = Endpoint

    def update(self, instance: Endpoint, validated_data: dict[str, Any]) -> Endpoint:
        return update_endpoint(instance, **validated_data)


@example(shown=SHOWN_ENDPOINT | {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"})
class CreatedEndpointSerializer(EndpointSerializer):
    """A new endpoint, with its signing secret: it is shown this once."""

    secret = serializers.CharField(read_only=True)

    def get_field_names(self, *args: Any) -> list[str]:
        return [*super().get_field_names(*args), "secret"]


class DeliverySerializer(serializers.Serializer[Delivery]):
    """One event on its way to one endpoint, and how the last attempt went."""

    id = serializers.UUIDField()
    endpoint = serializers.UUIDField()
    event = serializers.CharField(help_text="The event's id, `evt_…`.")
    type = serializers.CharField(help_text="The event's type.")
    status = serializers.ChoiceField(Delivery.Status.choices)
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="When it is tried next; null when it is not."
    )
    status_code = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    attempted_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Delivery


class AttemptSerializer(serializers.Serializer[Attempt]):
    """One try to deliver, and what came back."""

    number = serializers.IntegerField()
    attempted_at = serializers.DateTimeField()
    status_code = serializers.IntegerField(allow_null=True)
    duration_ms = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    excerpt = serializers.CharField(
        allow_blank=True, help_text="The beginning of the answer's text."
    )


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with every attempt, the newest first."""

    tries = AttemptSerializer(many=True)


class SentEventSerializer(serializers.Serializer[Any]):
    """The id of an event that was sent."""

    event = serializers.CharField()


class SubjectSerializer(serializers.Serializer[Any]):
    """What an event is about."""

    type = serializers.CharField()
    id = serializers.UUIDField()
    url = serializers.CharField()


class ActorSerializer(serializers.Serializer[Any]):
    """Who made the change."""

    type = serializers.CharField()
    id = serializers.CharField(allow_null=True)


@extend_schema_field(OpenApiTypes.OBJECT)
class SubjectFieldsField(serializers.DictField):
    """The subject's public fields, as the API shows them."""


class EventSerializer(serializers.Serializer[Event]):
    """Something that happened: exactly the body that webhooks receive."""

    id = serializers.CharField()
    type = serializers.CharField()
    timestamp = serializers.DateTimeField()
    organization = serializers.UUIDField()
    sequence = serializers.IntegerField()
    subject = SubjectSerializer()
    actor = ActorSerializer()
    changes = serializers.ListField(child=serializers.CharField())
    data = SubjectFieldsField()  # type: ignore[assignment]  # the issue's name

    class Meta:
        model = Event


class EventTypeSerializer(serializers.Serializer[Any]):
    """A kind of event."""

    type = serializers.CharField()
    description = serializers.CharField()


class EventTypeListSerializer(serializers.Serializer[Any]):
    """All kinds of events."""

    results = EventTypeSerializer(many=True)


class EndpointFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of endpoints is narrowed by."""

    is_enabled = filters.BooleanFilter()


class EndpointViewSet(OrganizationViewSet):
    """Endpoints: the addresses that events are sent to."""

    read_scope = "webhooks:read"
    write_scope = "webhooks:manage"
    delete_scope = "webhooks:delete"
    serializer_class = EndpointSerializer
    filterset_class = EndpointFilter
    search_fields = ("name", "url")
    ordering = ("name", "id")
    ordering_fields = ("id", "name", "created_at", "updated_at")

    @extend_schema(responses={HTTPStatus.CREATED: CreatedEndpointSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add an endpoint; the answer holds its secret, which is not shown again."""
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        created = create_endpoint(self.access.organization, **body.validated_data)
        response = self.answer_created(created.endpoint)
        auditing.tell(IntegrationKind.SECRET_SHOWN, created.endpoint)
        response.data["secret"] = created.secret
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(request=None, responses={HTTPStatus.ACCEPTED: SentEventSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a test event to this endpoint alone."""
        event = send_test_event(self.get_guarded_object())
        return Response({"event": event.public_id}, status=HTTPStatus.ACCEPTED)


class DeliveryFilter(filters.FilterSet):  # type: ignore[misc]
    """What a list of deliveries is narrowed by."""

    status = filters.ChoiceFilter(choices=Delivery.Status.choices)


ENDPOINT_ID = OpenApiParameter("endpoint_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
EVENT_ID = OpenApiParameter(
    "id", str, OpenApiParameter.PATH, description="The event's id, `evt_…`."
)


@extend_schema_view(list=extend_schema(parameters=[ENDPOINT_ID]))
class DeliveryViewSet(OrganizationReadViewSet):
    """What was sent to an endpoint, what waits and what failed; the newest first."""

    read_scope = "webhooks:read"
    write_scope = "webhooks:manage"
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    ordering = ("-id",)
    expansions: ClassVar[Mapping[str, Expansion]] = {
        "endpoint": lambda: EndpointViewSet,
        "event": lambda: EventViewSet,
    }

    def get_queryset(self) -> QuerySet[Any]:
        deliveries = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return deliveries
        if "endpoint_id" in self.kwargs:
            deliveries = deliveries.filter(endpoint=self._endpoint())
        return deliveries.select_related("event").defer("event__body")

    def _endpoint(self) -> Endpoint:
        endpoints = EndpointViewSet(
            request=self.request, kwargs={"pk": self.kwargs["endpoint_id"]}
        )
        endpoint: Endpoint = endpoints.get_object()
        return endpoint

    def show_records(self, records: list[Delivery]) -> list[Row]:
        """Return deliveries, each with what its event says of itself."""
        return [_shown(delivery) for delivery in records]

    @extend_schema(parameters=[ENDPOINT_ID], responses=DeliveryDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show a delivery with its attempts."""
        return super().retrieve(request, *args, **kwargs)

    def show_one(self, record: Delivery) -> Row:
        """Return a delivery with its attempts."""
        tries: Any = record.tries.order_by("-number")
        return _shown(record) | {"tries": AttemptSerializer(tries, many=True).data}

    def known_fields(self) -> tuple[str, ...]:
        more = ("tries",) if self.action == "retrieve" else ()
        return (*super().known_fields(), *more)

    @extend_schema(
        parameters=[ENDPOINT_ID],
        request=None,
        responses={HTTPStatus.ACCEPTED: DeliverySerializer},
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, endpoint_id: str, pk: str) -> Response:
        """Send it again now, with the same id and body."""
        delivery = send_again(self.get_object())
        return Response(_shown(delivery), status=HTTPStatus.ACCEPTED)


def _shown(delivery: Delivery) -> Row:
    return {
        "id": delivery.pk,
        "endpoint": delivery.endpoint_id,
        "event": delivery.event.public_id,
        "type": delivery.event.type,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "due_at": delivery.due_at,
        "status_code": delivery.status_code,
        "duration_ms": delivery.duration_ms,
        "error": delivery.error,
        "attempted_at": delivery.attempted_at,
        "delivered_at": delivery.delivered_at,
    }


def event_type_choices() -> list[tuple[str, str]]:
    """Return every type of event by itself, and every noun with all of its types."""
    names = [declared.name for declared in EventType.all()]
    nouns = sorted({f"{name.partition('.')[0]}.{EVERYTHING}" for name in names})
    return [(name, name) for name in [*names, *nouns]]


class EventFilter(filters.FilterSet):  # type: ignore[misc]
    """What the event log is narrowed by."""

    type = filters.ChoiceFilter(choices=event_type_choices, method="of_type")
    subject_type = filters.CharFilter()
    subject = filters.UUIDFilter(field_name="subject_id")
    since = filters.IsoDateTimeFilter(method="from_moment")
    until = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")

    def of_type(self, events: QuerySet[Event], _name: str, wanted: str) -> Any:
        """Narrow to one type, or to all of one noun (``employee.*``)."""
        noun, _dot, verb = wanted.partition(".")
        if verb == EVERYTHING:
            return events.filter(type__startswith=f"{noun}.")
        return events.filter(type=wanted)

    def from_moment(
        self, events: QuerySet[Event], _name: str, moment: dt.datetime
    ) -> Any:
        """Narrow to what happened since; ids are in the order of time, too."""
        return events.filter(occurred_at__gte=moment, pk__gte=first_id(moment))


def first_id(moment: dt.datetime) -> UUID:
    """Return the lowest UUIDv7 of a moment (RFC 9562, section 5.7)."""
    milliseconds = max(int(moment.timestamp() * 1000), 0)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


class EventViewSet(OrganizationReadViewSet):
    """The event log: what happened in the last days, the newest first."""

    read_scope = "events:read"
    serializer_class = EventSerializer
    filterset_class = EventFilter
    ordering = ("-id",)
    ordering_fields = ("id",)

    def get_queryset(self) -> QuerySet[Any]:
        kept_since = timezone.now() - dt.timedelta(days=settings.WEBHOOK_EVENT_LOG_DAYS)
        return super().get_queryset().filter(pk__gte=first_id(kept_since))

    def get_object(self) -> Event:
        shown_id = self.kwargs["pk"]
        if not shown_id.startswith(EVENT_ID_PREFIX):
            raise exceptions.NotFound
        self.kwargs["pk"] = shown_id.removeprefix(EVENT_ID_PREFIX)
        event: Event = super().get_object()
        return event

    def show_records(self, records: list[Event]) -> list[Any]:
        """Return events as they were sent; taken apart where fields are chosen."""
        if self.selection.fields is None:
            return [orjson.Fragment(event.body) for event in records]
        return [orjson.loads(event.body) for event in records]

    def show_one(self, record: Event) -> Row:
        """Return an event as it was sent."""
        body: Row = orjson.loads(record.body)
        return body

    def by_id(self, keys: Iterable[str], selection: Selection) -> dict[str, Row]:
        """Return events by their public ids."""
        wanted = [key.removeprefix(EVENT_ID_PREFIX) for key in keys]
        events = self.get_queryset().filter(pk__in=wanted)
        return {
            event.public_id: picked(orjson.loads(event.body), selection)
            for event in events
        }

    @extend_schema(parameters=[EVENT_ID])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show one event, as it was sent."""
        return super().retrieve(request, *args, **kwargs)


class EventTypesView(APIView):
    """The kinds of events that endpoints can ask for."""

    read_scope = "webhooks:read"

    @extend_schema(responses=EventTypeListSerializer)
    def get(self, request: Request) -> Response:
        """List every type with what it tells."""
        types = [
            {"type": declared.name, "description": str(declared.description)}
            for declared in EventType.all()
        ]
        return Response({"results": types})
