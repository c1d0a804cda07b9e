"""What integrators and auditors read: usage, calls, security and integration events."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.audit.events import IntegrationKind
from integrations.audit.models import IntegrationEvent, LoggedCall, SecurityRecord
from integrations.audit.usage import MAX_BUCKETS, Bucket, Usage, summary_of
from organizations.access import OrganizationAccess
from organizations.security import SecurityKind
from organizations.serializers import StrictSerializer
from organizations.viewsets import OrganizationReadViewSet

#: How far back usage is told where nothing is said.
USUAL_SPAN = dt.timedelta(days=30)


class UsageQuestionSerializer(StrictSerializer):
    """Whose usage is asked for, of when and how finely."""

    since = serializers.DateTimeField(
        required=False, help_text="30 days ago where it is not given."
    )
    until = serializers.DateTimeField(
        required=False, help_text="Now where it is not given; not included."
    )
    bucket = serializers.ChoiceField(
        [(each.value, each.value) for each in Bucket], default=Bucket.DAY.value
    )
    credential = serializers.CharField(
        required=False, help_text="The id of a credential, without its kind."
    )
    route = serializers.CharField(
        required=False, help_text="As `/api/v1/employees/{id}/`."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Fill the span in and keep it within what may be asked at once.

        Raises:
            ValidationError: for a span that ends before it begins, or is too fine.
        """
        attrs.setdefault("until", timezone.now())
        attrs.setdefault("since", attrs["until"] - USUAL_SPAN)
        if attrs["since"] >= attrs["until"]:
            raise ValidationError(
                {"until": ValidationError(_("The end comes first."), code="order")}
            )
        length = Bucket(attrs["bucket"]).length
        if (attrs["until"] - attrs["since"]) / length > MAX_BUCKETS:
            sentence = _("Ask for a shorter time or for longer buckets.")
            raise ValidationError(
                {"bucket": ValidationError(sentence, code="too_fine")}
            )
        return attrs


class UsageNumbersSerializer(serializers.Serializer[Any]):
    """Calls, errors, bytes and latencies; a percentile is off by 19 % at most."""

    calls = serializers.IntegerField()
    client_errors = serializers.IntegerField(help_text="Answers 400 to 499.")
    server_errors = serializers.IntegerField(help_text="Answers 500 to 599.")
    bytes_in = serializers.IntegerField()
    bytes_out = serializers.IntegerField()
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True)


class UsageOfTimeSerializer(UsageNumbersSerializer):
    """The usage of one bucket of time."""

    starts_at = serializers.DateTimeField()


class UsageOfNameSerializer(UsageNumbersSerializer):
    """The usage of one route or credential."""

    name = serializers.CharField(help_text="`METHOD route`, or `kind:id`.")


class UsageSerializer(serializers.Serializer[Any]):
    """How the organization's API was used."""

    total = UsageNumbersSerializer()
    series = UsageOfTimeSerializer(many=True)
    routes = UsageOfNameSerializer(many=True)
    credentials = UsageOfNameSerializer(many=True)


class UsageView(APIView):
    """How the API was used; counted within a minute or two."""

    read_scope = "audit:read"
    query_parameters = frozenset(UsageQuestionSerializer().fields)

    @extend_schema(parameters=[UsageQuestionSerializer], responses=UsageSerializer)
    def get(self, request: Request) -> Response:
        """Show calls, errors, bytes and latencies: over time, by route, by credential.

        Times are those of UTC; minutes are kept for days, hours for months.
        """
        question = UsageQuestionSerializer(data=request.query_params.dict())
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        assert isinstance(request.auth, OrganizationAccess)
        summary = summary_of(
            request.auth.organization,
            since=asked["since"],
            until=asked["until"],
            bucket=Bucket(asked["bucket"]),
            credential_id=asked.get("credential"),
            route=asked.get("route"),
        )
        return Response(
            {
                "total": _shown(summary.total),
                "series": [
                    {"starts_at": at} | _shown(usage) for at, usage in summary.series
                ],
                "routes": _named(summary.routes),
                "credentials": _named(summary.credentials),
            }
        )


def _shown(usage: Usage) -> dict[str, Any]:
    return {name: getattr(usage, name) for name in Usage.__slots__}


def _named(found: Iterable[tuple[str, Usage]]) -> list[dict[str, Any]]:
    return [{"name": name} | _shown(usage) for name, usage in found]


class MomentFilter(filters.FilterSet):  # type: ignore[misc]
    """What every log is narrowed by."""

    since = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")
    actor = filters.CharFilter(field_name="actor_id")
    request_id = filters.CharFilter()
    address = filters.CharFilter()


class LogSerializer(serializers.Serializer[Any]):
    """What every row of a log has."""

    id = serializers.UUIDField()
    occurred_at = serializers.DateTimeField()
    actor_type = serializers.CharField(
        help_text="`user`, `api_key`, `oauth_app` or `system`."
    )
    actor_id = serializers.CharField(allow_null=True)
    address = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)


class LogViewSet(OrganizationReadViewSet):
    """A log, the newest first."""

    read_scope = "audit:read"
    ordering = ("-id",)
    ordering_fields = ("id",)


class LoggedCallSerializer(LogSerializer):
    """One call of the API."""

    credential_kind = serializers.CharField()
    credential_id = serializers.CharField()
    method = serializers.CharField()
    route = serializers.CharField()
    status = serializers.IntegerField()
    agent = serializers.CharField(allow_blank=True)
    duration_us = serializers.IntegerField(help_text="Microseconds.")
    bytes_in = serializers.IntegerField()
    bytes_out = serializers.IntegerField()

    class Meta:
        model = LoggedCall


class CallFilter(MomentFilter):
    """What the log of calls is narrowed by."""

    credential = filters.CharFilter(field_name="credential_id")
    method = filters.CharFilter()
    route = filters.CharFilter()
    status = filters.NumberFilter()


class CallViewSet(LogViewSet):
    """The calls of the API, as long as they are kept."""

    serializer_class = LoggedCallSerializer
    filterset_class = CallFilter


class EventSerializer(LogSerializer):
    """Something that was told."""

    subject = serializers.CharField(
        allow_blank=True, help_text="What it is about, as `user:` and an id."
    )
    reason = serializers.CharField(allow_blank=True)
    details = serializers.DictField(help_text="What else is known.")


class SecurityEventSerializer(EventSerializer):
    """Something that touches security."""

    kind = serializers.CharField(help_text="A word of OWASP's Logging Vocabulary.")

    class Meta:
        model = SecurityRecord


class SecurityEventFilter(MomentFilter):
    """What the log of security events is narrowed by."""

    kind = filters.ChoiceFilter(
        choices=[(each.value, each.value) for each in SecurityKind]
    )
    subject = filters.CharFilter()


class SecurityEventViewSet(LogViewSet):
    """What touches the organization's security; see ``verify_security_log``."""

    serializer_class = SecurityEventSerializer
    filterset_class = SecurityEventFilter


class IntegrationEventSerializer(EventSerializer):
    """Something that happened with another system."""

    kind = serializers.CharField()

    class Meta:
        model = IntegrationEvent


class IntegrationEventFilter(MomentFilter):
    """What the log of integration events is narrowed by."""

    kind = filters.ChoiceFilter(
        choices=[(each.value, each.value) for each in IntegrationKind]
    )
    subject = filters.CharFilter()


class IntegrationEventViewSet(LogViewSet):
    """What happened between this installation and other systems."""

    serializer_class = IntegrationEventSerializer
    filterset_class = IntegrationEventFilter
