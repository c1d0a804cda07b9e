"""The usual API of the same model, to measure ours against: all defaults of DRF.

ModelSerializer and ModelViewSet, DRF's JSON renderer and cursor pagination, simplejwt's
authentication with its query for the user.
"""

from typing import Any

from django.urls import include, path
from rest_framework import (
    pagination,
    parsers,
    renderers,
    routers,
    serializers,
    viewsets,
)
from rest_framework.permissions import IsAuthenticated
from rest_framework_simplejwt.authentication import JWTAuthentication

from employees.models import Employee
from organizations.classes import INTERNAL
from people_hr.urls import urlpatterns as real

FIELDS = [name for name, kept in Employee.classes().items() if kept is not INTERNAL]


class Serializer(serializers.ModelSerializer[Employee]):
    class Meta:
        model = Employee
        fields = FIELDS
        read_only_fields = ("version",)


class Pages(pagination.CursorPagination):
    ordering = ("last_name", "first_name", "id")
    page_size_query_param = "limit"
    max_page_size = 1000


class ViewSet(viewsets.ModelViewSet[Employee]):
    queryset = Employee._base_manager.all()
    serializer_class = Serializer
    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)
    renderer_classes = (renderers.JSONRenderer,)
    parser_classes = (parsers.JSONParser,)
    pagination_class = Pages
    filter_backends = ()

    def perform_create(self, serializer: Any) -> None:
        organization = self.request.user.memberships.get().organization
        serializer.save(organization=organization)


router = routers.SimpleRouter()
router.register("employees", ViewSet, "baseline-employee")
urlpatterns = [path("baseline/", include(router.urls)), *real]
